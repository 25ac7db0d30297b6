"""pantherlog test as a user runs it: test files, comparison, what is shown, exit codes."""

import json

import pytest

from tests.tools.pantherlog_lines import CSV_SCHEMA, JSON_SCHEMA, Pantherlog

PASSES = """\
name: all is as expected
logType: Custom.Acme
input: |
  {"at": "2022-03-14T09:26:53Z",
   "ip": "192.0.2.1", "n": 1}
result: |
  {"at": "2022-03-14T09:26:53Z", "ip": "192.0.2.1", "n": 1.0, "other": null,
   "p_log_type": "{{.LogType}}", "p_row_id": "anything", "p_parse_time": "anything",
   "p_event_time": "2022-03-14T10:26:53+01:00", "p_any_ip_addresses": ["192.0.2.1"]}
"""
FAILS = """\
name: one member is wrong
logType: Custom.Acme
input: '{"n": 1, "ip": "192.0.2.1"}'
result: '{"n": 2, "extra": "x", "p_log_type": "Custom.Acme", "ip": "192.0.2.1"}'
"""


@pytest.fixture
def pantherlog(request, tmp_path):
    tool = Pantherlog(request, tmp_path)
    tool.write("acme.yml", JSON_SCHEMA)
    return tool


def tried(pantherlog, *documents, flags=()):
    """Runs tests of the Acme schema."""
    pantherlog.write("t.yml", "---\n".join(documents))
    return pantherlog.run("test", *flags, "acme.yml", "t.yml")


def case(**keys):
    """A test as YAML, which JSON is."""
    return json.dumps({"name": "case", "logType": "Custom.Acme", **keys}) + "\n"


# ---- pass and fail -------------------------------------------------------------------------------


def test_a_test_that_passes_shows_its_name(pantherlog):
    result = tried(pantherlog, "", PASSES, "", PASSES)
    assert (result.code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == ["PASS all is as expected"] * 2 + ["2 passed, 0 failed"]


def test_a_test_that_fails_shows_what_differs(pantherlog):
    result = tried(pantherlog, PASSES, FAILS)
    assert (result.code, result.stderr) == (1, "")
    assert result.stdout.splitlines() == [
        "PASS all is as expected",
        "FAIL one member is wrong",
        "  n: got 1, want 2",
        '  extra: got nothing, want "x"',
        '  p_any_ip_addresses: got ["192.0.2.1"], want nothing',
        "1 passed, 1 failed",
    ]


def test_json_output_has_an_object_for_each_test_and_a_summary(pantherlog):
    result = tried(pantherlog, PASSES, FAILS, flags=JSON)
    passed, failed, total = result.records
    assert passed == {
        "file": "t.yml", "name": "all is as expected", "logType": "Custom.Acme", "passed": True,
        "diff": [],
    }  # fmt: skip
    assert failed["passed"] is False
    assert failed["diff"][0] == {"path": "n", "got": 1, "want": 2}
    assert total == {"passed": 1, "failed": 1}


JSON = ("-output", "json")
EVENT = {"n": 1, "p_log_type": "Custom.Acme"}
CASES = [
    ("no result: no events", {"input": '{"n": 1}'}, "1 event, not 0"),
    ("a wrong type", {"logType": "No.Such", "input": "x"}, 'unresolved log type "No.Such"'),
    ("a failure", {"input": "{}", "result": json.dumps(EVENT)}, "the input fails: n: is missing"),
    ("error: true", {"input": "{}", "error": True}, None),
    ("error: true and no failure", {"input": '{"n":1}', "error": True}, "the input does not fail"),
    ("error: a part of the reason", {"input": "{}", "error": "missing"}, None),
    ("error: any reason and no failure", {"input": '{"n":1}', "error": ""}, "does not fail"),
    ("error: another reason", {"input": "{}", "error": "clock"}, "another reason: n: is"),
    ("error: false", {"input": '{"n":1}', "error": False, "result": json.dumps(EVENT)}, None),
    ("the expectation is no JSON", {"input": '{"n":1}', "result": "{"}, "event is no JSON: "),
    ("the expectation is a list", {"input": '{"n":1}', "result": "[]"}, "is no JSON object"),
    ("two inputs", {"inputs": ['{"n":1}', '{"n":1}'], "results": [json.dumps(EVENT)] * 2}, None),
    ("result goes before results", {
        "input": '{"n":1}', "inputs": ['{"n":2}'], "result": json.dumps(EVENT),
        "results": [json.dumps(EVENT | {"n": 2})],
    }, None),
    ("the second event differs", {
        "inputs": ['{"n":1}', '{"n":2}'], "results": [json.dumps(EVENT)] * 2,
    }, "[1].n: got 2, want 1"),
    ("too few events", {"input": '{"n":1}', "results": [json.dumps(EVENT)] * 2}, "1 event, not 2"),
    ("another log type", {"input": '{"n":1}', "result": '{"n":1,"p_log_type":"X"}'}, "p_log_type"),
    ("now", {
        "input": '{"n":1}', "now": "2020-01-02T03:04:05Z",
        "result": json.dumps(EVENT | {"p_event_time": "2020-01-02T03:04:05Z"}),
    }, None),
    ("no event time: the time of parsing", {
        "input": '{"n":1,"at":"2022-03-14T09:26:53Z"}',
        "result": json.dumps(EVENT | {"at": "2022-03-14T09:26:53Z"}),
    }, "p_event_time"),
]  # fmt: skip


@pytest.fixture(scope="module")
def outcomes(request, tmp_path_factory):
    """What became of CASES, by name: they are run at once."""
    tool = Pantherlog(request, tmp_path_factory.mktemp("cases"))
    tool.write("acme.yml", JSON_SCHEMA)
    result = tried(tool, *(case(name=name, **keys) for name, keys, _ in CASES), flags=JSON)
    assert result.code == 1 and result.records[-1]["passed"] == sum(not one[2] for one in CASES)
    return {one["name"]: one for one in result.records[:-1]}


@pytest.mark.parametrize("name, reason", [(name, reason) for name, _, reason in CASES])
def test_what_passes_and_what_fails(outcomes, name, reason):
    outcome = outcomes[name]
    assert outcome["passed"] is (reason is None)
    if reason is not None:
        first = outcome["diff"][0]
        shown = first["path"] and f"{first['path']}: got {first['got']}, want {first['want']}"
        assert reason in (shown or first["got"])


def test_a_time_without_quotes_is_a_time(pantherlog):
    expected = json.dumps(EVENT | {"p_event_time": "2020-01-02T03:04:05Z"})
    rest = f"logType: Custom.Acme\ninput: '{{\"n\":1}}'\nresult: '{expected}'\n"
    times = ("2020-01-02T03:04:05Z", "2020-01-02T05:04:05+02:00", "2020-01-02 03:04:05")
    result = tried(pantherlog, *(f"name: at {now}\nnow: {now}\n{rest}" for now in times))
    assert result.stdout.splitlines()[-1] == "3 passed, 0 failed", result.stdout


def test_the_clock_of_the_command_line_is_for_tests_without_one(pantherlog):
    expected = json.dumps(EVENT | {"p_event_time": "2020-01-02T03:04:05Z"})
    flags = ("-now", "2020-01-02T03:04:05Z")
    assert tried(pantherlog, case(input='{"n":1}', result=expected), flags=flags).code == 0


def test_inputs_go_to_one_parser_and_a_header_gives_no_events(pantherlog):
    pantherlog.write("table.yml", CSV_SCHEMA)
    expected = '{"n":1,"word":"one","p_log_type":"Custom.Table"}'
    keys = {"name": "rows", "logType": "Custom.Table"}
    pantherlog.write(
        "t.yml",
        json.dumps({**keys, "inputs": ["n,word", "1,one"], "result": expected})
        + "\n---\n"
        + json.dumps({**keys, "name": "header", "input": "n,word"}),
    )
    result = pantherlog.run("test", "table.yml", "t.yml")
    assert result.stdout == "PASS rows\nPASS header\n2 passed, 0 failed\n"


def test_built_in_types_can_be_tested_too(pantherlog):
    result = tried(pantherlog, case(logType="AWS.VPCFlow", input="no header", error="header"))
    assert result.code == 0


# ---- files ---------------------------------------------------------------------------------------


BROKEN = [
    (case(input="{}", resolve=True), "test 1: unknown key 'resolve'"),
    (PASSES + "---\n- a\n", "test 2 is no map"),
    ("a: [\n", "is no YAML: line 2: "),
    ("[" * 3_000 + "]" * 3_000, "is no YAML: "),
    ("name: x\nnow: 2022-02-30T00:00:00Z\n", "is no YAML: day is out of range for month"),
    ("logType: Custom.Acme\ninput: x\n", "test 1 has no name"),
    ("name: x\ninput: x\n", "test 1 has no logType"),
    ("name: 5\nlogType: Custom.Acme\ninput: x\n", "test 1: name must be text. Put it in quotes."),
    (case(), "test 1 (case) has no input"),
    (case(input={"n": 1}), "test 1 (case): input must be text"),
    (case(input="x", result={"n": 1}), "test 1 (case): result must be text"),
    (case(inputs="x"), "test 1 (case): inputs must be a list of texts"),
    (case(input="x", error=3), "test 1 (case): error must be true or a text"),
    (case(input="x", now="noon"), "test 1 (case): now is no RFC 3339 time"),
    (case(input="x", result="{{.Row}}"), "test 1 (case): the only template mark is"),
]


def test_a_file_that_is_no_test_file_fails_and_others_go_on(pantherlog):
    for place, (text, _) in enumerate(BROKEN):
        pantherlog.write(f"{place}.yml", text)
    pantherlog.write("good.yml", PASSES)
    files = [f"{place}.yml" for place in range(len(BROKEN))]
    result = pantherlog.run("test", "acme.yml", *files, "good.yml")
    assert (result.code, result.stdout) == (1, "PASS all is as expected\n1 passed, 0 failed\n")
    for file, shown, (_, reason) in zip(files, result.stderr.splitlines(), BROKEN, strict=True):
        assert shown.startswith(f"pantherlog: {file}: {reason}")


def test_tests_in_a_folder_are_found(pantherlog):
    pantherlog.write("s/acme.yml", JSON_SCHEMA)
    pantherlog.write("s/acme_tests.yml", PASSES)
    pantherlog.write("s/deep/more_tests.yaml", FAILS)
    pantherlog.write("s/notes.txt", "no test")
    result = pantherlog.run("test", "s")
    assert result.code == 1 and result.stdout.splitlines()[-1] == "1 passed, 1 failed"
    result = pantherlog.run("test", "s", "s/acme_tests.yml")
    assert (result.code, result.stdout.splitlines()[-1]) == (0, "1 passed, 0 failed")


def test_run_chooses_tests_by_name(pantherlog):
    result = tried(pantherlog, PASSES, FAILS, flags=("-run", "as exp[a-z]+d$"))
    assert (result.code, result.stdout.splitlines()[-1]) == (0, "1 passed, 0 failed")


@pytest.mark.parametrize(
    "args, message",
    [
        ((), "no schema is named"),
        (("acme.yml",), "there is no test file for acme.yml"),
        (("empty",), "there is no test file for empty"),
        (("acme.yml", "gone.yml"), "there is no test file gone.yml"),
        (("gone.yml", "t.yml"), "there is no schema file gone.yml"),
        (("-run", "(", "acme.yml", "t.yml"), "-run '(' is no regular expression"),
        (("-run", "nothing", "acme.yml", "t.yml"), ""),
        (("acme.yml", "nothing.yml"), ""),
    ],
)
def test_no_test_to_run_gives_exit_code_2(pantherlog, args, message):
    (pantherlog.folder / "empty").mkdir()
    pantherlog.write("t.yml", PASSES)
    pantherlog.write("nothing.yml", "---\n---\n")
    result = pantherlog.run("test", *args)
    assert result.code == 2 and message in result.stderr
    assert result.stdout in ("", "0 passed, 0 failed\n")


def test_problems_of_a_schema_end_the_run_before_any_test(pantherlog):
    pantherlog.write("bad.yml", "version: 1\nfields: []\n")
    pantherlog.write("t.yml", PASSES)
    result = pantherlog.run("test", "bad.yml", "t.yml")
    assert (result.code, result.stdout) == (1, "")
    assert "bad.yml: version: " in result.stderr and "2 problems" in result.stderr
