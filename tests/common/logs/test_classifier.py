"""Lines are tried as the types that were wrong least often, by name among equals."""

import json
import random

import pytest

from common.logs import registry
from common.logs.classifier import (
    CATCH_ALL,
    MOST_OPENING,
    UNCLASSIFIED,
    Classifier,
    Learnt,
    Statistics,
    Tally,
)
from common.logs.codec import Event
from common.logs.logtype import LogType, log_type
from common.logs.refused import Refused
from tests.common.logs.small_schemas import field, schema, typed
from tests.common.logs.typical_lines import NOW_NS, lines_of

# By log type, the others that take its typical line: the same format, or less that is required.
SHARED = {
    "Apache.AccessCombined": {"Nginx.Access"},
    "Apache.AccessCommon": {"Fastly.Access"},
    "CiscoUmbrella.CloudFirewall": {"CiscoUmbrella.DNS"},
    "CiscoUmbrella.Proxy": {"CiscoUmbrella.DNS"},
    "Fastly.Access": {"Apache.AccessCommon"},
    "Fluentd.Syslog5424": {"Fluentd.Syslog3164"},
    "GSuite.Reports": {"GSuite.ActivityEvent"},
    "GitLab.Integrations": {"GitLab.Git"},
    "Lacework.ChangeFiles": {"Lacework.NewHashes"},
    "Nginx.Access": {"Apache.AccessCombined"},
    "OnePassword.ItemUsage": {"OnePassword.SignInAttempt"},
    "OnePassword.SignInAttempt": {"OnePassword.ItemUsage"},
    "Snyk.GroupAudit": {"Snyk.OrgAudit"},
    "Snyk.OrgAudit": {"Snyk.GroupAudit"},
}


def taking(name, letters, tried=None, is_stateful=False, settles=True):
    """A type that takes lines made of some letters, and notes which lines it was asked for."""

    def parse(line):
        if tried is not None:
            tried.append(name)
        if set(line.decode()) <= set(letters):
            return (Event(name, b"{}", None, b""),)
        raise Refused("has other letters")

    return LogType(name, lambda: parse, False, is_stateful, settles=settles)


def breaking(name, error):
    def parse(line):
        raise error

    return LogType(name, lambda: parse, False, False)


def types_of(classifier, lines):
    """The log type of each line, "" for one that no type takes."""
    return [_type_of(classifier, line) for line in lines]


def _type_of(classifier, line):
    try:
        (event,) = classifier.parse(line.encode())
    except Refused:
        return ""
    return event.log_type


def test_types_are_tried_by_name_with_the_catch_alls_last():
    tried = []
    names = ["Zoo", "GitLab.Git", "Alpha", "Fastly.Access", "Beta"]
    classifier = Classifier([taking(name, "x", tried) for name in names])
    with pytest.raises(Refused, match=UNCLASSIFIED):
        classifier.parse(b"y")
    assert tried == ["Alpha", "Beta", "Zoo", "Fastly.Access", "GitLab.Git"]
    assert classifier.learnt.penalties == dict.fromkeys(names, 2)


def test_after_its_first_line_a_uniform_file_costs_one_try_a_line():
    tried = []
    classifier = Classifier([taking("A", "x", tried), taking("B", "y", tried), taking("C", "y")])
    assert types_of(classifier, "yyy") == ["B", "B", "B"]
    assert tried == ["A", "B", "B", "B"]
    assert classifier.learnt.penalties == {"A": 2, "B": 0, "C": 1}


def test_a_failure_raises_the_penalty_and_a_success_clears_it():
    classifier = Classifier([taking("A", "x"), taking("B", "xy"), taking("C", "xyz")])
    steps = [
        ("z", "C", {"A": 2, "B": 2, "C": 0}),
        ("x", "C", {"A": 2, "B": 2, "C": 0}),
        ("q", "", {"A": 3, "B": 3, "C": 1}),
        ("q", "", {"A": 4, "B": 4, "C": 2}),
        ("y", "C", {"A": 4, "B": 4, "C": 0}),
    ]
    for line, name, penalties in steps:
        assert types_of(classifier, line) == [name]
        assert classifier.learnt.penalties == penalties


def test_after_a_stray_line_a_more_lenient_type_may_take_over():
    """The winner's penalty is that of types that were never tried, and the name decides."""
    classifier = Classifier([taking("A", "x"), taking("B", "y"), taking("Lenient", "xyz")])
    assert types_of(classifier, "xxzx") == ["A", "A", "Lenient", "Lenient"]
    classifier = Classifier([taking("A", "x"), taking("B", "y"), taking("Zoo", "xy")])
    assert types_of(classifier, "xxqx") == ["A", "A", "", "A"]
    lenient_first = [taking("B", "x"), taking("C", "xy"), taking("A", "z")]
    assert types_of(Classifier(lenient_first), "xzyx") == ["B", "A", "C", "C"]


def test_a_catch_all_wins_only_with_a_smaller_penalty():
    classifier = Classifier([taking("GitLab.Git", "xy"), taking("Zoo", "x")])
    assert types_of(classifier, "xyx") == ["Zoo", "GitLab.Git", "GitLab.Git"]
    assert set(registry.names()) >= CATCH_ALL


@pytest.mark.parametrize(
    "error", [RuntimeError("secret"), KeyError("x"), RecursionError(), ValueError("reason")]
)
def test_a_parser_that_breaks_has_failed_and_no_other(error):
    told = []
    types = [breaking("Broken", error), taking("Good", "x")]
    classifier = Classifier(types, debug=told.append)
    assert types_of(classifier, "xxy") == ["Good", "Good", ""]
    assert classifier.learnt.penalties == {"Broken": 3, "Good": 1}
    assert all(text.startswith(("Broken: ", "Good: ")) for text in told)
    assert classifier.statistics.whole.failed == 1


def test_an_interrupt_goes_through_and_forgets_no_type():
    def parse(line):
        raise KeyboardInterrupt

    interrupted = LogType("B", lambda: parse, False, False)
    classifier = Classifier([taking("A", "x"), interrupted, taking("C", "y")])
    with pytest.raises(KeyboardInterrupt):
        classifier.parse(b"y")
    assert {"A", "C"} <= classifier.learnt.penalties.keys()


def test_a_single_type_gives_its_own_reason():
    with pytest.raises(Refused, match="has other letters"):
        Classifier([taking("A", "x")]).parse(b"y")
    with pytest.raises(Refused, match="the parser broke: KeyError"):
        Classifier([breaking("A", KeyError("x"))]).parse(b"y")


def test_no_events_are_a_success():
    header = LogType("Header", lambda: lambda line: (), False, True)
    classifier = Classifier([header, taking("Zoo", "x")])
    assert classifier.parse(b"x") == ()
    assert classifier.learnt.penalties == {"Header": 0, "Zoo": 1}


def test_only_json_types_that_can_be_are_tried_after_the_first():
    tried = []

    def json_type(name, *members):
        def parse(line):
            tried.append(name)
            raise Refused("no")

        return LogType(name, lambda: parse, True, False, lambda: frozenset(members))

    types = [json_type("A", "a"), json_type("B", "a", "b"), json_type("C"), json_type("D", "d")]
    classifier = Classifier([*types, taking("Text", "x", tried)])
    for line, expected in [
        (b'{"a":1,"b":2}', ["A", "B", "C", "Text"]),
        (b'{"d":1}', ["A", "C", "D", "Text"]),
        (b"null", ["A", "C", "Text"]),
        (b"text", ["A", "Text"]),
        (b"[1]", ["A", "Text"]),
        (b'{"a":1,"b":2', ["A", "Text"]),
        (rb'{"a":"\ud800","b":2}', ["A", "B", "C", "Text"]),
    ]:
        tried.clear()
        with pytest.raises(Refused):
            Classifier(list(classifier._types.values())).parse(line)
        assert tried == expected


def test_another_classifier_goes_on_from_known_penalties():
    types = [taking("A", "xy"), taking("B", "x")]
    first = Classifier(types)
    assert types_of(first, "qq") == ["", ""]
    second = Classifier(types, Learnt(first.learnt.penalties | {"B": 1}, {}))
    assert types_of(second, "x") == ["B"]


def test_state_is_known_of_the_last_type_and_of_all_that_were_asked():
    changing = taking("A", "x", is_stateful=True, settles=False)
    types = [changing, taking("B", "y"), taking("C", "z")]
    classifier = Classifier(types, Learnt({"C": 0}, {}))
    types_of(classifier, "z")
    assert (classifier.has_state, classifier.asked_state) == (False, False)
    types_of(classifier, "y")
    assert (classifier.has_state, classifier.asked_state) == (False, True)
    types_of(classifier, "x")
    assert (classifier.has_state, classifier.asked_state) == (True, True)


def counting_up_to(first):
    """A type of numbers: it skips lines until one is at least `first`, and then counts from there,
    whatever the lines say."""

    def new():
        began = []

        def parse(line):
            if began or int(line) >= first:
                began.append(line)
                return (Event("Count", began[0], None, b""),)
            return ()

        return parse

    return LogType("Count", new, False, is_stateful=True)


def test_another_classifier_goes_on_where_one_has_read_the_first_lines():
    types = [counting_up_to(5)]
    first = Classifier(types)
    for line in (b"3", b"4"):
        assert first.parse(line) == ()
    assert first.has_state
    assert first.parse(b"7")[0].body == b"7"
    assert not first.has_state
    assert first.learnt == Learnt({"Count": 0}, {"Count": [b"3", b"4", b"7"]})
    second = Classifier(types, first.learnt)
    assert second.parse(b"1")[0].body == b"7"
    assert not second.asked_state
    assert second.learnt == first.learnt


def test_a_first_line_that_broke_a_parser_does_not_break_another_classifier():
    def new():
        def parse(line):
            return (Event("Fragile", b"%d" % {b"x": 1}[line], None, b""),)

        return parse

    types = [LogType("Fragile", new, False, is_stateful=True)]
    first = Classifier(types)
    with pytest.raises(Refused, match="broke"):
        first.parse(b"y")
    first.parse(b"x")
    assert first.learnt.openings == {"Fragile": [b"y", b"x"]}
    assert Classifier(types, first.learnt).parse(b"x")[0].body == b"1"


def test_lines_that_are_no_opening_of_a_file_are_not_kept():
    classifier = Classifier([counting_up_to(5)])
    for _ in range(MOST_OPENING):
        classifier.parse(b"1")
    classifier.parse(b"9")
    assert classifier.has_state
    assert classifier.learnt.openings == {}


def test_bytes_lines_events_and_failures_are_counted():
    classifier = Classifier([taking("A", "x"), taking("B", "y")])
    types_of(classifier, ["xxx", "y", "q", "xx"])
    statistics = classifier.statistics
    whole = statistics.whole
    assert (whole.bytes, whole.lines, whole.events, whole.failed) == (7, 4, 3, 1)
    assert {name: (one.bytes, one.lines, one.events) for name, one in statistics.types.items()} == {
        "A": (5, 2, 2),
        "B": (1, 1, 1),
    }
    assert all(one.parse_ns > 0 for one in statistics.types.values())


def test_statistics_add_up():
    total = Statistics({"A": Tally(1, 1, 1, 0, 9)}, Tally(1, 2, 0, 4))
    total.add(Statistics({"A": Tally(1, 1, 1, 0, 1), "B": Tally(7)}, Tally(10, 20, 0, 40)))
    assert total == Statistics({"A": Tally(2, 2, 2, 0, 10), "B": Tally(7)}, Tally(11, 22, 0, 44))
    assert total.whole == Tally(20, 24, 2, 44, 10)


def test_a_report_of_several_activities_is_not_taken_for_a_single_one():
    names = ("GSuite.ActivityEvent", "GSuite.Reports")
    reports, activity = (
        b'{"id":{},"kind":"admin#reports#activity","events":[{"name":"a"},{"name":"b"}]}',
        b'{"id":{},"kind":"admin#reports#activity","name":"a"}',
    )
    types = [typed(registry.schema(name)) for name in names]
    for line, name in ((reports, "GSuite.Reports"), (activity, "GSuite.ActivityEvent")):
        (event,) = Classifier(types).parse(line)
        assert event.log_type == name


def test_the_result_does_not_depend_on_the_order_in_which_types_are_given():
    randoms = random.Random(7)
    letters = {"A": "x", "B": "xy", "C": "y", "D": "z", "E": "zq"}
    types = [taking(name, taken) for name, taken in letters.items()]
    lines = randoms.choices("xyzq!", k=300)
    expected = types_of(Classifier(types), lines)
    for _ in range(5):
        randoms.shuffle(types)
        assert types_of(Classifier(types), lines) == expected


# ---- built-in types ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def all_types():
    return [
        log_type(registry.schema(name), False, lambda: NOW_NS, lambda _: None)
        for name in registry.names()
    ]


def takes(one, lines):
    parse = one.new()
    try:
        return [event for line in lines for event in parse(line)] or True
    except ValueError:
        return False


@pytest.mark.parametrize("name", registry.names())
def test_a_typical_line_is_of_its_type_and_few_others(name, all_types):
    taken = {one.name for one in all_types if takes(one, lines_of(name))}
    assert taken == {name} | SHARED.get(name, set())


@pytest.mark.parametrize("name", registry.names())
def test_among_all_types_a_line_is_classified_by_name_and_catch_alls_last(name, all_types):
    classifier = Classifier(all_types)
    events = [event for line in lines_of(name) for event in classifier.parse(line)]
    accepting = {name} | SHARED.get(name, set())
    expected = min(accepting, key=lambda one: (one in CATCH_ALL, one))
    assert {event.log_type for event in events} <= {expected}
    assert set(classifier.statistics.types) == {expected}
    for event in events:
        json.loads(event.body)


DEEP = b"[" * 100_000 + b"]" * 100_000


@pytest.mark.parametrize(
    "line",
    [
        *(b"garbage", b"[1]", b'"x"', b"5", b"null", b"{}", b'{"a":', b"\xff\xfe", b"1" * 100_000),
        *(DEEP, b'{"a":' * 100_000, b'{"Records":[%b]}' % DEEP, b'{"Records":[1,null]}'),
        *(b'{"x":' + DEEP + b"}", b'{"name":"n","aid":"1","x":%b}' % DEEP, b'"' * 100_001),
        rb'{"Records":[{"\ud800":1}],"eventName":"\ud800"}',
    ],
    ids=lambda line: line[:12],
)
def test_no_parser_breaks_at_garbage(line, all_types):
    told = []
    with pytest.raises(Refused, match=UNCLASSIFIED):
        Classifier(all_types, debug=told.append).parse(line)
    assert [text for text in told if "broke" in text] == []


def test_indicators_of_a_line_that_was_refused_are_not_in_the_next_event():
    strict = schema(
        field("host", "string", indicators=["hostname"]), field("n", "int", required=True)
    )
    loose = schema(field("user", "string", indicators=["username"]), schema="Custom.Zoo")
    classifier = Classifier([typed(strict), typed(loose)])
    (event,) = classifier.parse(b'{"host":"a.example","user":"dana"}')
    assert event.log_type == "Custom.Zoo"
    assert event.indicators == b',"p_any_usernames":["dana"]'
    (event,) = classifier.parse(b'{"host":"b.example","n":1}')
    assert event.indicators == b""
