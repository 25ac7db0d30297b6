"""What every frozen executable must pass before it is packed."""

import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from build import elf, executable, jail
from build.facts import Facts
from build.registry import Tool

# What a tool may import only once its work begins, or -h would take as long as the work: the AWS
# SDK, and what logs are read with.
SDK = (
    "boto3",
    "botocore",
    "dateutil",
    "jmespath",
    "s3transfer",
    "urllib3",
    "msgspec",
    "yaml",
    "re2",
)
OK, SKIPPED, FAILED = "ok", "skipped", "FAILED"
# With a second flag it is the tool that answers, and not the text in its entry script.
ANOTHER_FLAG = "-no-progress"
UNKNOWN_FLAG = "-no-such-flag"
TIMEOUT_SECONDS = 120


class CheckFailed(Exception):
    """The executable does not do what it must; the message says what it did."""


class Skipped(Exception):
    """The check cannot be made here; the message says why."""


@dataclass(frozen=True)
class Subject:
    """An executable under test. `environment` leads it to a sandbox; `glibc_max` is () when any
    glibc will do."""

    path: Path
    tool: Tool
    facts: Facts
    environment: Mapping[str, str]
    glibc_max: elf.Version = ()


@dataclass(frozen=True)
class Outcome:
    """One line of the report."""

    check: str
    result: str
    detail: str


Check = Callable[[Subject], str]


def run(subject: Subject) -> list[Outcome]:
    """Make every check; a failed one does not keep the others from being made."""
    outcomes = []
    for check in CHECKS:
        name = check.__name__.replace("_", " ")
        try:
            outcomes.append(Outcome(name, OK, check(subject)))
        except Skipped as reason:
            outcomes.append(Outcome(name, SKIPPED, str(reason)))
        except (CheckFailed, OSError, subprocess.TimeoutExpired) as error:
            outcomes.append(Outcome(name, FAILED, str(error)))
    return outcomes


# ---- the checks ------------------------------------------------------------------------------


def version(subject: Subject) -> str:
    """-version names the tool, the version, the target and the commit, however it is asked."""
    facts = subject.facts
    target = f"{facts.target.os}/{facts.target.arch}"
    expected = f"{subject.tool.name} {facts.version} ({target}, {facts.commit})\n"
    for words in (["-version"], [ANOTHER_FLAG, "-version"]):
        _expect(_call(subject, *words), 0, stdout=expected, stderr="")
    return expected.rstrip()


def help(subject: Subject) -> str:
    """-h prints the registry's summary, and the text built in is the one that the tool makes."""
    shown = _call(subject, "-h")
    _expect(shown, 0, stderr="")
    if not shown.stdout.startswith(f"{subject.tool.name}: {subject.tool.summary}\n"):
        raise CheckFailed(f"-h begins with {shown.stdout.partition(chr(10))[0]!r}")
    _expect(_call(subject, ANOTHER_FLAG, "-h"), 0, stdout=shown.stdout, stderr="")
    return f"{len(shown.stdout.splitlines())} lines"


def unknown_flag(subject: Subject) -> str:
    """A wrong flag is one line on stderr and exit code 2."""
    done = _call(subject, UNKNOWN_FLAG)
    _expect(done, 2, stdout="")
    lines = done.stderr.splitlines()
    if len(lines) != 1 or UNKNOWN_FLAG not in lines[0]:
        raise CheckFailed(f"{UNKNOWN_FLAG} is answered with {done.stderr!r}")
    return lines[0]


def answers_without_sdk(subject: Subject) -> str:
    """Help, version and usage errors do not import the SDK: they work in a copy of the
    executable whose SDK is destroyed, in which real work fails."""
    with _scratch() as folder:
        copy = folder / subject.path.name
        count = executable.spoil(subject.path, copy, SDK)
        if not count:
            raise CheckFailed("found no SDK in the executable")
        _link_libraries(subject.path, folder)
        for words, code in (
            ([ANOTHER_FLAG, "-h"], 0),
            ([ANOTHER_FLAG, "-version"], 0),
            ([UNKNOWN_FLAG], 2),
        ):
            _expect(_start([copy, *words], subject.environment), code)
        working = _start([copy, *subject.tool.sample], subject.environment)
        if working.returncode in (0, 2):
            raise CheckFailed(f"works with {count} modules of the SDK destroyed")
    return f"{count} modules destroyed"


def real_call(subject: Subject) -> str:
    """The registry's sample command line works on the sandbox."""
    done = _call(subject, *subject.tool.sample)
    _expect(done, 0, what=" ".join(subject.tool.sample))
    return " ".join(subject.tool.sample)


def tls(subject: Subject) -> str:
    """TLS is there, with a trust store: a server that speaks none is refused for that reason."""
    if not subject.tool.services:
        raise Skipped("calls no AWS service")
    url = subject.environment["AWS_ENDPOINT_URL"].replace("http://", "https://")
    environment = {**subject.environment, "AWS_ENDPOINT_URL": url}
    done = _start([subject.path, *subject.tool.sample], environment)
    _expect(done, 1)
    if "SSL" not in done.stderr and "TLS" not in done.stderr:
        raise CheckFailed(f"https to a server without TLS is answered with {done.stderr!r}")
    return done.stderr.splitlines()[-1]


def read_only_home(subject: Subject) -> str:
    """The tool works for a user who cannot write to their home, and leaves nothing behind."""
    with _scratch() as folder:
        done, left = jail.run_homeless(
            subject.path, subject.tool.sample, folder, dict(subject.environment)
        )
    _expect(done, 0)
    if left:
        raise CheckFailed(f"leaves behind: {', '.join(left)}")
    return "nothing left behind"


def glibc(subject: Subject) -> str:
    """No file inside needs a newer glibc than the one that is promised."""
    _only_on_linux(subject)
    needed, files = elf.floor(_demands(subject.path))
    text = f"needs glibc {elf.show(needed)} ({', '.join(files[:3])})"
    if not subject.glibc_max:
        return text + ", any is accepted"
    if needed > subject.glibc_max:
        raise CheckFailed(f"{text}, promised is {elf.show(subject.glibc_max)}")
    return text


def bare_system(subject: Subject) -> str:
    """-h and -version work where there is nothing but the loader and the system's libraries."""
    _only_on_linux(subject)
    if not jail.can_change_root():
        raise Skipped("needs root")
    demands = _demands(subject.path)
    executable_name = subject.path.name
    libraries = [name for name in elf.system_libraries(demands, executable_name)
                 if not name.startswith("ld-linux")]  # fmt: skip
    with _scratch() as folder:
        jail.furnish(folder, subject.path, demands[executable_name].loader, libraries)
        for flag in ("-h", "-version"):
            done = jail.run_inside(folder, [f"/{executable_name}", flag])
            _expect(done, 0, stderr="", what=f"{flag} in an empty root")
        left = list((folder / "tmp").iterdir())
    if left:
        raise CheckFailed(f"leaves {left[0].name} in /tmp")
    return f"with {', '.join(libraries)} alone"


CHECKS: tuple[Check, ...] = (
    version, help, unknown_flag, answers_without_sdk, real_call, tls, read_only_home, glibc,
    bare_system,
)  # fmt: skip


# ---- helpers ---------------------------------------------------------------------------------


def _call(subject: Subject, *words: str) -> subprocess.CompletedProcess[str]:
    return _start([subject.path, *words], subject.environment)


def _start(
    words: Sequence[str | Path], environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in words],
        env=dict(environment), stdin=subprocess.DEVNULL, capture_output=True, text=True,
        encoding="utf-8", timeout=TIMEOUT_SECONDS,
    )  # fmt: skip


def _expect(
    done: subprocess.CompletedProcess[str],
    code: int,
    stdout: str | None = None,
    stderr: str | None = None,
    what: str = "",
) -> None:
    """Raises CheckFailed unless the process ended so."""
    what = what or " ".join(done.args[1:])
    if done.returncode != code:
        raise CheckFailed(f"{what}: exit code {done.returncode}, want {code}: {done.stderr}")
    for name, found, wanted in (("stdout", done.stdout, stdout), ("stderr", done.stderr, stderr)):
        if wanted is not None and found != wanted:
            raise CheckFailed(f"{what}: {name} is {found!r}, want {wanted!r}")


@contextmanager
def _scratch() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="panther-selfcheck-") as folder:
        yield Path(folder)


def _link_libraries(path: Path, folder: Path) -> None:
    beside = path.with_name(f"{path.stem}.lib")
    if beside.is_dir():
        (folder / beside.name).symlink_to(beside)


def _demands(path: Path) -> dict[str, elf.Demands]:
    found = ((name, elf.read(content)) for name, content in executable.files(path))
    return {name: demands for name, demands in found if demands is not None}


def _only_on_linux(subject: Subject) -> None:
    if subject.facts.target.os != "linux":
        raise Skipped("concerns Linux")
