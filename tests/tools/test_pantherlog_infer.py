"""pantherlog infer as a user runs it: the schema that it writes, and when it refuses."""

import gzip
import json
from pathlib import Path

import pytest
import yaml

from tests.tools.pantherlog_lines import GOOD, Pantherlog, lines

SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "logs" / "infer"


@pytest.fixture
def pantherlog(request, tmp_path):
    return Pantherlog(request, tmp_path)


def fields(text):
    """The fields of a schema: name, type, whether it is required."""
    return [
        (one["name"], one["type"], one.get("required", False))
        for one in yaml.safe_load(text)["fields"]
    ]


# ---- what is inferred ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["mixed", "stable", "types"])
def test_the_shared_cases_come_out_byte_for_byte(pantherlog, name):
    if not SHARED.is_dir():
        pytest.skip("the samples are not on this machine")
    sample = str(SHARED / f"{name}.jsonl")
    # One text of "mixed" is NaN, which looks like a number and is none.
    flags = ("-skip-test",) if name == "mixed" else ()
    result = pantherlog.run("infer", *flags, sample)
    assert (result.code, result.stdout) == (0, (SHARED / f"{name}.yml").read_text())


def test_all_files_give_one_schema(pantherlog):
    pantherlog.write("a.jsonl", lines('{"both":1,"a":true}', ""))
    pantherlog.write("b.jsonl.gz", gzip.compress(lines("", '{"both":1.5,"b":"text"}').encode()))
    result = pantherlog.run("infer", "a.jsonl", "b.jsonl.gz", "-", stdin=lines('{"both":2}'))
    assert result.code == 0 and result.stderr == "pantherlog: 3 records read\n"
    assert sorted(fields(result.stdout)) == [
        ("a", "boolean", False), ("b", "string", False), ("both", "float", True)
    ]  # fmt: skip


def test_the_schema_parses_what_it_was_inferred_from(pantherlog):
    pantherlog.write("a.jsonl", lines(GOOD, '{"at":null,"y":{"deep":[{"n":1},{"n":"x"}]},"n":-7}'))
    inferred = pantherlog.run("infer", "-name", "Custom.Mine", "-event-time", "a.jsonl")
    pantherlog.write("mine.yml", inferred.stdout)
    parsed = pantherlog.run("parse", "-path", "mine.yml", "a.jsonl")
    first, second = map(json.loads, parsed.stdout.splitlines())
    assert (first["p_log_type"], first["p_event_time"]) == ("Custom.Mine", "2022-03-14T09:26:53Z")
    assert second["y"] == {"deep": [{"n": "1"}, {"n": "x"}]}


def test_nulls_and_empty_things_leave_fields_out(pantherlog):
    text = lines('{"a":null,"b":[],"c":{},"d":[{}],"e":""}', '{"a":null,"e":"x"}')
    result = pantherlog.run("infer", "-", stdin=text)
    assert (result.code, fields(result.stdout)) == (0, [("e", "string", True)])


def test_elements_of_an_array_are_records_too(pantherlog):
    for text in ('[{"a":1},{"a":2}]', '{"Records":[{"a":1},{"a":2}]}'):
        result = pantherlog.run("infer", "-", stdin=text)
        assert (result.code, fields(result.stdout)) == (0, [("a", "bigint", True)])
    result = pantherlog.run("infer", "-format", "lines", "-", stdin='{"Records":[{"a":1}]}')
    assert fields(result.stdout) == [("Records", "array", True)]


def test_json_output_is_the_schema_as_json(pantherlog):
    result = pantherlog.run("infer", "-output", "json", "-", stdin=lines('{"a":1}'))
    assert result.records == [
        {"version": 0, "fields": [{"name": "a", "required": True, "type": "bigint"}]}
    ]


def test_indicators_are_suggested_as_comments(pantherlog):
    line = lines(json.dumps({"email": "kim@example.com", "hash": "0" * 31 + "f", "other": "x y z"}))
    plain = pantherlog.run("infer", "-", stdin=line)
    result = pantherlog.run("infer", "-indicators", "-", stdin=line)
    shown = result.stdout.splitlines()
    comments = [text for text in shown if text.lstrip().startswith("#")]
    assert comments == ["  # indicators:", "  # - email", "  # indicators:", "  # - md5"]
    assert shown[: shown.index(comments[0])] == [
        "version: 0", "fields:", "- name: email", "  required: true", "  type: string"
    ]  # fmt: skip
    assert [text for text in shown if text not in comments] == plain.stdout.splitlines()


def test_the_event_time_is_marked_only_when_asked_for(pantherlog):
    line = lines('{"a":"2022-03-14T09:26:53Z","time":"2022-03-14T09:26:53Z"}')
    plain = yaml.safe_load(pantherlog.run("infer", "-", stdin=line).stdout)
    marked = yaml.safe_load(pantherlog.run("infer", "-event-time", "-", stdin=line).stdout)
    assert [one.get("isEventTime") for one in plain["fields"]] == [None, None]
    assert [one.get("isEventTime") for one in marked["fields"]] == [None, True]


# ---- csv -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "flag, delimiter", [(None, ","), (",", ","), ("tab", "\t"), ("space", " ")]
)
def test_csv_takes_its_names_from_the_header_of_each_file(pantherlog, flag, delimiter):
    first = lines("when,n,word", "2022-03-14T09:26:53Z,1,one", "2022-03-14T09:26:53Z,,two")
    pantherlog.write("a.csv", first.replace(",", delimiter))
    pantherlog.write(
        "b.csv", lines("", "word,when", "x,2022-03-14T09:26:53Z").replace(",", delimiter)
    )
    flags = ("-delimiter", flag) if flag else ()
    result = pantherlog.run("infer", "-csv", *flags, "a.csv", "b.csv")
    assert result.code == 0, result.stderr
    assert sorted(fields(result.stdout)) == [
        ("n", "bigint", False), ("when", "timestamp", True), ("word", "string", True)
    ]  # fmt: skip
    parser = yaml.safe_load(result.stdout)["parser"]
    assert parser == {"csv": {"delimiter": delimiter, "hasHeader": True}}


def test_a_row_of_another_width_is_refused_with_its_place(pantherlog):
    pantherlog.write("a.csv", lines("a,b", "1,2", "", "3"))
    result = pantherlog.run("infer", "-csv", "a.csv")
    assert (result.code, result.stdout) == (1, "")
    assert result.stderr == "pantherlog: a.csv:4: 1 columns, the header has 2\n"


# ---- refusals ------------------------------------------------------------------------------------


def test_a_line_that_is_no_json_object_is_named_by_file_and_line(pantherlog):
    pantherlog.write("a.jsonl", lines('{"a":1}'))
    for text, reason in [
        ("secret", "not JSON: Expecting value (character 1)"),
        ("[1]", "not a JSON object"),
    ]:
        pantherlog.write("b.jsonl", lines("", '{"a":1}', "", text))
        result = pantherlog.run("infer", "a.jsonl", "b.jsonl")
        assert (result.code, result.stdout) == (1, "")
        assert result.stderr.startswith(f"pantherlog: b.jsonl:4: {reason}")
        assert "secret" not in result.stderr


def test_names_that_clash_are_refused_unless_the_test_is_skipped(pantherlog):
    pantherlog.write("a.jsonl", lines('{"userAgent":"a","UserAgent":"b"}'))
    result = pantherlog.run("infer", "a.jsonl")
    assert (result.code, result.stdout) == (1, "")
    assert "column name collision" in result.stderr and "-skip-test" in result.stderr
    result = pantherlog.run("infer", "-skip-test", "a.jsonl")
    assert (result.code, len(fields(result.stdout))) == (0, 2)


def test_a_sample_that_its_schema_cannot_read_is_named_by_file_and_line(pantherlog):
    pantherlog.write("a.jsonl", lines('{"a":1.5}'))
    text = lines("", '{"a":"2.5"}', '{"a":"NaN"}')
    result = pantherlog.run("infer", "a.jsonl", "-", stdin=text)
    assert (result.code, result.stdout) == (1, "")
    assert "stdin:3: the inferred schema does not fit: a: " in result.stderr
    assert "-skip-test" in result.stderr
    result = pantherlog.run("infer", "-skip-test", "a.jsonl", "-", stdin=text)
    assert (result.code, fields(result.stdout)) == (0, [("a", "float", True)])


@pytest.mark.parametrize("text", ["", "\n\n", "{}\n", '{"a":null}\n'])
def test_nothing_to_infer_from_is_an_error(pantherlog, text):
    result = pantherlog.run("infer", "-", stdin=text)
    assert (result.code, result.stdout) == (1, "")
    assert result.stderr.endswith("pantherlog: stdin: no fields\n")


@pytest.mark.parametrize(
    "args, message",
    [
        ((), "no file is named"),
        (("-delimiter", ";", "-csv", "-"), "-delimiter ';' is not one of"),
        (("-delimiter", "tab", "-"), "-delimiter goes with -csv"),
        (("-csv", "-format", "records", "-"), "-csv has lines, not -format records"),
        (("-format", "xml", "-"), "-format 'xml' is not one of"),
        (("-name", "lower", "-"), "-name 'lower' is no log type"),
    ],
)
def test_a_wrong_flag_is_one_line_and_exit_code_2(pantherlog, args, message):
    result = pantherlog.run("infer", *args, stdin=lines(GOOD))
    assert (result.code, result.stdout) == (2, "")
    assert message in result.stderr and len(result.stderr.splitlines()) == 1
