"""logprocessor as a user runs it: what is read, which objects are written, what is told."""

import bz2
import gzip
import json

import pytest
import zstandard

from tests.tools.logprocessor_files import (
    APP,
    DAY,
    WEB,
    app,
    cloudtrail,
    events_of,
    hours_of,
    message,
    objects_in,
    process,
    schemas,
    text,
    web,
)

__all__ = ["process", "schemas"]  # fixtures

LINES = [app("09:00:00", "one"), app("09:00:01", "two"), web("09:00:02"), app("10:00:00", "é")]
PLAIN = text(*LINES).encode()
BUILTIN = ("-logtype", "AWS.CloudTrail", "-output", "json", "-out", "-")


WRAPPINGS = {
    "plain": PLAIN,
    "gzip of two members": gzip.compress(PLAIN[:70]) + gzip.compress(PLAIN[70:]),
    "zstd": zstandard.compress(PLAIN),
    "bzip2": bz2.compress(PLAIN),
    "no line end": PLAIN.removesuffix(b"\n"),
    "CRLF": PLAIN.replace(b"\n", b"\r\n"),
    "BOM": b"\xef\xbb\xbf" + PLAIN,
    "blank lines": b"\n\n" + PLAIN.replace(b"\n", b"\n\n"),
    "array": json.dumps([json.loads(line) for line in LINES], indent=2).encode(),
}


# ---- what is read ----------------------------------------------------------------------------


def test_the_same_records_give_the_same_events_in_any_wrapping(process, tmp_path):
    for name, data in WRAPPINGS.items():
        (tmp_path / name).write_bytes(data)
    result = process("-out", "-", *WRAPPINGS)
    assert result.code == 0, result.stderr
    lines = result.stdout.splitlines()
    events = {
        name: events_of("\n".join(lines[4 * n : 4 * n + 4])) for n, name in enumerate(WRAPPINGS)
    }
    assert [event["p_log_type"] for event in events["plain"]] == [APP, APP, APP, WEB]
    assert {name for name, found in events.items() if found != events["plain"]} == set()


@pytest.mark.parametrize("name", ["111122223333_CloudTrail_us-east-1_20210205T0000Z_x.json", "x"])
def test_records_are_found_among_other_members(run_tool, tmp_path, name):
    file = tmp_path / name
    whole = {"Records": [cloudtrail(1), cloudtrail(2)], "after": {"Records": [3]}}
    if name != "x":
        whole = {"before": [{"x": 1}], **whole}
    file.write_text(json.dumps(whole, indent=1))
    result = run_tool("logprocessor", *BUILTIN, str(file))
    assert result.code == 0, result.stderr
    assert [event["eventID"] for event in result.records] == ["e1", "e2"]


def test_an_array_may_hold_what_is_no_object(process, tmp_path):
    (tmp_path / "a.json").write_text(f"[{app('09:00:00')}, 1, null]")
    result = process("-out", "none", "-output", "json", "a.json")
    assert result.code == 3
    assert (result.records[0]["records"], result.records[0]["failed"]) == (3, 2)


def test_a_wanted_framing_overrides_the_guess(process, tmp_path):
    (tmp_path / "a.json").write_text(f"[{app('09:00:00')}]")
    assert process("-out", "none", "a.json").code == 0
    assert process("-out", "none", "-format", "lines", "a.json").code == 3


def test_empty_input_is_no_failure(process, tmp_path):
    empty = {"a": b"", "b": b"\n\n", "c": gzip.compress(b""), "d": b"[]", "e": b" [\n] "}
    for name, data in empty.items():
        (tmp_path / name).write_bytes(data)
    result = process("-output", "json", *empty)
    assert result.code == 0
    (told,) = result.records
    assert (told["records"], told["blank"], told["objects"]) == (0, 2, 0)
    assert not (tmp_path / "processed").exists()


def test_stdin_and_several_files_are_read_one_after_the_other(process, tmp_path):
    (tmp_path / "a").write_text(text(app("09:00:00", "file")))
    (tmp_path / "b").write_text(text(app("09:00:00", "flag")))
    result = process("-out", "-", "-file", "b", "a", "-", stdin=text(app("09:00:00", "stdin")))
    assert [event["app"] for event in result.records] == ["flag", "file", "stdin"]


def test_every_file_has_its_own_numbers_of_records(process, tmp_path):
    for name in "ab":
        (tmp_path / name).write_text(text(app("09:00:00"), "what", ""))
    result = process("-source-id", "S1", "-source-label", "L1", "-out", "none", "a", "b")
    assert result.code == 3
    for name in "ab":
        assert f"{name}:2: failed to classify log line (source S1, L1)\n" in result.stderr
    assert "what" not in result.stderr


def test_of_many_failed_records_the_first_hundred_are_named(process, tmp_path):
    (tmp_path / "a").write_text("no\n" * 1000)
    (tmp_path / "b").write_text("no\n" * 99)
    result = process("-out", "none", "-output", "json", "a", "b")
    assert (result.code, result.records[0]["failed"]) == (3, 1099)
    assert result.stderr.count("failed to classify") == 199
    assert result.stderr.count("further records that fail are only counted") == 1


def test_the_reason_of_a_failure_is_for_debugging(run_tool, schemas):
    flags = ("-schemas", str(schemas), "-logtype", APP, "-out", "none")
    plain = run_tool("logprocessor", *flags, "-", stdin='{"at":1}')
    debug = run_tool("logprocessor", *flags, "-debug", "-", stdin='{"at":1}')
    assert "stdin:1: failed to classify log line\n" in plain.stderr
    assert "stdin:1: failed to classify log line: " in debug.stderr


# ---- what is written -------------------------------------------------------------------------


def test_three_hours_of_two_types_are_six_objects(process, tmp_path):
    clocks = ("08:59:59.999999999", "09:00:00", "09:59:59", "10:00:00")
    lines = [make(clock) for clock in clocks for make in (app, web)]
    result = process("-", stdin=text(*lines))
    assert (result.code, result.stdout) == (0, "")
    found = objects_in(tmp_path / "processed")
    assert hours_of(found) == [
        (table, hour) for table in ("custom_app", "custom_web") for hour in ("08", "09", "10")
    ]
    for key, content in found.items():
        folder, _, file = key.rpartition("/")
        table, hour = hours_of([key])[0]
        assert folder == f"logs/{table}/{DAY}/hour={hour}"
        assert file.startswith(f"20210205T{hour}0000Z-")
        assert len(content.splitlines()) == (2 if hour == "09" else 1)
        assert {event["p_log_type"].lower() for event in events_of(content)} == {
            table.replace("_", ".")
        }


def test_an_event_without_time_goes_to_the_hour_of_its_parsing(process, tmp_path):
    process("-", stdin='{"app":"x"}\n')
    ((key, content),) = objects_in(tmp_path / "processed").items()
    event = json.loads(content)
    assert event["p_event_time"] == event["p_parse_time"]
    year, month, day = event["p_parse_time"][:10].split("-")
    hour = event["p_parse_time"][11:13]
    assert f"/year={year}/month={month}/day={day}/hour={hour}/" in key


def test_events_carry_the_source(process, tmp_path):
    process("-source-id", "S1", "-source-label", "L1", "-", stdin=text(app("09:00:00")))
    (content,) = objects_in(tmp_path / "processed").values()
    event = json.loads(content)
    assert (event["p_source_id"], event["p_source_label"]) == ("S1", "L1")


def test_local_objects_are_announced_in_a_file(process, tmp_path):
    process("-out", "lake", "-", stdin=text(app("09:00:00"), web("09:00:00")))
    rows = [json.loads(row) for row in (tmp_path / "lake/notifications.jsonl").open()]
    expected = []
    for key in objects_in(tmp_path / "lake"):
        size = (tmp_path / "lake" / key).stat().st_size
        log_type = APP if "custom_app" in key else WEB
        attributes = {"type": "LogData", "id": log_type}
        row = {"topic": "local", "message": message("local", key, size), "attributes": attributes}
        expected.append(row)
    assert len(rows) == 2
    assert sorted(rows, key=str) == sorted(expected, key=str)


def test_dry_run_and_none_write_nothing(process, tmp_path):
    lines = text(app("09:00:00"), app("10:00:00"))
    assert process("-out", "none", "-", stdin=lines).code == 0
    result = process("-dry-run", "-bucket", "no-such-bucket", "-", stdin=lines, env=NO_CREDENTIALS)
    assert result.code == 0
    assert "dry run: nothing written; a run writes 2 objects or more" in result.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"schemas"}


NO_CREDENTIALS = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}


def test_credentials_are_not_needed_for_local_work(process):
    assert process("-", stdin=text(app("09:00:00")), env=NO_CREDENTIALS).code == 0


def test_repeated_runs_write_the_same_events(process, tmp_path):
    (tmp_path / "a").write_bytes(PLAIN)
    result = process("-repeat", "2", "-output", "json", "a")
    assert [one["run"] for one in result.records] == [1, 2]
    lake = tmp_path / "processed"
    runs = [
        sorted(
            json.dumps(events_of(gzip.decompress((lake / one["key"]).read_bytes())))
            for one in told["written"]
        )
        for told in result.records
    ]
    assert runs[0] == runs[1] and len(runs[0]) == 3


# ---- several processes -----------------------------------------------------------------------


@pytest.mark.parametrize("out", ["-", "processed"])
def test_several_workers_give_the_events_of_one(process, tmp_path, out):
    lines = [
        app(f"{n // 3600:02}:{n // 60 % 60:02}:{n % 60:02}", f"a{n}", more="x" * 200)
        for n in range(12_000)
    ]
    lines[9_000] = "no"
    (tmp_path / "a").write_text(text(*lines))
    results = {}
    for workers in "12":
        folder = out if out == "-" else f"{out}{workers}"
        result = process("-workers", workers, "-out", folder, "-stats", "s.json", "a")
        assert result.code == 3
        assert "a:9001: failed to classify" in result.stderr
        stats = json.loads((tmp_path / "s.json").read_text())
        assert (stats["records"], stats["events"], stats["failed"]) == (12_000, 11_999, 1)
        assert (stats["worker_peak_rss_bytes"] > 0) == (workers == "2")
        data = result.stdout if out == "-" else b"".join(objects_in(tmp_path / folder).values())
        results[workers] = events_of(data)
        names = [json.loads(line)["app"] for line in data.splitlines()]
        assert out != "-" or names == [f"a{n}" for n in range(12_000) if n != 9_000]
    assert results["1"] == results["2"]


# ---- what is told ----------------------------------------------------------------------------


def test_statistics_are_the_same_on_stdout_and_in_the_file(process, tmp_path):
    lines = text(app("09:00:00"), "no", "", web("10:00:00"), app("10:00:00"))
    result = process("-output", "json", "-stats", "s.json", "-", stdin=lines)
    assert result.stdout == (tmp_path / "s.json").read_text()
    (told,) = result.records
    assert {name: told[name] for name in ("records", "matched", "failed", "blank", "events")} == {
        "records": 4, "matched": 3, "failed": 1, "blank": 1, "events": 3,
    }  # fmt: skip
    assert told["bytes_in"] == len(lines)
    types = {name: (one["records"], one["hours"]) for name, one in told["types"].items()}
    assert types == {APP: (2, 2), WEB: (1, 1)}
    found = objects_in(tmp_path / "processed")
    assert sorted(one["key"] for one in told["written"]) == sorted(found)
    sizes = [(tmp_path / "processed" / key).stat().st_size for key in found]
    assert (told["objects"], told["bytes_out"], told["largest_object"]) == (
        3, sum(sizes), max(sizes),
    )  # fmt: skip
    assert told["flushed_by"] == {"size": 0, "count": 0, "memory": 0, "age": 0, "end": 3}
    assert told["event_latency_seconds"] > 3 * 86_400 * 365


def test_people_get_tables_on_stderr(process):
    result = process("-", stdin=text(app("09:00:00"), web("10:00:00")))
    assert result.stdout == ""
    words = [line.split() for line in result.stderr.splitlines()]
    assert ["LOG", "TYPE", "RECORDS", "EVENTS", "BYTES", "US/RECORD", "HOURS"] in words
    assert ["records", "2"] in words
    assert ["flushed", "by", "end", "2"] in words


def test_events_on_stdout_send_statistics_to_stderr(process):
    result = process("-out", "-", "-output", "json", "-", stdin=text(app("09:00:00")))
    assert [event["app"] for event in result.records] == ["a"]
    told = json.loads(result.stderr)
    assert (told["events"], told["types"][APP]["hours"]) == (1, 1)


def test_a_schema_of_the_user_joins_the_built_in_types(run_tool, schemas):
    lines = text(app("09:00:00"), json.dumps(cloudtrail(1)))
    result = run_tool("logprocessor", "-schemas", str(schemas), "-out", "-", "-", stdin=lines)
    assert [event["p_log_type"] for event in result.records] == [APP, "AWS.CloudTrail"]
