"""logprocessor when something goes wrong: input, disk, time, the user's patience."""

import gzip
import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.support import children_of, finish
from tests.tools.logprocessor_files import APP, app, events_of, objects_in, process, schemas, text

__all__ = ["process", "schemas"]  # fixtures

GOOD = text(app("09:00:00"), app("10:00:00"))


@pytest.fixture
def feed(start_tool, schemas):
    """Starts logprocessor on stdin, with some lines; gives the process when it has read them."""

    def run(*flags, lines=GOOD):
        started = start_tool(
            "logprocessor", "-schemas", str(schemas), "-logtype", APP, "-debug", *flags, "-",
            stdin=subprocess.PIPE,
        )  # fmt: skip
        started.stdin.write(lines)
        started.stdin.flush()
        for line in started.stderr:
            if "read as lines" in line:
                return started
        raise AssertionError("it has not begun to read")

    return run


def test_unreadable_input_is_named_and_the_others_are_processed(process, tmp_path):
    bad = {
        "binary": (b"\x00\x01\x02\xff\xfe", "invalid UTF8 encoding"),
        "nul": (b"a\x00b\n", "invalid UTF8 encoding: the file is binary"),
        "utf-16": ("text".encode("utf-16"), "UTF-16 is not supported"),
        "short": (gzip.compress(GOOD.encode())[:-5], "the gzip data ends too early"),
        "broken": (b"\x1f\x8bnonsense", "the gzip data is damaged"),
    }
    for name, (data, _) in bad.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "good").write_text(GOOD)
    result = process("-out", "-", *bad, "missing", "good")
    assert result.code == 1
    for name, (_, reason) in {**bad, "missing": (b"", "No such file or directory")}.items():
        assert f"logprocessor: cannot read {name}: {reason}" in result.stderr
    assert "cannot read good" not in result.stderr
    # The damaged file has given its events before its end was missed.
    assert len(events_of(result.stdout)) == 4


def test_events_before_a_malformed_element_stay(process, tmp_path):
    elements = ", ".join([app("09:00:00"), app("10:00:00"), '{"app" oops}', app("11:00:00")])
    (tmp_path / "a.json").write_text(f"[{elements}]")
    result = process("-output", "json", "a.json")
    assert result.code == 1
    assert "cannot read a.json: element 3 is malformed" in result.stderr
    assert result.records[0]["unreadable"] == ["a.json"]
    assert len(objects_in(tmp_path / "processed")) == 2


def test_records_without_their_member_are_told(process, tmp_path):
    (tmp_path / "a.json").write_text('{"Other": []}')
    result = process("-format", "records", "a.json")
    assert result.code == 1
    assert 'cannot read a.json: key "Records" not found' in result.stderr


def test_a_disk_that_takes_nothing_fails_the_run(process, tmp_path):
    (tmp_path / "lake").mkdir()
    (tmp_path / "lake" / "logs").write_text("in the way")
    result = process("-out", "lake", "-output", "json", "-", stdin=GOOD)
    assert result.code == 1
    assert "cannot write" in result.stderr and "lake/logs" in result.stderr
    assert result.records[0]["objects"] == 0 and result.records[0]["error"]
    assert result.records[0]["events_not_written"] == 2
    assert not (tmp_path / "lake/notifications.jsonl").exists()


def test_an_object_without_its_notification_is_listed(process, tmp_path):
    (tmp_path / "lake" / "notifications.jsonl").mkdir(parents=True)
    result = process("-out", "lake", "-", stdin=text(app("09:00:00")))
    assert result.code == 1
    ((key, _),) = objects_in(tmp_path / "lake").items()
    assert f"{key} is written but not in notifications.jsonl: " in result.stderr
    assert f"written: {key} (not announced)" in result.stderr


def test_a_parser_that_is_killed_fails_the_run(feed):
    started = feed("-workers", "2", "-output", "json")
    for pid in children_of(started.pid):
        os.kill(pid, signal.SIGKILL)
    # The first blocks are parsed by the process that reads them.
    lines = text(*[app("09:00:00", f"{number}") for number in range(10_000)])
    stdout, stderr = started.communicate(lines, timeout=60)
    assert started.returncode == 1
    assert "a process that parses was killed" in stderr
    told = json.loads(stdout)
    assert told["events_not_written"] == told["events"] > 0


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_time_is_up_for_a_named_pipe_too(process, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    silent = os.open(tmp_path / "pipe", os.O_RDWR)
    try:
        result = process("-timeout", "1", "-out", "none", "pipe", timeout=20)
    finally:
        os.close(silent)
    assert result.code == 1
    assert "time is up: -timeout 1 (seconds)" in result.stderr


def test_time_that_is_up_ends_reading_and_writes_what_was_read(feed, tmp_path):
    started = feed("-timeout", "1", "-output", "json")
    started.wait(timeout=20)
    result = finish(started)
    assert result.code == 1
    assert "time is up: -timeout 1 (seconds)" in result.stderr
    (told,) = result.records
    assert (told["events"], told["objects"], told["events_not_written"]) == (2, 2, 0)
    assert result.stderr.count("written: logs/custom_app/") == 2


def test_old_buffers_are_written_while_stdin_is_silent(feed, tmp_path):
    started = feed("-flush-age", "300ms", "-output", "json")
    deadline = time.monotonic() + 20
    while not list(tmp_path.rglob("*.json.gz")) and time.monotonic() < deadline:
        time.sleep(0.05)
    started.stdin.write(text(app("11:00:00")))
    started.stdin.close()
    started.stdin = None
    (told,) = finish(started).records
    assert told["flushed_by"]["age"] >= 2 and told["objects"] == 3


@pytest.mark.parametrize(("signum", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_run_says_what_it_has_not_written(feed, tmp_path, signum, code):
    started = feed("-output", "json", "-cpuprofile", "cpu.prof", "-memprofile", "mem.prof")
    time.sleep(1)
    started.send_signal(signum)
    result = finish(started)
    assert result.code == code
    assert "2 events read but not written" in result.stderr
    assert (result.records[0]["objects"], result.records[0]["events_not_written"]) == (0, 2)
    assert not (tmp_path / "processed").exists()
    for name in ("cpu.prof", "mem.prof"):
        assert gzip.decompress((tmp_path / name).read_bytes())


def test_a_closed_stdout_ends_the_run_quietly(start_tool, schemas, tmp_path):
    (tmp_path / "a").write_text(text(*[app("09:00:00", f"{n}") for n in range(20_000)]))
    started = start_tool(
        "logprocessor", "-schemas", str(schemas), "-logtype", APP, "-out", "-", "a"
    )
    started.stdout.readline()
    started.stdout.close()
    started.stdout = None
    result = finish(started)
    assert (result.code, result.stderr) == (141, "")


def test_profiles_are_written_when_the_run_fails(process, tmp_path):
    result = process("-cpuprofile", "cpu.prof", "-memprofile", "mem.prof", "none")
    assert result.code == 1
    assert gzip.decompress((tmp_path / "cpu.prof").read_bytes())
    assert gzip.decompress((tmp_path / "mem.prof").read_bytes())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a full disk is needed")
@pytest.mark.parametrize("flag", ["-stats", "-cpuprofile"])
def test_a_run_is_told_before_a_file_about_it_that_cannot_be_written(process, flag):
    result = process(flag, "/dev/full", "-", stdin=GOOD)
    assert result.code == 1
    told, error = result.stderr.split("logprocessor: ", 1)
    assert "2 objects" in told
    assert error.startswith("cannot write /dev/full: No space left on device")


def test_json_statistics_of_a_failed_run_are_whole(process):
    result = process("-output", "json", "none")
    assert json.loads(result.stdout)["unreadable"] == ["none"]
