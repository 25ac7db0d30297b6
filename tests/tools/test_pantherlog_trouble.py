"""pantherlog in bad surroundings: unreadable input, closed streams, full disks, signals."""

import gzip
import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.support import finish
from tests.tools.pantherlog_lines import (
    BAD,
    GOOD,
    JSON_SCHEMA,
    TELEPORT,
    Pantherlog,
    lines,
    summary,
    values,
)

PARSE = ("parse", "-path", "acme.yml")
# Much to read, few lines to parse; the events are more than a pipe and both its ends hold.
MUCH = lines(json.dumps({"n": 1, "unknown": "x" * 1_000})) * 2_000


@pytest.fixture
def pantherlog(request, tmp_path):
    tool = Pantherlog(request, tmp_path)
    tool.write("acme.yml", JSON_SCHEMA)
    return tool


def in_shell(pantherlog, redirection, *args, stdin=""):
    """Runs it with redirections of the shell."""
    command = ["sh", "-c", f'"$@" {redirection}', "sh", *pantherlog.tools.command("pantherlog")]
    return subprocess.run(
        [*command, *args], cwd=pantherlog.folder, env=dict(pantherlog.tools.env), input=stdin,
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


needs_permissions = pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")


# ---- input ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [PARSE, ("infer",), ("test", "-s", "acme.yml")])
@pytest.mark.parametrize(
    "name, reason",
    [
        ("gone.log", "No such file or directory"),
        ("folder", "is a folder"),
        ("-debug", "No such file or directory. Flags go before files."),
    ],
)
def test_a_file_that_is_not_there_ends_the_run_before_output(pantherlog, command, name, reason):
    pantherlog.write("a.log", lines(GOOD))
    (pantherlog.folder / "folder").mkdir()
    result = pantherlog.run(*command, "a.log", name)
    assert (result.code, result.stdout) == (1, "")
    assert result.stderr == f"pantherlog: cannot read {name}: {reason}\n"


@needs_permissions
def test_a_file_that_may_not_be_read_ends_the_run_before_output(pantherlog):
    pantherlog.write("a.log", lines(GOOD))
    (pantherlog.folder / pantherlog.write("b.log", "")).chmod(0)
    result = pantherlog.run(*PARSE, "a.log", "b.log")
    assert (result.code, result.stdout) == (1, "")
    assert result.stderr == "pantherlog: cannot read b.log: permission denied\n"


PACKED = gzip.compress(lines(GOOD).encode() * 3)


@pytest.mark.parametrize(
    "content, reason",
    [
        (b"\x7fELF\x02\x00\x00\n", "invalid UTF8 encoding: the file is binary"),
        (b"\xff\xfe{\x00", "UTF-16 is not supported: convert the file to UTF-8"),
        (PACKED[:-9], "the gzip data ends too early"),
        (PACKED[:-6] + b"xxxxxx", "the gzip data is damaged: "),
        (PACKED + b"more", "something else follows the gzip data"),
        (f"[{GOOD},{GOOD},".encode(), ""),
    ],
    ids=["binary", "UTF-16", "cut gzip", "damaged gzip", "trailing data", "cut array"],
)
def test_a_file_that_cannot_be_read_to_its_end_does_not_keep_others_from_being_parsed(
    pantherlog, content, reason
):
    pantherlog.write("broken.log", content)
    pantherlog.write("good.log", lines('{"n":7}'))
    result = pantherlog.run(*PARSE, "broken.log", "good.log")
    assert result.code == 1 and values(result, "n")[-1] == 7
    assert result.stderr.startswith(f"pantherlog: cannot read broken.log: {reason}")
    assert "Traceback" not in result.stderr


def test_events_before_the_damage_are_kept(pantherlog):
    packed = gzip.compress(os.urandom(100_000).hex().encode() + b"\n" + lines(GOOD).encode())
    result = pantherlog.run(*PARSE, stdin=gzip.compress(lines(GOOD).encode()) + packed[:50_000])
    assert (result.code, len(values(result, "n"))) == (1, 1)
    assert "cannot read stdin: the gzip data ends too early" in result.stderr


def test_a_closed_stdin_is_one_line(pantherlog):
    for args in (PARSE, (), ("infer", "-")):
        result = in_shell(pantherlog, "<&-", *args)
        assert (result.returncode, result.stdout) == (1, "")
        assert "pantherlog: cannot read stdin: standard input is closed\n" in result.stderr


def test_a_schema_that_cannot_be_read_is_one_line(pantherlog):
    (pantherlog.folder / "s").mkdir()
    (pantherlog.folder / "s" / "gone.yml").symlink_to("nowhere")
    result = pantherlog.run("parse", "-path", "s/gone.yml", stdin=lines(GOOD))
    assert result.code == 2 and "there is no schema file s/gone.yml" in result.stderr


@needs_permissions
def test_a_folder_of_schemas_that_may_not_be_read_is_one_line(pantherlog):
    pantherlog.write("s/acme.yml", JSON_SCHEMA)
    closed = pantherlog.folder / "s" / "closed"
    closed.mkdir(mode=0)
    for args in (("parse", "-path", "s"), ("parse", "-path", "s/closed/a.yml"), ("test", "s")):
        result = pantherlog.run(*args, stdin=lines(GOOD))
        assert (result.code, result.stdout) == (1, "")
        assert result.stderr.startswith("pantherlog: cannot read s/closed")
        assert result.stderr.endswith(": Permission denied\n")
    closed.chmod(0o700)


# ---- output --------------------------------------------------------------------------------------


def test_a_closed_stdout_is_one_line(pantherlog):
    result = in_shell(pantherlog, ">&-", *PARSE, stdin=lines(GOOD))
    assert result.returncode == 1 and "standard output: it is closed" in result.stderr


@pytest.mark.parametrize("args", [PARSE, (*PARSE, "-output", "json"), ("schemas",)])
def test_a_full_disk_behind_stdout_is_one_line(pantherlog, args):
    result = in_shell(pantherlog, ">/dev/full", *args, stdin=MUCH)
    assert result.returncode == 1 and "Traceback" not in result.stderr
    assert "pantherlog: cannot write standard output: No space left on device" in result.stderr


def test_a_full_disk_behind_o_is_one_line(pantherlog):
    result = pantherlog.run(*PARSE, "-o", "/dev/full", stdin=lines(GOOD))
    assert result.code == 1
    assert "pantherlog: cannot write /dev/full: No space left on device" in result.stderr


def test_o_in_a_folder_that_is_not_there_is_one_line(pantherlog):
    result = pantherlog.run(*PARSE, "-o", "no/such/out", stdin=lines(GOOD))
    assert result.code == 1 and "cannot write no/such/out" in result.stderr


@pytest.mark.parametrize("args", [PARSE, (*PARSE, "-output", "json")])
def test_a_reader_that_goes_away_ends_the_run_quietly(pantherlog, args):
    pantherlog.write("much.log", MUCH)
    process = pantherlog.start(*args, "much.log")
    assert process.stdout.readline()
    process.stdout.close()
    assert (process.wait(30), process.stderr.read()) == (141, "")


# ---- signals and processes -----------------------------------------------------------------------


def fed(pantherlog, *args, content):
    """A run that has been given some lines and waits for more, and its first line of output."""
    process = pantherlog.start(*args, stdin=subprocess.PIPE)
    process.stdin.write(content)
    process.stdin.flush()
    return process, process.stdout.readline()


@pytest.mark.parametrize("signum, code", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_in_the_middle_of_stdin_gives_the_summary_so_far(pantherlog, signum, code):
    process, first = fed(pantherlog, content=lines(TELEPORT, "?", TELEPORT))
    assert [json.loads(line)["uid"] for line in (first, process.stdout.readline())] == ["a1"] * 2
    process.send_signal(signum)
    result = finish(process)
    assert result.code == code
    assert summary(result) == "3 lines, 2 events, 1 failed, 0 skipped"


def test_a_signal_in_the_middle_of_samples_tells_how_many_were_read(pantherlog):
    process = pantherlog.start("infer", "-skip-test", "-", stdin=subprocess.PIPE)
    # More than a pipe holds: when it is written, some of it was read.
    process.stdin.write(lines(GOOD) * 4_000)
    process.stdin.flush()
    process.send_signal(signal.SIGINT)
    result = finish(process)
    assert (result.code, result.stdout) == (130, "")
    assert re.fullmatch(r"pantherlog: [0-9,]+ records? read\npantherlog: stopped\n", result.stderr)


def test_a_signal_in_the_middle_of_tests_gives_the_summary_so_far(pantherlog):
    one = {"name": "x" * 1_000, "logType": "Custom.Acme", "input": "{}", "error": True}
    pantherlog.write("t.yml", "---\n".join([json.dumps(one) + "\n"] * 400))
    process = pantherlog.start("test", "acme.yml", "t.yml")
    # The names of all tests are more than a pipe holds: it cannot have come to its end.
    assert process.stdout.readline().startswith("PASS x")
    process.send_signal(signal.SIGINT)
    *passed, last = process.stdout.read().splitlines()
    assert (process.wait(30), process.stderr.read()) == (130, "")
    assert last == f"{len(passed) + 1} passed, 0 failed" and len(passed) < 399


def test_events_show_while_more_input_is_awaited(pantherlog):
    process, first = fed(pantherlog, *PARSE, content=lines(GOOD))
    assert json.loads(first)["n"] == 1
    process.stdin.write('{"n":2}\n')
    process.stdin.flush()
    assert json.loads(process.stdout.readline())["n"] == 2
    assert finish(process).code == 0


def endless(pantherlog, *args):
    """A run with two other processes under way, on input that never ends."""
    pantherlog.write("much.log", MUCH)
    feed = subprocess.Popen(
        ["sh", "-c", "while cat much.log; do :; done"], cwd=pantherlog.folder,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    process = pantherlog.start(
        *PARSE, "-workers", "2", *args, stdin=feed.stdout, stdout=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    feed.stdout.close()
    deadline = time.monotonic() + 30
    while len(children(process.pid)) < 2:
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.02)
    time.sleep(0.3)
    return process


def children(pid):
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


needs_proc = pytest.mark.skipif(
    not Path(f"/proc/self/task/{os.getpid()}/children").exists(), reason="needs /proc"
)


@needs_proc
def test_ctrl_c_reaches_all_processes_and_ends_them_in_order(pantherlog):
    process = endless(pantherlog)
    workers = children(process.pid)
    os.killpg(process.pid, signal.SIGINT)
    result = finish(process)
    assert result.code == 130 and "Traceback" not in result.stderr
    assert summary(result).endswith("events, 0 failed, 0 skipped")
    assert not any(Path(f"/proc/{pid}").exists() for pid in workers)


@needs_proc
def test_a_worker_that_is_killed_is_one_line(pantherlog):
    process = endless(pantherlog)
    os.kill(children(process.pid)[0], signal.SIGKILL)
    result = finish(process)
    assert result.code == 1 and "Traceback" not in result.stderr
    assert summary(result) == "a parallel parser was killed. Run again with -workers 1."


@needs_proc
def test_too_many_failures_end_a_run_of_several_processes(pantherlog):
    pantherlog.write("much.log", MUCH * 4 + lines(BAD) + MUCH)
    result = pantherlog.run(*PARSE, "-strict", "-workers", "2", "-o", "out", "much.log")
    assert (result.code, summary(result)) == (1, "stopped after 1 failed line")
    assert (pantherlog.folder / "out").read_bytes().count(b"\n") == 8_000
    assert "much.log:8001: n: " in result.stderr
