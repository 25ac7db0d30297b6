"""Which version of the suite this is, and for which system it was built.

Modules are imported where they are used: every tool imports this one before it reads its flags.
"""

import sys

BUILD_FILE = "panther_tools_build.json"
_SYSTEMS = {"Linux": "linux", "Darwin": "darwin", "Windows": "windows"}
_MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


def line(tool: str, build: dict[str, str] | None = None) -> str:
    """`s3queue 1.27.0 (linux/amd64, 3f2c1ab)`: the answer to -version. `build` are the facts of
    an executable that is being made."""
    build = build or _build()
    return f"{tool} {build['version']} ({build['os']}/{build['arch']}, {build['commit']})"


def number() -> str:
    """The version alone, such as `1.27.0`."""
    return _build()["version"]


def _build() -> dict[str, str]:
    import json
    from pathlib import Path

    bundle = getattr(sys, "_MEIPASS", None)
    if bundle:
        facts: dict[str, str] = json.loads((Path(bundle) / BUILD_FILE).read_text("utf-8"))
        return facts
    import platform

    machine = platform.machine()
    return {
        "version": _source_version(),
        "os": _SYSTEMS.get(platform.system(), platform.system().lower()),
        "arch": _MACHINES.get(machine.lower(), machine),
        "commit": "source",
    }


def _source_version() -> str:
    import re
    from pathlib import Path

    project = Path(__file__).parent.parent / "pyproject.toml"
    if project.is_file():
        match = re.search(r'^version = "([^"]+)"$', project.read_text("utf-8"), re.MULTILINE)
        if match:
            return match.group(1)
    from importlib import metadata

    return metadata.version("panther-tools")
