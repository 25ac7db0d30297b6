"""An executable to test. It is used when it was built from the sources as they are, built when
`-m frozen` asks for these tests, and otherwise the tests that need it are skipped."""

import subprocess
import sys
from pathlib import Path

import pytest

from build import freeze, names, registry, stamp

ROOT = Path(__file__).resolve().parent.parent.parent
TOOL = "s3queue"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "frozen: needs an executable; run these with: make frozen")


@pytest.fixture(scope="session")
def executable(request: pytest.FixtureRequest) -> Path:
    """The frozen s3queue, made from the present sources."""
    tool = registry.read().tool(TOOL)
    path = freeze.location(ROOT, names.host(), tool).executable
    if stamp.is_current(path, ROOT, tool):
        return path
    if request.config.option.markexpr != "frozen":
        pytest.skip(f"no executable of these sources; make build TOOL={TOOL}")
    subprocess.run([sys.executable, str(ROOT / "scripts" / "build"), TOOL], check=True)
    return path


@pytest.fixture(scope="session")
def build_python(executable: Path) -> str:
    """The interpreter of the build environment, which has what reads executables."""
    return str(ROOT / "out" / "build-env" / "bin" / "python")
