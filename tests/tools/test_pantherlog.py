"""pantherlog parse as a user runs it: schemas, inputs, what is written, exit codes."""

import bz2
import gzip
import json

import pytest
import zstandard

from tests.tools.pantherlog_lines import (
    BAD,
    CSV_SCHEMA,
    FLOW,
    FLOW_HEADER,
    GOOD,
    JSON_SCHEMA,
    NOW,
    Pantherlog,
    events,
    findings,
    lines,
    summary,
    values,
)  # fmt: skip

EVENT = {
    "at": "2022-03-14T09:26:53Z", "ip": "192.0.2.1", "n": 1, "p_log_type": "Custom.Acme",
    "p_event_time": "2022-03-14T09:26:53Z", "p_any_ip_addresses": ["192.0.2.1"],
}  # fmt: skip


@pytest.fixture
def pantherlog(request, tmp_path):
    tool = Pantherlog(request, tmp_path)
    tool.write("acme.yml", JSON_SCHEMA)
    tool.write("table.yml", CSV_SCHEMA)
    return tool


# ---- events and exit codes ---------------------------------------------------------------------


def test_a_file_that_fits_gives_its_events_and_exit_code_0(pantherlog):
    pantherlog.write("a.log", lines(GOOD, "", f"  {GOOD}\r"))
    result = pantherlog.run("parse", "-path", "acme.yml", "a.log")
    assert (result.code, events(result)) == (0, [EVENT, EVENT])
    assert result.stderr == "pantherlog: 3 lines, 2 events, 0 failed, 1 skipped\n"


def test_some_failed_lines_give_exit_code_3_and_never_show_their_content(pantherlog):
    pantherlog.write("a.log", lines(GOOD, BAD, "", "not json: secret", GOOD))
    result = pantherlog.run("parse", "-path", "acme.yml", "a.log")
    assert (result.code, len(events(result))) == (3, 2)
    assert [line.split(": ")[0] for line in findings(result)] == ["a.log:2", "a.log:4"]
    assert findings(result)[0].startswith("a.log:2: n: ")
    assert "secret" not in result.stderr
    assert summary(result) == "5 lines, 2 events, 2 failed, 1 skipped"


def test_debug_shows_the_lines_that_failed(pantherlog):
    pantherlog.write("a.log", lines(GOOD, BAD))
    result = pantherlog.run("parse", "-path", "acme.yml", "-debug", "a.log")
    assert (result.code, len(events(result))) == (3, 1) and BAD in result.stderr


def test_nothing_but_failed_lines_gives_exit_code_1(pantherlog):
    result = pantherlog.run("parse", "-path", "acme.yml", stdin=lines(BAD, ""))
    assert (result.code, result.stdout) == (1, "")
    assert findings(result)[0].startswith("stdin:1: n: ")


def test_an_empty_input_is_no_failure(pantherlog):
    result = pantherlog.run("parse", "-path", "acme.yml", "-", stdin="")
    assert (result.code, result.stdout) == (0, "")
    assert summary(result) == "0 lines, 0 events, 0 failed, 0 skipped"


@pytest.mark.parametrize("flags, limit", [(["-max-errors", "2"], 2), (["-strict"], 1)])
def test_too_many_failures_end_the_output_at_the_last_of_them(pantherlog, flags, limit):
    good = [json.dumps({"n": number}) for number in range(6)]
    pantherlog.write("a.log", lines(good[0], BAD, good[1], BAD, good[2], BAD, good[3]))
    pantherlog.write("b.log", lines(good[4]))
    result = pantherlog.run("parse", "-path", "acme.yml", *flags, "a.log", "b.log")
    assert (result.code, values(result, "n")) == (1, [0, 1][:limit])
    assert [line.split(": ")[0] for line in findings(result)] == ["a.log:2", "a.log:4"][:limit]
    [counted, stopped] = result.stderr.splitlines()[-2:]
    noun = "line" if limit == 1 else "lines"
    assert stopped == f"pantherlog: stopped after {limit} failed {noun}"
    assert counted.endswith(f"{2 * limit} lines, {limit} events, {limit} failed, 0 skipped".replace(
        "1 events", "1 event"
    ))  # fmt: skip


def test_failures_below_the_limit_do_not_stop(pantherlog):
    result = pantherlog.run(
        "parse", "-path", "acme.yml", "-max-errors", "2", stdin=lines(BAD, GOOD)
    )
    assert (result.code, len(events(result))) == (3, 1)


def test_a_failure_limit_counts_over_all_files(pantherlog):
    pantherlog.write("a.log", lines(BAD, GOOD))
    pantherlog.write("b.log", lines(GOOD, BAD, GOOD))
    flags = ("-path", "acme.yml", "-max-errors", "2", "-output", "json")
    result = pantherlog.run("parse", *flags, "a.log", "b.log")
    assert result.code == 1
    assert [(one["file"], one["line"], "error" in one) for one in result.records] == [
        ("a.log", 1, True), ("a.log", 2, False), ("b.log", 1, False), ("b.log", 2, True),
    ]  # fmt: skip


# ---- flags ---------------------------------------------------------------------------------------


def test_source_flags_now_and_datalake_show_in_the_events(pantherlog):
    flags = ("-path", "acme.yml", "-source-id", "id-1", "-source-label", "edge", "-now", NOW)
    result = pantherlog.run("parse", *flags, "-datalake", stdin=lines(GOOD, '{"n":2}'))
    first, second = map(json.loads, result.stdout.splitlines())
    assert first["at"] == first["p_event_time"] == "2022-03-14 09:26:53.000000000"
    assert second["p_event_time"] == second["p_parse_time"] == "2022-06-15 12:00:00.000000000"
    assert (first["p_source_id"], first["p_source_label"]) == ("id-1", "edge")
    assert first["p_row_id"] != second["p_row_id"]
    plain = pantherlog.run("parse", "-path", "acme.yml", "-now", NOW, stdin=lines('{"n":2}'))
    assert values(plain, "p_parse_time") == [NOW]


def test_o_takes_the_place_of_stdout(pantherlog):
    pantherlog.write("out.jsonl", "what was there before, and longer than what comes")
    result = pantherlog.run("parse", "-path", "acme.yml", "-o", "out.jsonl", stdin=lines(GOOD))
    assert (result.code, result.stdout) == (0, "")
    assert json.loads((pantherlog.folder / "out.jsonl").read_text())["n"] == 1


def test_o_never_replaces_an_input(pantherlog):
    pantherlog.write("a.log", lines(GOOD))
    result = pantherlog.run("parse", "-path", "acme.yml", "-o", "./a.log", "a.log")
    assert result.code == 2 and "-o ./a.log is one of the files" in result.stderr
    assert (pantherlog.folder / "a.log").read_text() == lines(GOOD)


@pytest.mark.parametrize("path", ["acme.yml", "."])
def test_o_never_replaces_a_schema(pantherlog, path):
    for command in (("parse", "-path"), ("test", "-s")):
        result = pantherlog.run(*command, path, "-o", "./acme.yml", "-", stdin=lines(GOOD))
        assert result.code == 2 and "-o ./acme.yml is one of the schema files" in result.stderr
    assert (pantherlog.folder / "acme.yml").read_text() == JSON_SCHEMA


def test_name_is_for_schemas_without_one(pantherlog):
    pantherlog.write("plain.yml", JSON_SCHEMA.replace("schema: Custom.Acme\n", ""))
    for flags, name in [((), "Custom.Test"), (("-name", "Custom.Mine"), "Custom.Mine")]:
        result = pantherlog.run("parse", "-path", "plain.yml", *flags, stdin=lines(GOOD))
        assert values(result, "p_log_type") == [name]
    result = pantherlog.run(
        "parse", "-path", "acme.yml", "-name", "Custom.Other", stdin=lines(GOOD)
    )
    assert values(result, "p_log_type") == ["Custom.Acme"]


@pytest.mark.parametrize(
    "flags, message",
    [
        (("-schemas", "AWS.VPCFlow,No.Such,Nor.This"), "no log type 'No.Such', 'Nor.This'"),
        (("-now", "yesterday"), "-now 'yesterday' is not an RFC 3339 time"),
        (("-format", "xml"), "-format 'xml' is not one of auto, lines, json-array, records"),
        (("-max-errors", "-1"), "-max-errors is negative"),
        (("-workers", "-1"), "-workers must be between 0 and 256"),
        (("-workers", "100000"), "-workers must be between 0 and 256"),
        (("-name", "lower"), "-name 'lower' is no log type"),
        (("-name", "Ab"), "-name 'Ab' is no log type"),
        (("-path", "nowhere.yml"), "there is no schema file nowhere.yml"),
        (("-path", "empty"), "there is no schema file below empty"),
        (("-output", "xml"), "-output 'xml' is not one of text, json"),
    ],
)
def test_a_wrong_flag_is_one_line_and_exit_code_2(pantherlog, flags, message):
    (pantherlog.folder / "empty").mkdir()
    result = pantherlog.run("parse", *flags, stdin=lines(GOOD))
    assert (result.code, result.stdout) == (2, "")
    assert len(result.stderr.splitlines()) == 1 and message in result.stderr


# ---- which schemas -------------------------------------------------------------------------------


def test_schemas_of_a_folder_and_built_in_ones_go_together(pantherlog):
    pantherlog.write("s/acme.yml", JSON_SCHEMA)
    pantherlog.write(
        "s/deep/other.yaml", JSON_SCHEMA.replace("Acme", "Other").replace("n\n", "m\n")
    )
    pantherlog.write("s/acme_tests.yml", "no schema at all")
    mixed = lines(GOOD, FLOW_HEADER, FLOW, '{"m":5}')
    result = pantherlog.run("parse", "-path", "s", stdin=mixed)
    assert values(result, "p_log_type") == ["Custom.Acme", "Custom.Other"]
    assert findings(result) == [f"stdin:{n}: failed to classify log line" for n in (2, 3)]
    names = ("-schemas", "Custom.Other, AWS.VPCFlow", "-schemas", "Custom.Acme")
    result = pantherlog.run("parse", "-path", "s", *names, stdin=mixed)
    assert values(result, "p_log_type") == ["Custom.Acme", "AWS.VPCFlow", "Custom.Other"]
    result = pantherlog.run("parse", "-path", "s", "-schemas", "Custom.Other", stdin=mixed)
    assert values(result, "p_log_type") == ["Custom.Other"]


def test_without_a_schema_every_built_in_type_is_tried(pantherlog):
    result = pantherlog.run("parse", stdin=lines(FLOW_HEADER, FLOW))
    assert (result.code, values(result, "p_log_type")) == (0, ["AWS.VPCFlow"])


def test_every_problem_of_every_schema_shows_before_input_is_read(pantherlog):
    pantherlog.write("s/one.yml", "version: 1\nfields:\n- {name: a, type: strin}\n")
    pantherlog.write("s/two.yml", "fields: [\n")
    pantherlog.write("s/three.yml", JSON_SCHEMA)
    result = pantherlog.run("parse", "-path", "s", "-o", "out", stdin=lines(GOOD))
    assert (result.code, result.stdout) == (1, "")
    assert [line.split(": ")[:2] for line in findings(result)] == [
        ["s/one.yml", "version"], ["s/one.yml", "fields.0.type"], ["s/two.yml", "(root)"],
    ]  # fmt: skip
    assert summary(result) == "validation failed with 3 problems"
    assert not (pantherlog.folder / "out").exists()
    result = pantherlog.run("parse", "-path", "s", "-output", "json", stdin=lines(GOOD))
    assert [(one["file"], one["path"]) for one in result.records] == [
        ("s/one.yml", "version"), ("s/one.yml", "fields.0.type"), ("s/two.yml", "(root)"),
    ]  # fmt: skip
    assert all(one["problem"] for one in result.records)


def test_two_schemas_of_one_log_type_are_refused(pantherlog):
    pantherlog.write("s/one.yml", JSON_SCHEMA)
    pantherlog.write("s/two.yml", JSON_SCHEMA)
    result = pantherlog.run("parse", "-path", "s", stdin=lines(GOOD))
    assert result.code == 1 and "s/two.yml and s/one.yml are both the schema" in result.stderr


# ---- inputs --------------------------------------------------------------------------------------


def test_each_csv_file_has_its_own_header(pantherlog):
    pantherlog.write("a.csv", lines("n,word", "1,one"))
    pantherlog.write("b.csv", lines("", "word,n", "two,2", "three", "four,4"))
    result = pantherlog.run("parse", "-path", "table.yml", "a.csv", "b.csv")
    assert result.code == 3
    assert [(one["n"], one["word"]) for one in events(result)] == [
        (1, "one"), (2, "two"), (4, "four")
    ]  # fmt: skip
    assert findings(result) == ["b.csv:4: has 1 columns, not 2"]
    assert summary(result) == "7 lines, 3 events, 1 failed, 3 skipped"


def test_json_output_tells_what_became_of_every_line_that_is_not_blank(pantherlog):
    pantherlog.write("a.csv", lines("n,word", "", "1,one", "x,y"))
    result = pantherlog.run("parse", "-path", "table.yml", "-output", "json", "a.csv")
    header, good, bad = result.records
    assert result.code == 3 and header == {"line": 1, "events": []}
    assert (good["line"], good["events"][0]["word"], set(good)) == (3, "one", {"line", "events"})
    assert bad["line"] == 4 and bad["error"].startswith("n: ") and set(bad) == {"line", "error"}


def test_json_output_names_file_and_log_type_where_there_are_several(pantherlog):
    pantherlog.write("a.log", lines(GOOD))
    pantherlog.write("b.log", lines("", FLOW_HEADER, FLOW, "?"))
    flags = ("-path", "acme.yml", "-schemas", "Custom.Acme,AWS.VPCFlow", "-output", "json")
    result = pantherlog.run("parse", *flags, "a.log", "b.log")
    shown = [{**one, "events": len(one.get("events", ()))} for one in result.records]
    assert shown == [
        {"file": "a.log", "line": 1, "logType": "Custom.Acme", "events": 1},
        {"file": "b.log", "line": 2, "events": 0},
        {"file": "b.log", "line": 3, "logType": "AWS.VPCFlow", "events": 1},
        {"file": "b.log", "line": 4, "error": "failed to classify log line", "events": 0},
    ]
    assert list(result.records[0]) == ["file", "line", "logType", "events"]


@pytest.mark.parametrize(
    "pack",
    [
        gzip.compress,
        lambda data: gzip.compress(data[:70]) + gzip.compress(data[70:]),
        zstandard.ZstdCompressor().compress,
        bz2.compress,
    ],
    ids=["gzip", "two gzip members", "zstd", "bzip2"],
)
def test_compressed_input_is_told_by_its_content(pantherlog, pack):
    packed = pack(lines(GOOD, GOOD, GOOD).encode())
    pantherlog.write("a.log", packed)
    result = pantherlog.run("parse", "-path", "acme.yml", "a.log", "-", stdin=packed)
    assert (result.code, len(events(result))) == (0, 6)


def test_a_line_of_a_megabyte_is_an_event(pantherlog):
    pantherlog.write("wide.yml", JSON_SCHEMA.replace("int", "string"))
    text = "x" * 1_000_003
    result = pantherlog.run(
        "parse", "-path", "wide.yml", stdin=lines('{"n":"1"}', f'{{"n":"{text}"}}', '{"n":"3"}')
    )
    assert (result.code, values(result, "n")) == (0, ["1", text, "3"])


@pytest.mark.parametrize(
    "flags, content, numbers",
    [
        ((), f" [{GOOD},\n{GOOD}]", 2),
        ((), f'{{"Records":[{GOOD},{GOOD},{GOOD}],"more":1}}', 3),
        (("-format", "json-array"), f"[{GOOD}]", 1),
        (("-format", "records"), f'{{"first":[1],"Records":[{GOOD}]}}', 1),
    ],
)
def test_arrays_are_cut_into_their_elements(pantherlog, flags, content, numbers):
    result = pantherlog.run("parse", "-path", "acme.yml", *flags, stdin=content)
    assert (result.code, len(events(result))) == (0, numbers)


def test_the_framing_can_be_forced(pantherlog):
    result = pantherlog.run("parse", "-path", "acme.yml", "-format", "lines", stdin=f"[{GOOD}]\n")
    assert result.code == 1 and findings(result)[0].startswith("stdin:1: ")


# ---- the older form ------------------------------------------------------------------------------


def test_test_with_s_parses_as_parse_does(pantherlog):
    pantherlog.write("a.log", lines(GOOD, BAD))
    result = pantherlog.run("test", "-s", "acme.yml", "-now", NOW, "-o", "out.jsonl", "a.log")
    assert (result.code, result.stdout) == (3, "")
    assert json.loads((pantherlog.folder / "out.jsonl").read_text())["p_parse_time"] == NOW
    result = pantherlog.run("test", "-s", "acme.yml", "-", stdin=lines(GOOD))
    assert (result.code, events(result)) == (0, [EVENT])


@pytest.mark.parametrize(
    "args, message",
    [
        (("-s", "acme.yml"), "there is no file to parse"),
        (("-s", "acme.yml", "-run", "x", "-"), "-run chooses tests"),
        (("-o", "out", "acme.yml"), "-o goes with -s"),
    ],
)
def test_the_older_form_refuses_what_does_not_belong_to_it(pantherlog, args, message):
    result = pantherlog.run("test", *args)
    assert result.code == 2 and message in result.stderr
