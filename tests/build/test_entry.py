"""The entry script of executables, run by the ordinary interpreter on a small tool."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from build import freeze, recipe, registry

TOOL = registry.Tool("probe", "aws", "does it", (), False, ())
ANSWERS = {"h": "probe: does it\n  -x", "version": "probe 1"}
MAIN = """
import os, pathlib, sys, time
pathlib.Path("imported").touch()
if "slow-import" in sys.argv:
    time.sleep(60)
def main():
    if "work" in sys.argv:
        pathlib.Path("pid").write_text(str(os.getpid()))
        time.sleep(60)
    try:
        os.write(1, b"worked\\n")
    except OSError as error:
        sys.stderr.write(f"probe: {error.strerror}\\n")
        return 1
    return 7
"""


@pytest.fixture
def entry(tmp_path):
    package = tmp_path / "tools" / "probe"
    package.mkdir(parents=True)
    (package / "main.py").write_text(MAIN)
    script = tmp_path / "entry.py"
    script.write_text(freeze.entry_text(TOOL, ANSWERS, recipe.ONE_FILE))
    return script


def start(entry, *words, **options):
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    return subprocess.Popen(
        [sys.executable, str(entry), *words], cwd=entry.parent, text=True, **streams
    )


def run(entry, *words, **options):
    process = start(entry, *words, **options)
    stdout, stderr = process.communicate(timeout=60)
    return process.returncode, stdout, stderr


@pytest.mark.parametrize(
    ("flag", "text"),
    [
        ("-h", "probe: does it\n  -x\n"),
        ("--h", "probe: does it\n  -x\n"),
        ("-version", "probe 1\n"),
        ("--version", "probe 1\n"),
    ],
)
def test_help_and_version_are_printed_without_importing_the_tool(entry, flag, text):
    assert run(entry, flag) == (0, text, "")
    assert not (entry.parent / "imported").exists()


@pytest.mark.parametrize(
    "words", [[], ["-x"], ["-h", "-x"], ["-x", "-h"], ["-help"], ["h"], ["---h"], ["-h="]]
)
def test_every_other_command_line_is_the_tools(entry, words):
    assert run(entry, *words) == (7, "worked\n", "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("words", [["-h"], ["-version"], []])
def test_full_disk_is_reported_by_the_tool_once(entry, words):
    with Path("/dev/full").open("w") as full:
        code, _, stderr = run(entry, *words, stdout=full)
    assert (code, stderr) == (1, "probe: No space left on device\n")


def test_interruption_before_the_tool_listens_shows_no_traceback(entry):
    process = start(entry, "slow-import")
    wait_until((entry.parent / "imported").exists)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=30)
    assert (process.returncode, stderr) == (-signal.SIGINT, "")


def wait_until(happened):
    deadline = time.monotonic() + 30
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks into /proc")
def test_tool_ends_when_the_process_that_started_it_is_killed(entry):
    script = f"import subprocess; subprocess.run([{sys.executable!r}, {str(entry)!r}, 'work'])"
    first = subprocess.Popen([sys.executable, "-c", script], cwd=entry.parent)
    note = entry.parent / "pid"
    wait_until(lambda: note.exists() and note.read_text())
    tool = int(note.read_text())
    assert alive(tool)
    first.kill()
    first.wait()
    wait_until(lambda: not alive(tool))
