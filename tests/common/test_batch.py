"""An entry of a batch counts only when the service confirmed it."""

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

from common.batch import UNANSWERED, Refusal, settle
from common.stop import Stop

PASSING = Refusal("InternalError", "try again")
FINAL = Refusal("InvalidMessageContents", "never", is_final=True)


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch):
    monkeypatch.setattr("random.uniform", lambda low, high: 0.0)


def replies(*answers):
    """A post function that gives prepared answers (functions of the entries) and keeps calls."""
    calls = []
    prepared = list(answers)

    def post(entries):
        calls.append(list(entries))
        answer = prepared.pop(0) if prepared else lambda e: [None] * len(e)
        if isinstance(answer, Exception):
            raise answer
        return answer(entries)

    post.calls = calls
    return post


def client_error(code, status):
    response = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "SendMessageBatch")


def test_only_refused_entries_are_posted_again():
    post = replies(lambda e: [None, PASSING, None, UNANSWERED])
    fates = settle("abcd", post, Stop())
    assert post.calls == [list("abcd"), list("bd")]
    assert [fate.refusal for fate in fates] == [None] * 4
    assert not any(fate.is_doubtful for fate in fates)


def test_final_refusal_is_not_tried_again():
    post = replies(lambda e: [FINAL, None])
    fates = settle("ab", post, Stop())
    assert [fate.refusal for fate in fates] == [FINAL, None]
    assert len(post.calls) == 1


def test_tries_are_bounded():
    post = replies(*[lambda e: [PASSING]] * 99)
    assert settle("a", post, Stop(), tries=4)[0].refusal == PASSING
    assert len(post.calls) == 4


def test_lost_reply_makes_entries_doubtful():
    lost = ConnectionClosedError(endpoint_url="http://x", request=None, error="reset")
    fates = settle("ab", replies(lost), Stop())
    assert [(fate.refusal, fate.is_doubtful) for fate in fates] == [(None, True), (None, True)]


def test_throttled_request_was_not_carried_out():
    fates = settle("ab", replies(client_error("ThrottlingException", 400)), Stop())
    assert [(fate.refusal, fate.is_doubtful) for fate in fates] == [(None, False), (None, False)]


def test_denied_request_is_raised():
    with pytest.raises(ClientError):
        settle("ab", replies(client_error("AccessDenied", 403)), Stop())


def test_entries_confirmed_before_a_lasting_failure_stay_confirmed():
    post = replies(lambda e: [None, PASSING], client_error("AccessDenied", 403))
    fates = settle("ab", post, Stop())
    assert fates[0].refusal is None
    assert fates[1].refusal.code == "AccessDenied" and fates[1].refusal.is_final


def test_stop_request_leaves_open_entries_open():
    stop = Stop()
    stop.request()
    post = replies(lambda e: [None, PASSING])
    assert [fate.refusal for fate in settle("ab", post, stop)] == [None, PASSING]
    assert len(post.calls) == 1
