"""s3sns's pure parts: requests and replies of SNS, addresses, attributes, ages, windows."""

from datetime import UTC, datetime
from urllib.parse import parse_qs, unquote_plus

import pytest
from botocore.exceptions import ClientError

from common import notify, s3
from common.batch import UNANSWERED, Refusal
from common.errors import UsageError
from common.listing import Range
from common.s3xml import Object
from common.selection import Chunk
from common.wire import Reply
from tools.s3sns import ages, main, messages, topics
from tools.s3sns.messages import Entry

ARN = "arn:aws:sns:us-east-1:123456789012:panther-processed-data-notifications"
KEYS = [
    "logs/aws_cloudtrail/year=2021/month=02/day=05/hour=09/20210205T090000Z-1.json.gz",
    "a b+c=d%e/\u00e9\u65e5.gz",
    'quote"back\\slash/tab\tline\n\x01',
    "<&>/\u2028~*'()",
    "no-folder",
    "folder/",
]


def found(key, size=123, modified="2021-02-05T09:00:00.000Z"):
    return Object(key, modified, "", size, "")


def entry(key, attributes=()):
    return Entry(messages.renderer("bucket")(found(key)), attributes)


# ---- requests --------------------------------------------------------------------------------


@pytest.mark.parametrize("key", KEYS)
def test_rendered_message_is_the_event_form_encoded(key):
    rendered = messages.renderer("my.bucket-1")(found(key, 77))
    assert unquote_plus(rendered) == notify.processed_event("my.bucket-1", key, 77)


def botocore_request(operation, parameters):
    """The form fields that the SDK would send, decoded."""
    from botocore.session import Session

    client = Session().create_client("sns", region_name="us-east-1")
    model = client.meta.service_model.operation_model(operation)
    body = client._serializer.serialize_to_request(parameters, model)["body"]
    return {name: [value] for name, value in body.items()}


class FakeWire:
    """Keeps the bodies of requests; answers with prepared replies, then confirms everything."""

    path = ""

    def __init__(self):
        self.sent = []
        self.prepared = []

    def send(self, operation, method, path, query, headers, body):
        self.sent.append(parse_qs(body.decode(), strict_parsing=True, keep_blank_values=True))
        answer = self.prepared.pop(0) if self.prepared else None
        if isinstance(answer, Exception):
            raise answer
        ids = [value[0] for name, value in self.sent[-1].items() if name.endswith(".Id")]
        done = [f"<member><Id>{i}</Id><MessageId>m</MessageId></member>" for i in ids]
        return Reply(200, b"", reply("".join(done)))


@pytest.fixture
def wire(monkeypatch):
    """A TopicWire whose requests go to the FakeWire in `wire.fake`."""
    from botocore.session import Session

    from common.aws import Aws

    monkeypatch.setattr("common.wire.Wire", lambda *_: fake)
    fake = FakeWire()
    session = Session()
    session.set_config_variable("region", "us-east-1")
    made = topics.TopicWire(Aws(session, "test"), topics.Topic("t", "us-east-1", ARN), print)
    made.fake = fake
    return made


def client_error(code, status=400):
    response = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "PublishBatch")


ATTRIBUTES = (("type", "RuleMatches"), ("id", "My Rule=1 & \u00e9+%"))


@pytest.mark.parametrize("attributes", [(), ATTRIBUTES])
def test_batch_request_says_what_the_sdk_would_say(wire, attributes):
    told = {name: {"DataType": "String", "StringValue": value} for name, value in attributes}
    expected = botocore_request("PublishBatch", {
        "TopicArn": ARN,
        "PublishBatchRequestEntries": [
            {"Id": str(number), "Message": messages.body("bucket", found(key)),
             "MessageAttributes": told}
            for number, key in enumerate(KEYS)
        ],
    })  # fmt: skip
    assert wire.publish([entry(key, attributes) for key in KEYS]) == [None] * len(KEYS)
    assert wire.fake.sent == [expected]


def test_single_request_says_what_the_sdk_would_say(wire):
    told = {name: {"DataType": "String", "StringValue": value} for name, value in ATTRIBUTES}
    expected = botocore_request("Publish", {
        "TopicArn": ARN, "Message": messages.body("bucket", found(KEYS[1])),
        "MessageAttributes": told,
    })  # fmt: skip
    wire.fake.prepared = [client_error("InvalidAction")]
    assert wire.publish([entry(KEYS[1], ATTRIBUTES)]) == [None]
    assert wire.fake.sent[1:] == [expected]


def test_endpoint_without_batches_gets_single_messages_from_then_on(wire):
    wire.fake.prepared = [
        client_error("InvalidAction"), None, client_error("Throttling"),
        client_error("InvalidParameter"), client_error("InternalError", 500),
    ]  # fmt: skip
    answers = wire.publish([entry(f"k{number}") for number in range(5)])
    assert [answer and answer.code for answer in answers] == [
        None, "Throttling", "InvalidParameter", "InternalError", None,
    ]  # fmt: skip
    assert [answer and answer.is_final for answer in answers] == [None, False, True, False, None]
    assert [answer and answer.is_doubtful for answer in answers] == [
        None, False, False, True, None,
    ]  # fmt: skip
    wire.publish([entry("k")])
    assert [request["Action"] for request in wire.fake.sent] == [["PublishBatch"]] + [
        ["Publish"]
    ] * 6


def test_lost_permission_is_not_an_entrys_fault(wire):
    wire.fake.prepared = [client_error("InvalidAction"), None, client_error("AuthorizationError")]
    with pytest.raises(ClientError, match="AuthorizationError"):
        wire.publish([entry("a"), entry("b")])


def test_batch_that_is_too_large_becomes_several_requests(wire):
    keys = [character * 60_000 for character in "abcde"]
    wire.fake.prepared = [None, client_error("Throttling")]
    answers = wire.publish([entry(key) for key in keys])
    assert len(wire.fake.sent) == 2
    assert [answer and answer.code for answer in answers] == [None] * 4 + ["Throttling"]


def test_text_that_only_its_encoding_makes_long_stays_in_one_request(wire):
    assert wire.publish([entry("\u65e5" * 10_000)] * 8) == [None] * 8
    assert len(wire.fake.sent) == 1


def test_message_beyond_every_limit_fails_alone(wire):
    wire.fake.prepared = [None, client_error("BatchRequestTooLong"), None]
    answers = wire.publish([entry("a"), entry("b" * 300_000), entry("c")])
    assert [answer and answer.code for answer in answers] == [None, "BatchRequestTooLong", None]
    assert answers[1].is_final


@pytest.mark.parametrize("key", KEYS)
def test_size_of_an_entry_counts_text_attributes_and_id(key):
    text = messages.body("bucket", found(key)).encode()
    attributes = sum(len((name + "String" + value).encode()) for name, value in ATTRIBUTES)
    assert messages.entry_bytes(entry(key, ATTRIBUTES)) == len(text) + attributes + len("0")


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([], []),
        ([3], [(0, 1)]),
        ([3, 3, 4], [(0, 3)]),
        ([3, 3, 5], [(0, 2), (2, 3)]),
        ([11, 1, 1], [(0, 1), (1, 3)]),
        ([1, 11, 1], [(0, 1), (1, 2), (2, 3)]),
        ([10, 10], [(0, 1), (1, 2)]),
    ],
)
def test_entries_are_split_where_they_outgrow_a_request(sizes, expected):
    assert [(part.start, part.stop) for part in messages.parts(sizes, 10)] == expected


# ---- replies ---------------------------------------------------------------------------------


def reply(inside):
    text = f"<PublishBatchResponse><PublishBatchResult>{inside}</PublishBatchResult>"
    return (text + "</PublishBatchResponse>").encode()


DONE_0 = "<member><Id>0</Id><MessageId>m-0</MessageId></member>"
DONE_1 = "<member>\n <MessageId>m-1</MessageId>\n <Id>1</Id>\n</member>"
FAILED_1 = (
    "<member><Id>1</Id><Code>InternalError</Code><Message>a &amp; b</Message>"
    "<SenderFault>false</SenderFault></member>"
)
BLAMED_1 = FAILED_1.replace("InternalError", "InvalidParameter").replace("false", "true")
THROTTLED_1 = FAILED_1.replace("InternalError", "KMSThrottling").replace("false", "true")


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        (f"<Successful>{DONE_0}{DONE_1}</Successful><Failed/>", [None, None]),
        (f"<Failed/><Successful>{DONE_1}{DONE_0}</Successful>", [None, None]),
        (f"<Failed>{FAILED_1}</Failed><Successful>{DONE_0}</Successful>",
         [None, Refusal("InternalError", "a & b")]),
        (f"<Failed>{BLAMED_1}</Failed>", [UNANSWERED, Refusal("InvalidParameter", "a & b", True)]),
        (f"<Failed>{THROTTLED_1}</Failed>", [UNANSWERED, Refusal("KMSThrottling", "a & b")]),
        ("<Successful/><Failed/>", [UNANSWERED, UNANSWERED]),
        (f"<Successful>{DONE_0.replace('>0<', '>7<')}</Successful>", [UNANSWERED, UNANSWERED]),
    ],
)  # fmt: skip
def test_reply_is_read_entry_by_entry(inside, expected):
    assert messages.answers(reply(inside), 2) == expected


def test_reply_that_cannot_be_read_confirms_nothing():
    assert messages.answers(b"<html>proxy error</html>", 2) == [UNANSWERED] * 2


# ---- addresses -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("my-topic_1", topics.Address("my-topic_1", account="1")),
        (ARN, topics.Address(ARN.rpartition(":")[2], "aws", "us-east-1", "123456789012")),
        ("arn:aws-cn:sns:cn-north-1:2:t", topics.Address("t", "aws-cn", "cn-north-1", "2")),
    ],
)
def test_topic_is_a_name_or_an_arn(text, expected):
    assert topics.parse_address(text, "1") == expected


@pytest.mark.parametrize(
    "text",
    ["a b", "arn:aws:sqs:us-east-1:1:q", "arn:aws:sns:us-east-1:1:", "arn:aws:sns::1:t", "a.fifo",
     "arn:aws:sns:us-east-1:1:t:subscription", "arn:aws:sns:us-east-1:1:t.fifo", "x" * 257],
)  # fmt: skip
def test_other_topics_are_refused(text):
    with pytest.raises(UsageError, match="-topic"):
        topics.parse_address(text, "")


@pytest.mark.parametrize(
    ("region", "partition"),
    [("us-east-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")],
)
def test_arn_has_the_partition_of_the_region(region, partition):
    class Session:
        def account(self):
            return "9"

    Session.region = region
    topic = topics.locate(Session(), topics.Address("t"))
    assert topic.arn == f"arn:{partition}:sns:{region}:9:t"
    assert topics.locate(Session(), topics.Address("t", account="5")).arn.endswith(":5:t")


# ---- attributes ------------------------------------------------------------------------------

HOUR = "year=2021/month=02/day=05/hour=09"


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (f"logs/aws_alb/{HOUR}/f", (("type", "LogData"), ("id", "of aws_alb"))),
        (f"cloud_security/resource_history/{HOUR}/f",
         (("type", "CloudSecurity"), ("id", "of resource_history"))),
        (f"rules/aws_alb/{HOUR}/rule_id=My Rule=1/f",
         (("type", "RuleMatches"), ("id", "My Rule=1"))),
        (f"rule_errors/aws_alb/{HOUR}/rule_id=R%201/f", (("type", "RuleErrors"), ("id", "R 1"))),
    ],
)  # fmt: skip
def test_attributes_of_the_four_kinds_of_data(key, expected):
    attributes_of = main.attributes_by(lambda bucket, key, table: f"of {table}")
    assert attributes_of("b", found(key)) == expected


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("other/t/f", "NoDataType"),
        ("logs/f", "NoDataType"),
        (f"rules/t/{HOUR}/f", "NoRuleId"),
        (f"rules/t/{HOUR}/rule_id=/f", "NoRuleId"),
    ],
)
def test_objects_that_are_no_processed_data_have_no_attributes(key, code):
    refusal = main.attributes_by(lambda *_: "X")("b", found(key))
    assert (refusal.code, refusal.is_final) == (code, True)


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [("", True), ("l", True), ("logs/", True), ("logs/aws/", True), ("cloud_sec", True),
     ("rules/", False), ("rule_errors/t/", False), ("logs2/", False)],
)  # fmt: skip
def test_prefix_tells_whether_rules_can_run_again(prefix, expected):
    assert main.may_hold(s3.Path("b", prefix), ("logs/", "cloud_security/")) is expected
    assert main.may_hold(None, ("logs/",)) is True


def test_partition_window_is_closed_at_start_and_open_at_end():
    start, end = datetime(2021, 2, 5, 9, tzinfo=UTC), datetime(2021, 2, 5, 11, tzinfo=UTC)
    hours = [f"logs/t/year=2021/month=02/day=05/hour={hour:02}/f" for hour in (8, 9, 10, 11)]
    inside = main.in_partitions(start, end)
    assert [inside(key) for key in hours] == [False, True, True, False]
    assert [main.in_partitions(start, None)(key) for key in hours] == [False, True, True, True]
    assert [main.in_partitions(None, end)(key) for key in hours] == [True, True, True, False]
    assert not main.in_partitions(start, None)("logs/t/no-hour")


# ---- ages ------------------------------------------------------------------------------------


def warnings(*times):
    now = datetime(2021, 6, 1, tzinfo=UTC)
    chunks = [Chunk(Range(), "b", [found("k", 1, time)], 1, 0, "", False) for time in times]
    said = []
    assert list(ages.watched(chunks, now, said.append)) == chunks
    return [14 * ("14 days" in text) + 64 * ("64 days" in text) for text in said]


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        (["2021-05-31T00:00:00.000Z", "2021-05-18T00:00:00.000Z"], []),
        (["2021-05-17T00:00:00.000Z", "2021-05-01T00:00:00.000Z"], [14]),
        (["2021-05-17T00:00:00.000Z", "2021-01-01T00:00:00.000Z"], [14, 64]),
        (["2021-01-01T00:00:00.000Z", "2021-05-17T00:00:00.000Z"], [64]),
        (["", ""], []),
    ],
)
def test_each_age_is_warned_about_once(times, expected):
    assert warnings(*times) == expected
