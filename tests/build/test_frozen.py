"""The executable of one tool, as a user gets it: from the zip, in terminals, among processes."""

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from build import facts, names, pack
from tests import support
from tests.build import tls

ROOT = support.ROOT
TOOL = "s3queue"

pytestmark = [pytest.mark.frozen, pytest.mark.timeout(300)]


@pytest.fixture
def temporary(tmp_path):
    """Where the executables of a test unpack themselves."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    return folder


@pytest.fixture
def frozen(executable, sandbox, tmp_path, temporary):
    """Runs the executable against the sandbox."""
    home = tmp_path / "home"
    home.mkdir()
    env = {**support.tool_env(sandbox.aws_env, home), "TMPDIR": str(temporary)}
    return support.Tools(env, tmp_path, executable.parent)


def lines_of(text):
    return text.rstrip("\n").split("\n")


def in_build_environment(build_python, code, *words, cwd=ROOT):
    done = subprocess.run(
        [build_python, "-c", code, *map(str, words)], cwd=cwd, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


# ---- the zip ---------------------------------------------------------------------------------


def test_zip_unpacks_to_a_program_that_runs_and_its_papers(executable, frozen, tmp_path):
    version = facts.version(ROOT)
    target = names.host()
    name = names.tool_zip(target, TOOL)
    assert names.parse_tool_zip(name) == (target, TOOL)
    zipped = ROOT / "out" / "dist" / names.folder(version) / name
    place = tmp_path / "unpacked"
    subprocess.run(["unzip", "-q", str(zipped), "-d", str(place)], check=True)
    found = sorted(path.name for path in place.iterdir())
    assert found == ["LICENSE", "README.md", "THIRD_PARTY_LICENSES", TOOL]
    assert stat.S_IMODE((place / TOOL).stat().st_mode) == 0o755
    assert (place / TOOL).read_bytes() == executable.read_bytes()
    done = subprocess.run([str(place / TOOL), "-version"], capture_output=True, text=True)
    assert done.stdout.startswith(f"{TOOL} {version} ({target.os}/{target.arch}, ")
    papers = (place / "THIRD_PARTY_LICENSES").read_text("utf-8")
    for component in ("botocore 1.", "CPython 3.", "pyinstaller 6.", "orjson 3.", "urllib3 2."):
        assert f"\n  {component}" in papers
    assert str(ROOT) not in papers


@pytest.fixture
def copied_sources(request, tmp_path):
    """What executables are made from, in another folder and without history. Freezing takes its
    time, so tests that do it run when asked for alone."""
    if request.config.option.markexpr != "frozen":
        pytest.skip("freezes once more; run: make frozen")
    copy = tmp_path / "elsewhere"
    for part in ("build", "common", "tools"):
        shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    return copy


FREEZE = """
import sys
from pathlib import Path
from build import facts, freeze, names, pack, registry
known = registry.read()
tool = known.tool("s3queue")
about = facts.gather(Path(sys.argv[1]), names.host())
made = freeze.freeze(Path.cwd(), known, tool, about, *sys.argv[2:])
pack.write(Path("t.zip"), pack.members_of(made.folder, made.executable, {}), about.epoch)
print(made.executable)
"""


def test_freezing_again_in_another_folder_gives_the_same_bytes(build_python, copied_sources):
    first = Path(in_build_environment(build_python, FREEZE, ROOT, cwd=copied_sources).strip())
    content, zipped = first.read_bytes(), (copied_sources / "t.zip").read_bytes()
    moved = copied_sources.rename(copied_sources.with_name("moved"))
    second = Path(in_build_environment(build_python, FREEZE, ROOT, cwd=moved).strip())
    assert second.is_relative_to(moved)
    assert second.read_bytes() == content
    assert (moved / "t.zip").read_bytes() == zipped


def test_one_folder_layout_works_from_its_zip(
    frozen, build_python, copied_sources, tmp_path, sandbox, bucket, queue
):
    in_build_environment(build_python, FREEZE, ROOT, "folder", cwd=copied_sources)
    place = tmp_path / "unpacked"
    subprocess.run(["unzip", "-q", copied_sources / "t.zip", "-d", place], check=True)
    assert sorted(path.name for path in place.iterdir()) == [TOOL, f"{TOOL}.lib"]
    sandbox.bulk_objects(bucket, ["a", "b", "c"])
    there = support.Tools(frozen.env, tmp_path, place)
    done = there.run(TOOL, "-s3path", f"s3://{bucket}/", "-queue", queue, "-check-source=false")
    assert (done.code, len(sandbox.messages(queue))) == (0, 3), done.stderr


# ---- the self-check --------------------------------------------------------------------------


def check_only(build_python, *words):
    return subprocess.run(
        [build_python, "-m", "build", "--check-only", *words, TOOL],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip


def test_executable_that_needs_a_newer_glibc_than_promised_is_refused(build_python):
    done = check_only(build_python, "--glibc-max", "2.2")
    assert done.returncode == 1
    failed = [line for line in lines_of(done.stderr) if "FAILED" in line]
    assert len(failed) == 1 and "glibc: needs glibc 2." in failed[0]
    assert failed[0].endswith("promised is 2.2")
    assert lines_of(done.stderr)[-1] == f"build: {TOOL} failed: glibc"


def test_executable_that_needs_its_sdk_for_help_is_refused(executable, build_python, tmp_path):
    # The same check with the tool itself among what must not be needed.
    code = """
import sys
from pathlib import Path
from build import facts, names, registry, selfcheck
path, root = map(Path, sys.argv[1:])
tool = registry.read().tool("s3queue")
environment = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
subject = selfcheck.Subject(path, tool, facts.gather(root, names.host()), environment)
selfcheck.SDK = (*selfcheck.SDK, "common")
try:
    selfcheck.answers_without_sdk(subject)
except selfcheck.CheckFailed as error:
    print(error)
"""
    answer = in_build_environment(build_python, code, executable, ROOT)
    assert answer.startswith("-no-progress -h: exit code 1, want 0")


def test_demands_of_a_real_library_are_those_that_the_system_sees(build_python):
    code = """
import sys
from pathlib import Path
from build import elf
found = elf.read(Path(sys.argv[1]).read_bytes())
print(sorted(found.libraries), elf.show(found.glibc), found.loader)
"""
    answer = in_build_environment(build_python, code, Path("/bin/ls").resolve())
    assert "'libc.so.6'" in answer
    assert answer.split()[-1].startswith("/lib")
    objdump = subprocess.run(["objdump", "-T", "/bin/ls"], capture_output=True, text=True).stdout
    versions = {word.strip("()") for word in objdump.split() if word.startswith("(GLIBC_")}
    newest = max([int(part) for part in name[6:].split(".")] for name in versions)
    assert answer.split()[-2] == ".".join(map(str, newest))


# ---- among processes -------------------------------------------------------------------------


def start_sending(frozen, sandbox, bucket, queue):
    """The executable in the middle of its work, with every batch taking its time."""
    sandbox.bulk_objects(bucket, [f"k{number:04}" for number in range(2003)])
    sandbox.faults({"service": "sqs", "operation": "SendMessageBatch", "kind": "latency",
                    "milliseconds": 300})  # fmt: skip
    return (
        "-s3path", f"s3://{bucket}/", "-queue", queue, "-check-source=false", "-output", "json",
        "-concurrency", "2",
    )  # fmt: skip


def wait_for_batches(sandbox, count=3):
    deadline = time.monotonic() + 60
    while sandbox.calls()["sqs.SendMessageBatch"] < count:
        assert time.monotonic() < deadline, "nothing was sent"
        time.sleep(0.02)


@pytest.mark.parametrize(("signum", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signal_to_the_first_process_finishes_the_batch_and_removes_the_folder(
    frozen, sandbox, bucket, queue, temporary, signum, code
):
    words = start_sending(frozen, sandbox, bucket, queue)
    process = frozen.start(TOOL, *words)
    wait_for_batches(sandbox)
    assert len(list(temporary.iterdir())) == 1
    process.send_signal(signum)
    done = support.finish(process)
    assert done.code == code, done.stderr
    assert 0 < done.records[0]["sent"] == len(sandbox.messages(queue)) < 2003
    assert "Traceback" not in done.stderr and "PYI" not in done.stderr
    assert list(temporary.iterdir()) == []


def test_one_ctrl_c_in_a_terminal_counts_once(frozen, sandbox, bucket, queue, temporary):
    # It reaches both processes, and the first one passes it on: the tool gets it twice. Taken
    # for two it would end at once, with batches in flight whose fate is then unknown.
    words = start_sending(frozen, sandbox, bucket, queue)
    done = frozen.in_terminal(TOOL, *words, answers=[("files", "\x03")])
    assert done.code == 130, done.stdout
    shown = [line for line in done.stdout.splitlines() if line.startswith("{")]
    assert 0 < json.loads(shown[-1])["sent"] == len(sandbox.messages(queue)) < 2003
    assert "Traceback" not in done.stdout
    assert list(temporary.iterdir()) == []


def test_kill_of_the_first_process_ends_the_tool(frozen, sandbox, bucket, queue):
    words = start_sending(frozen, sandbox, bucket, queue)
    process = frozen.start(TOOL, *words)
    wait_for_batches(sandbox)
    process.kill()
    # The tool holds the other end of these streams: they end when it does.
    process.communicate(timeout=30)
    assert process.returncode == -signal.SIGKILL
    time.sleep(1)  # What was under way to the queue arrives.
    arrived = len(sandbox.messages(queue))
    time.sleep(1)
    assert len(sandbox.messages(queue)) == arrived < 2003


def test_two_at_once_do_not_share_a_folder(frozen, sandbox, bucket, queue, temporary):
    words = start_sending(frozen, sandbox, bucket, queue)
    first = frozen.start(TOOL, *words)
    wait_for_batches(sandbox, 2)
    second = frozen.start(TOOL, *words)
    wait_for_batches(sandbox, 8)
    assert len(list(temporary.iterdir())) == 2
    second.send_signal(signal.SIGTERM)
    assert support.finish(second).code == 143
    assert len(list(temporary.iterdir())) == 1
    assert first.poll() is None
    first.send_signal(signal.SIGTERM)
    assert support.finish(first).code == 143
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("own", [None, "/opt/own/lib"])
def test_credential_process_gets_the_users_library_path(
    frozen, sandbox, bucket, queue, tmp_path, own
):
    seen = tmp_path / "seen"
    program = tmp_path / "credentials"
    keys = {
        "Version": 1,
        "AccessKeyId": sandbox.aws_env["AWS_ACCESS_KEY_ID"],
        "SecretAccessKey": sandbox.aws_env["AWS_SECRET_ACCESS_KEY"],
    }
    program.write_text(f"#!/bin/sh\nenv > {seen}\necho '{json.dumps(keys)}'\n")
    program.chmod(0o755)
    config = tmp_path / "config"
    config.write_text(f"[default]\nregion = us-east-1\ncredential_process = {program}\n")
    env = {"AWS_CONFIG_FILE": str(config), "AWS_ACCESS_KEY_ID": None, "LD_LIBRARY_PATH": own,
           "AWS_SECRET_ACCESS_KEY": None}  # fmt: skip
    done = frozen.run(TOOL, "-s3path", f"s3://{bucket}/", "-queue", queue, "-dry-run", env=env)
    assert done.code == 0, done.stderr
    found = dict(line.partition("=")[::2] for line in seen.read_text().splitlines())
    assert found.get("LD_LIBRARY_PATH") == own
    assert "LD_LIBRARY_PATH_ORIG" not in found


# ---- streams and networks --------------------------------------------------------------------


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("words", [["-h"], ["-version"], ["-no-progress", "-h"]])
def test_full_disk_behind_stdout_is_one_line_and_exit_1(executable, words):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [str(executable), *words], stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert done.returncode == 1
    assert len(lines_of(done.stderr)) == 1 and "No space left" in done.stderr


@pytest.mark.parametrize("words", [["-h"], ["-version"]])
def test_reader_that_has_left_is_no_error_message(executable, words):
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run([str(executable), *words], stdout=write, stderr=subprocess.PIPE)
    os.close(write)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.parametrize("locale", ["C", "POSIX", "ja_JP.eucJP", "de_DE.ISO-8859-15", "nonsense"])
def test_output_is_utf_8_in_every_locale(frozen, sandbox, bucket, queue, locale):
    sandbox.bulk_objects(bucket, ["gr\u00fc\u00df/\u65e5\u672c.json"])
    env = {"LC_ALL": locale, "LANG": locale}
    words = ("-s3path", f"s3://{bucket}/gr\u00fc\u00df", "-queue", queue, "-dry-run")
    done = frozen.run(TOOL, *words, env=env)
    assert done.code == 0, done.stderr
    assert f"s3://{bucket}/gr\u00fc\u00df/\u65e5\u672c.json" in done.stdout


def test_tls_trusts_known_authorities_and_those_of_the_user(
    frozen, sandbox, bucket, queue, tmp_path
):
    sandbox.bulk_objects(bucket, ["a"])
    words = ("-s3path", f"s3://{bucket}/", "-queue", queue, "-dry-run", "-endpoint-url")
    with tls.in_front_of(sandbox.url, tmp_path) as (url, certificate):
        refused = frozen.run(TOOL, *words, url)
        trusted = frozen.run(TOOL, *words, url, env={"AWS_CA_BUNDLE": str(certificate)})
    assert (refused.code, refused.stdout) == (1, "")
    assert "certificate verify failed" in refused.stderr and "AWS_CA_BUNDLE" in refused.stderr
    assert trusted.code == 0, trusted.stderr
    assert f"s3://{bucket}/a" in trusted.stdout


def test_help_is_the_same_from_source_and_from_the_executable(executable):
    source = subprocess.run(
        [sys.executable, "-m", "tools.s3queue.main", "-h"], cwd=ROOT, capture_output=True
    )
    done = subprocess.run([str(executable), "-h"], capture_output=True)
    assert (done.returncode, done.stdout) == (0, source.stdout)


def test_executable_is_marked_so_in_the_zip(executable):
    members = pack.members_of(executable.parent, executable, {})
    assert {name: oct(member.mode) for name, member in members.items()} == {TOOL: "0o100755"}
