"""The helpers that tests of tools stand on."""

import sys
from pathlib import Path

import pytest

from tests import support


class _Scripted(support.Tools):
    def command(self, name: str) -> list[str]:
        return [sys.executable, str(self.directory / name)]


@pytest.fixture
def scripted(tmp_path: Path) -> support.Tools:
    return _Scripted(support.tool_env({}, tmp_path), tmp_path)


def _write(scripted: support.Tools, text: str) -> str:
    (scripted.directory / "script.py").write_text(text)
    return "script.py"


def test_a_tool_runs_with_the_given_words_and_reads_nothing(scripted: support.Tools) -> None:
    name = _write(
        scripted,
        "import sys; print(sys.argv[1:], sys.stdin.read() == ''); print('e', file=sys.stderr);"
        "sys.exit(3)",
    )
    assert scripted.run(name, "-a", "b c") == support.Result(3, "['-a', 'b c'] True\n", "e\n")


def test_a_tool_sees_only_the_given_environment(
    scripted: support.Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "somebody")
    name = _write(scripted, "import os; print(sorted(set(os.environ) - {'LC_CTYPE'}))")
    result = scripted.run(name, env={"MORE": "1", "HOME": None})
    assert result.stdout == "['MORE', 'PATH']\n"


def test_answers_are_typed_when_their_prompt_shows(scripted: support.Tools) -> None:
    name = _write(
        scripted,
        "import sys\n"
        "assert sys.stdin.isatty() and sys.stderr.isatty()\n"
        "print(input('path: ').upper())\n"
        "print(input('sure? ') + '!')\n",
    )
    result = scripted.in_terminal(name, answers=[("path:", "s3://b"), "y"])
    assert result.code == 0
    assert result.stdout == "path: s3://b\nS3://B\nsure? y\ny!\n"


def test_end_of_input_can_be_typed(scripted: support.Tools) -> None:
    name = _write(
        scripted,
        "import sys\ntry: input('path: ')\nexcept EOFError: sys.exit(7)\n",
    )
    assert scripted.in_terminal(name, answers=[("path:", "\x04")]).code == 7


def test_a_tool_that_never_ends_in_a_terminal_is_an_error(scripted: support.Tools) -> None:
    name = _write(scripted, "input('name: ')")
    with pytest.raises(TimeoutError, match="name: "):
        scripted.in_terminal(name, timeout=1)
