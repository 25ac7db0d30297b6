"""Builds executables: `python -m build [TOOL...]`. scripts/build prepares what it needs."""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from build import (
    elf,
    facts,
    freeze,
    licenses,
    names,
    pack,
    prune,
    registry,
    sandboxed,
    selfcheck,
    stamp,
)

ROOT = Path(__file__).resolve().parent.parent

ERRORS = (
    registry.RegistryError, freeze.FreezeError, prune.PruneError, licenses.LicenceError,
    pack.PackError, sandboxed.NoSandbox, selfcheck.CheckFailed, OSError, ValueError,
)  # fmt: skip


def main(argv: Sequence[str] | None = None) -> int:
    """Build the named tools, or all; 0 when every one passed its checks and its limit."""
    options = _parser().parse_args(argv)
    try:
        known = registry.read()
        tools = [known.tool(name) for name in options.tools] or list(known.tools.values())
        about = facts.gather(ROOT, names.host())
        with sandboxed.running(ROOT) as environment:
            for tool in tools:
                started = time.monotonic()
                if not options.check_only:
                    freeze.freeze(ROOT, known, tool, about)
                frozen = freeze.location(ROOT, about.target, tool)
                _check(selfcheck.Subject(frozen.executable, tool, about, environment,
                                         options.glibc_max))  # fmt: skip
                if not options.check_only:
                    _pack(known, tool, about, frozen)
                _say(f"{tool.name}: {time.monotonic() - started:.0f} s")
    except ERRORS as error:
        _say(f"build: {error}")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/build",
        description="Freeze tools for this machine's system, check them and pack them.",
        epilog="The zips go to out/dist/v{version}/tools/.",
    )
    parser.add_argument("tools", nargs="*", metavar="TOOL", help="tools to build (default: all)")
    parser.add_argument(
        "--glibc-max", type=elf.parse, default=(), metavar="VERSION",
        help="refuse executables that need a newer glibc; 2.28 for a release",
    )  # fmt: skip
    parser.add_argument(
        "--check-only", action="store_true", help="check what was built before, build nothing"
    )
    return parser


def _check(subject: selfcheck.Subject) -> None:
    """Report every check. Raises CheckFailed when one failed."""
    outcomes = selfcheck.run(subject)
    for outcome in outcomes:
        _say(f"{subject.tool.name}: {outcome.result}: {outcome.check}: {outcome.detail}")
    failed = [outcome.check for outcome in outcomes if outcome.result == selfcheck.FAILED]
    if failed:
        raise selfcheck.CheckFailed(f"{subject.tool.name} failed: {', '.join(failed)}")


def _pack(
    known: registry.Registry, tool: registry.Tool, about: facts.Facts, frozen: freeze.Frozen
) -> None:
    """Write the zip. Raises PackError when it exceeds its group's limit."""
    texts = {
        "LICENSE": (ROOT / "LICENSE").read_bytes(),
        "README.md": (ROOT / "tools" / tool.package / "README.md").read_bytes(),
        "THIRD_PARTY_LICENSES": licenses.collect(frozen.contents, ROOT).encode(),
    }
    members = pack.members_of(frozen.folder, frozen.executable, texts)
    folder = ROOT / "out" / "dist" / names.folder(about.version)
    target = folder / names.tool_zip(about.target, tool.name)
    size = pack.write(target, members, about.epoch)
    limit = known.group_of(tool).zip_limit_bytes
    if size > limit:
        target.unlink()
        raise pack.PackError(f"{target.name} has {size:,} bytes, its group's limit is {limit:,}")
    stamp.write(frozen.executable, ROOT, tool)
    _say(f"{tool.name}: packed: {target.relative_to(ROOT)}, {size:,} bytes")


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


if __name__ == "__main__":
    sys.exit(main())
