"""filegen's parts: draws, columns, plans, and rows for schemas of all kinds of parsers."""

import json
import re
from collections import Counter
from random import Random

import pytest

from common.errors import ToolError
from common.logs.grok import BUILTIN
from common.logs.load import build
from common.logs.patterns import engine, expression_of
from tests.tools.filegen_files import HOUR
from tests.tools.filegen_files import parser as parser_of
from tools.filegen import columns, pools, walk
from tools.filegen.choosing import size_of
from tools.filegen.csv_rows import csv_header
from tools.filegen.destination import existing
from tools.filegen.draw import SECOND_NS, Batch, table, zipf_table
from tools.filegen.files import Job, Made, Settings, name_of
from tools.filegen.generators import first_refusal, generator
from tools.filegen.main import Options, refuse_to_overwrite
from tools.filegen.preview import is_large
from tools.filegen.regex_rows import RENDERED, parts_of, pattern_column
from tools.filegen.report import Manifest
from tools.filegen.walk import Kind, Plan

NOW = HOUR * SECOND_NS


def batch(rows=1000, is_full=False, seed=1):
    return Batch(Random(seed), [NOW] * rows, is_full)


def schema_of(fields, **parser):
    """A user's schema with these fields and one parser."""
    data = {"schema": "Custom.Test", "fields": fields, **({"parser": parser} if parser else {})}
    loaded = build(data, "test.yml")
    assert loaded.schema, loaded.problems
    return loaded.schema


# ---- draws and columns -----------------------------------------------------------------------


def test_every_item_of_a_table_has_its_share():
    assert Counter(table("abcd", 256)) == dict.fromkeys("abcd", 64)


def test_in_a_zipf_table_the_first_items_have_most_and_all_have_some():
    counts = Counter(zipf_table([str(number) for number in range(200)]))
    assert sum(counts.values()) == 4096
    assert min(counts.values()) >= 1
    assert counts["0"] > 1.8 * counts["1"] > 1.8 * counts["3"]


def test_numbers_stay_in_their_bounds_and_reach_them():
    found = {int(text) for text in columns.number(-2, 5)(batch())}
    assert found == set(range(-2, 6))
    found = [int(text) for text in columns.number(0, 99_999)(batch())]
    assert 0 <= min(found) < 1000 < 99_000 < max(found) <= 99_999


def test_filled_text_keeps_its_literals():
    for text in columns.filled("id-????.x?")(batch(100)):
        assert re.fullmatch(r"id-[A-Za-z0-9]{4}\.x[A-Za-z0-9]", text)


def test_uuids_are_of_version_4():
    for text in columns.uuids()(batch(100)):
        assert re.fullmatch(
            r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", text
        )


def test_lists_have_none_to_three_elements_and_elements_the_time_of_their_row():
    moments = [NOW + row * SECOND_NS for row in range(200)]
    column = columns.listed(columns.time("unix"))
    texts = column(Batch(Random(1), moments, False))
    assert {text.count(",") + bool(text) for text in texts} == {0, 1, 2, 3}
    for ns, text in zip(moments, texts, strict=True):
        assert {int(part) * SECOND_NS for part in text.split(",") if part} <= {ns}


def test_optional_values_are_there_in_seven_of_ten_rows_or_in_all():
    column = columns.sometimes(columns.constant("x"))
    assert 650 < column(batch()).count("x") < 750
    assert column(batch(is_full=True)).count("x") == 1000


def test_addresses_come_from_the_pool_from_elsewhere_and_of_ipv6():
    found = pools.addresses()
    assert len(found) == 4096
    new = [one for one in found if ":" in one]
    assert len(new) == 410
    known = [one for one in found if not one.startswith("10.") or int(one.split(".")[1]) < 64]
    assert 0.69 < (len(known) - len(new)) / 4096 < 0.72
    assert len({*known} - {*new}) == 200


# ---- plans -----------------------------------------------------------------------------------


def test_a_plan_by_number_goes_through_hours_types_and_files():
    plan = Plan([Kind("A.B", "", 2, 5), Kind("C.D", "f", 1, 6)], HOUR, HOUR + 3600)
    jobs = list(walk.jobs(plan))
    assert [(job.log_type, job.hour - HOUR, job.place) for job in jobs] == [
        ("A.B", 0, 0), ("A.B", 0, 1), ("C.D", 0, 0),
        ("A.B", 3600, 0), ("A.B", 3600, 1), ("C.D", 3600, 0),
    ]  # fmt: skip
    assert [job.number for job in jobs] == list(range(6))
    assert plan.files == 6


def test_terabytes_a_day_count_the_last_hour():
    assert walk.bytes_for(2.0, HOUR, HOUR) == 2 * 1024**4 // 24
    assert walk.bytes_for(1.0, HOUR, HOUR + 23 * 3600) == 1024**4


@pytest.mark.parametrize(
    ("text", "size"),
    [("0", 0), ("500", 500), ("3K", 3072), ("2M", 2**21), ("1G", 2**30), ("1T", 2**40)],
)
def test_sizes_are_powers_of_1024(text, size):
    assert size_of(text, "bytes") == size


def test_a_million_files_or_a_terabyte_is_large():
    assert not is_large(Plan([Kind("A.B", "", 1_000_000, 1)], HOUR, HOUR))
    assert is_large(Plan([Kind("A.B", "", 1_000_001, 1)], HOUR, HOUR))
    assert is_large(Plan([Kind("A.B", "", 10, 200_000_000)], HOUR, HOUR))
    assert is_large(Plan([Kind("A.B", "", 1, 1)], HOUR, HOUR, 2**40 + 1))
    assert not is_large(Plan([Kind("A.B", "", 1, 1)], HOUR, HOUR, 2**40))


# ---- writing ---------------------------------------------------------------------------------


def test_files_of_another_run_are_found_before_anything_is_written(tmp_path):
    (tmp_path / "b").write_text("")
    assert existing(tmp_path, iter(("a", "b", "c"))) == "b"
    assert existing(tmp_path, iter(("a", "c"))) == ""
    assert existing(tmp_path / "new", iter(("a",))) == ""


def test_a_random_seed_never_overwrites(tmp_path):
    plan = Plan([Kind("AWS.ALB", "", 3, 1)], HOUR, HOUR)
    settings = Settings(77)
    wanted = Options(plan, settings, "", tmp_path, "in", 1, 1, None, False, False)
    refuse_to_overwrite(tmp_path, wanted)
    last = [*walk.jobs(plan)][-1]
    file = tmp_path / "in" / name_of(settings, last)
    file.parent.mkdir(parents=True)
    file.write_text("of another run")
    with pytest.raises(ToolError, match=r"is of another run\. .*-force"):
        refuse_to_overwrite(tmp_path, wanted)


def test_the_manifest_keeps_the_order_of_files_that_are_finished_in_another(tmp_path):
    file = tmp_path / "files.jsonl"
    manifest = Manifest(file)
    for number in (2, 0, 1, 5, 4):
        manifest.add(str(number), Made(Job(number, "A.B", "", HOUR, 0, 1), "", b"", 0, "", "", ()))
    manifest.close()
    assert [json.loads(line)["key"] for line in file.read_text().splitlines()] == list("01245")


# ---- schemas ---------------------------------------------------------------------------------

AT = {"name": "at", "type": "timestamp", "timeFormat": "rfc3339", "required": True,
      "isEventTime": True}  # fmt: skip
EVERY_TYPE = [
    AT,
    {"name": "text", "type": "string"},
    {"name": "chosen", "type": "string", "required": True, "validate": {"allow": ["a", 'b"c']}},
    {"name": "other", "type": "string", "validate": {"deny": ["ada.baker"]},
     "indicators": ["username"]},
    {"name": "address", "type": "string", "required": True, "validate": {"ip": "ipv6"}},
    {"name": "network", "type": "string", "required": True, "validate": {"cidr": "any"}},
    {"name": "small", "type": "smallint", "required": True},
    {"name": "whole", "type": "int", "required": True},
    {"name": "large", "type": "bigint", "required": True},
    {"name": "part", "type": "float", "required": True},
    {"name": "flag", "type": "boolean", "required": True},
    {"name": "free", "type": "json"},
    {"name": "ms", "type": "timestamp", "timeFormat": "unix_ms"},
    {"name": "day", "type": "timestamp", "timeFormat": "%d/%b/%Y:%H:%M:%S %z"},
    {"name": "we ird.na@me", "type": "string"},
    {"name": "load%s", "type": "int", "required": True},
    {"name": "free%d", "type": "int"},
    {"name": "inner", "type": "object", "required": True, "fields": [
        {"name": "needed", "type": "int", "required": True}, {"name": "more", "type": "string"}]},
    {"name": "list", "type": "array", "element": {"type": "object", "fields": [
        {"name": "id", "type": "string", "indicators": ["trace_id"]}]}},
]  # fmt: skip


@pytest.mark.parametrize("is_full", [True, False])
def test_json_rows_have_every_type_of_the_schema_language(is_full):
    schema = schema_of(EVERY_TYPE)
    parse = parser_of(schema)
    for row in generator(schema, False).rows(batch(200, is_full)):
        (event,) = parse(row.encode())
        assert event.time_ns == NOW
        members = json.loads(row)
        assert members["other"] != "ada.baker" if "other" in members else True


SCALARS = [AT, {"name": "who", "type": "string"}, {"name": "n", "type": "int"}]


@pytest.mark.parametrize(
    "config",
    [
        {"hasHeader": True, "delimiter": ","},
        {"hasHeader": False, "columns": ["at", "", "who", "n"], "delimiter": "\t"},
        {"hasHeader": True, "columns": ["n", "who", "at"], "delimiter": ","},
        {"hasHeader": False, "columns": ["n", "who", "at"], "delimiter": " ", "emptyValues": ["-"]},
    ],
)
def test_csv_rows_have_the_columns_of_the_schema(config):
    schema = schema_of(SCALARS, csv=config)
    one = generator(schema, False)
    parse = parser_of(schema)
    assert bool(csv_header(schema)) is config["hasHeader"]
    if one.header:
        assert parse(one.header.encode()) == ()
    for row in one.rows(batch(200)):
        (event,) = parse(row.strip().encode())
        assert event.time_ns == NOW


@pytest.mark.parametrize(
    "parser",
    [
        {"csv": {"delimiter": ",", "hasHeader": True}},
        {"csv": {"delimiter": " ", "hasHeader": False, "columns": ["n", "time", "date", "who"]}},
        {"fastmatch": {"match": ['%{date} at %{time} "%{who}" %{n}']}},
        {"regex": {"match": [r"%{DATA:date} %{TIME:time} %{WORD:who}$"]}},
    ],
    ids=["csv with a header", "csv", "fastmatch", "regex"],
)
def test_fields_that_templates_put_together_are_taken_apart(parser):
    ((kind, config),) = parser.items()
    config["expandFields"] = {"at": "%{date}T%{ time }Z"}
    schema = schema_of(SCALARS, **{kind: config})
    one = generator(schema, False)
    parse = parser_of(schema)
    if one.header:
        assert one.header == "who,n,date,time"
        parse(one.header.encode())
    for row in one.rows(batch(100)):
        assert "2022-03-14T" not in row
        (event,) = parse(row.strip().encode())
        assert event.time_ns == NOW


@pytest.mark.parametrize(
    "match",
    [
        "%{at} %{who} %{n}",
        '[%{at}] "%{who}" <%{n}>',
        "%{who}|%{unknown}|%{at}|100%|%{n}",
        "%{n}: %{at}; %{who}",
        "%{}-%{at}=%{who} ",
    ],
)
def test_fastmatch_values_never_hold_the_text_that_ends_them(match):
    schema = schema_of(SCALARS, fastmatch={"match": [match], "emptyValues": ["-"]})
    parse = parser_of(schema)
    for row in generator(schema, False).rows(batch(300)):
        (event,) = parse(row.encode())
        assert event.time_ns == NOW


def test_fastmatch_puts_escaped_quotes_into_quoted_values():
    schema = schema_of(SCALARS, fastmatch={"match": ['%{at} "%{who}"']})
    rows = generator(schema, False).rows(batch())
    parse = parser_of(schema)
    quoted = [row for row in rows if '\\"' in row]
    assert 5 < len(quoted) < 40
    for row in quoted:
        assert b'\\"x\\"' in parse(row.encode())[0].body


@pytest.mark.parametrize(
    "match",
    [
        r"^%{TIMESTAMP_ISO8601:at} %{USER:who} %{INT:n}$",
        r"%{TIMESTAMP_ISO8601:at}\s+\[%{DATA:who}\]\s*\(%{NUMBER:n}\)",
        r"%{SYSLOGTIMESTAMP} %{TIMESTAMP_ISO8601:at} 100% %{GREEDYDATA:who}",
    ],
)
def test_expressions_of_literals_and_tags_are_rendered(match):
    schema = schema_of(SCALARS, regex={"match": [match], "emptyValues": [""]})
    assert first_refusal(generator(schema, False), schema, HOUR) == ""


@pytest.mark.parametrize(
    "match", [r"a|b %{WORD:who}", r"[ab]%{WORD:who}", r"(?:x)?%{WORD:who}", r"\d+ %{WORD:who}",
              r"a{2}%{WORD:who}", r".*%{WORD:who}", r"(?P<who>x)"]
)  # fmt: skip
def test_other_expressions_are_refused(match):
    with pytest.raises(ValueError, match="cannot generate for this expression"):
        list(parts_of(match))


def test_every_built_in_pattern_is_rendered():
    assert BUILTIN.keys() == RENDERED


@pytest.mark.parametrize("name", sorted(RENDERED))
def test_texts_of_built_in_patterns_match_them(name):
    expression = engine()(expression_of([f"%{{{name}}}"], {})[0])
    for text in pattern_column(name)(batch(50)):
        assert expression.fullmatch(text), text


def test_a_schema_of_a_native_parser_gets_that_parsers_rows():
    fields = [{"name": "timestamp", "type": "timestamp", "timeFormat": "rfc3339"}]
    schema = schema_of(fields, native={"name": "Syslog.RFC5424"})
    assert first_refusal(generator(schema, False), schema, HOUR) == ""
