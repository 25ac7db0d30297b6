"""pantherlog without a command: all built-in types, and what the classifier learns."""

import json
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice

import pytest

from common.logs.classifier import Classifier
from common.logs.logtype import LogType
from common.logs.refused import Refused
from tests.tools.pantherlog_lines import (
    FLOW,
    FLOW_HEADER,
    GITLAB_API,
    GITLAB_PRODUCTION,
    NOW,
    TELEPORT,
    Pantherlog,
    findings,
    lines,
    stable,
    summary,
    values,
)

APACHE = '192.0.2.9 - kim [10/Oct/2020:13:55:36 -0700] "GET /a.gif HTTP/1.0" 200 2326'
MIXED = lines(
    GITLAB_API, "nobody's line", APACHE, "", FLOW_HEADER, FLOW, TELEPORT, GITLAB_PRODUCTION, FLOW
)  # fmt: skip


@pytest.fixture
def pantherlog(request, tmp_path):
    return Pantherlog(request, tmp_path)


def test_two_types_interleaved_are_told_apart(pantherlog):
    pairs = [GITLAB_API, GITLAB_PRODUCTION] * 5
    result = pantherlog.run(stdin=lines(*pairs))
    assert (result.code, findings(result)) == (0, [])
    assert values(result, "p_log_type") == ["GitLab.API", "GitLab.Production"] * 5


def test_a_header_is_consumed_and_read_by_the_lines_behind_it(pantherlog):
    result = pantherlog.run(stdin=lines(FLOW_HEADER, FLOW, FLOW))
    assert (result.code, values(result, "p_log_type")) == (0, ["AWS.VPCFlow"] * 2)
    assert summary(result) == "3 lines, 2 events, 0 failed, 1 skipped"


def test_an_unknown_line_in_the_middle_is_reported_and_the_rest_goes_on(pantherlog):
    result = pantherlog.run(stdin=lines(TELEPORT, "nobody's secret line", "", TELEPORT))
    assert (result.code, values(result, "p_log_type")) == (3, ["Gravitational.TeleportAudit"] * 2)
    assert findings(result) == ["line 2: failed to classify log line"]
    assert summary(result) == "4 lines, 2 events, 1 failed, 1 skipped"


def test_nothing_known_gives_exit_code_1(pantherlog):
    result = pantherlog.run(stdin=lines("one", "", "two"))
    assert (result.code, result.stdout, len(findings(result))) == (1, "", 2)


def test_a_header_is_something_known(pantherlog):
    result = pantherlog.run(stdin=lines(FLOW_HEADER, "one"))
    assert (result.code, result.stdout, len(findings(result))) == (3, "", 1)


def test_strict_ends_at_the_first_unknown_line(pantherlog):
    result = pantherlog.run("-strict", stdin=lines(TELEPORT, "nobody's line", TELEPORT))
    assert (result.code, len(values(result, "uid"))) == (1, 1)
    assert summary(result) == "stopped after 1 failed line"


def test_events_are_data_lake_json_unless_told_otherwise(pantherlog):
    lake = pantherlog.run("-source-id", "id-1", "-source-label", "edge", stdin=lines(TELEPORT))
    [event] = map(json.loads, lake.stdout.splitlines())
    assert event["time"] == "2022-03-14 09:26:53.000000000"
    assert (event["p_source_id"], event["p_source_label"]) == ("id-1", "edge")
    plain = pantherlog.run("-datalake=false", "-now", NOW, stdin=lines(TELEPORT))
    [event] = map(json.loads, plain.stdout.splitlines())
    assert (event["time"], event["p_parse_time"]) == ("2022-03-14T09:26:53Z", NOW)


def test_debug_tells_of_each_line_in_the_words_of_the_original(pantherlog):
    result = pantherlog.run("-debug", stdin=lines(FLOW_HEADER, "", FLOW, "?", ""))
    assert [line for line in findings(result) if line.startswith("[DEBUG]")] == [
        "[DEBUG] Writing debug output",
        "[DEBUG] Line=1 NumEvents=0",
        "[DEBUG] Empty line 2",
        "[DEBUG] Line=3 NumEvents=1",
        "[DEBUG] Empty line 5",
        "[DEBUG] Scanned 5 lines",
        "[DEBUG] Parsed 1 events",
    ]


def test_json_output_has_an_object_for_each_line(pantherlog):
    result = pantherlog.run("-output", "json", stdin=lines(TELEPORT, "", "?"))
    first, second = result.records
    assert (first["line"], first["logType"]) == (1, "Gravitational.TeleportAudit")
    assert second == {"line": 3, "error": "failed to classify log line"}


def test_a_file_without_a_command_is_refused(pantherlog):
    result = pantherlog.run("some.log")
    assert result.code == 2 and "unexpected argument 'some.log'" in result.stderr


def test_twenty_runs_give_the_same_output_whatever_the_hash_seed(pantherlog):
    names = (
        "GitLab.API,AWS.VPCFlow,GitLab.Production,Apache.AccessCommon,Fastly.Access,Syslog.RFC3164"
    )

    def outcome(seed):
        flags = () if seed < 2 else ("-schemas", f"{names},Gravitational.TeleportAudit")
        env = {"PYTHONHASHSEED": str(seed)}
        result = pantherlog.run("parse", "-datalake", "-now", NOW, *flags, stdin=MIXED, env=env)
        shown = [json.dumps(stable(json.loads(line))) for line in result.stdout.splitlines()]
        return result.code, "\n".join(shown), result.stderr

    with ThreadPoolExecutor(2) as threads:
        found = set(threads.map(outcome, range(20)))
    [(code, shown, _)] = found
    assert (code, shown.count("\n") + 1) == (3, 6)


# ---- what the classifier learns ------------------------------------------------------------------


def test_after_a_stray_line_a_more_lenient_type_takes_over(pantherlog):
    field = (
        "version: 0\nschema: {}\nfields:\n- {{name: a, type: int{}}}\n- {{name: b, type: int}}\n"
    )
    pantherlog.write("s/one.yml", field.format("Custom.Aaa", ", required: true"))
    pantherlog.write("s/two.yml", field.format("Custom.Bbb", ""))
    result = pantherlog.run("parse", "-path", "s", stdin=lines('{"a":1}', '{"b":1}', '{"a":1}'))
    assert values(result, "p_log_type") == ["Custom.Aaa", "Custom.Bbb", "Custom.Bbb"]


def test_a_catch_all_type_goes_last(pantherlog):
    names = ("-schemas", "Fastly.Access,Apache.AccessCommon")
    result = pantherlog.run("parse", *names, stdin=lines(APACHE, APACHE))
    assert values(result, "p_log_type") == ["Apache.AccessCommon"] * 2
    alone = pantherlog.run("parse", "-schemas", "Fastly.Access", stdin=lines(APACHE))
    assert values(alone, "p_log_type") == ["Fastly.Access"]


def test_a_parser_that_breaks_counts_as_one_that_fails():
    def breaks(line):
        return 1 // 0

    def takes(line):
        if line != b"mine":
            raise Refused("not mine")
        return ()

    told = []
    types = [LogType("Custom.Aaa", lambda: breaks, False, False),
             LogType("Custom.Bbb", lambda: takes, False, False)]  # fmt: skip
    classifier = Classifier(types, debug=told.append)
    assert [list(classifier.parse(b"mine")) for _ in range(3)] == [[], [], []]
    with pytest.raises(Refused, match="failed to classify"):
        classifier.parse(b"other")
    assert "Custom.Aaa: its parser broke: ZeroDivisionError" in told[0]
    assert (classifier.statistics.whole.lines, classifier.statistics.whole.failed) == (4, 1)


# ---- several processes ---------------------------------------------------------------------------


def long_stream():
    """More than a pool needs to be worth it; types come and go, some lines are of none."""
    head = [TELEPORT, FLOW_HEADER, FLOW, *[GITLAB_API] * 1_000]
    wide = GITLAB_PRODUCTION.replace('"show"', f'"{"w" * 6_000}"')
    body = islice(cycle([wide, wide, TELEPORT, "?"]), 1_600)
    tail = [*[GITLAB_API] * 3_000, FLOW, *[GITLAB_PRODUCTION] * 3_000, *[TELEPORT] * 16_000, "?"]
    return lines(*head, *body, "", *tail)


@pytest.mark.parametrize("style", ["text", "json"])
def test_several_processes_write_what_one_writes(pantherlog, style):
    pantherlog.write("long.log", long_stream())
    names = "AWS.VPCFlow,GitLab.API,GitLab.Production,Gravitational.TeleportAudit"
    flags = ("-schemas", names, "-now", NOW, "-output", style)
    one = pantherlog.run("parse", *flags, "-workers", "1", "long.log")
    two = pantherlog.run("parse", *flags, "-workers", "2", "long.log")
    assert one.code == two.code == 3 and one.stderr == two.stderr
    assert len(findings(one)) == 401
    assert shown_and_ids(one, style)[0] == shown_and_ids(two, style)[0]
    ids = shown_and_ids(two, style)[1]
    assert len(set(ids)) == len(ids) > 22_000
    assert len({one[:24] for one in ids}) > 1, "nothing was parsed in another process"


def shown_and_ids(result, style):
    """What was written without row ids, and these."""
    records = result.records
    events = records if style == "text" else [
        event for one in records for event in one.get("events", ())
    ]  # fmt: skip
    ids = [event.pop("p_row_id") for event in events]
    return records, ids
