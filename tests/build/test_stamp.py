import pytest

from build import registry, stamp

TOOL = registry.Tool("a-tool", "aws", "does it", (), False, ())


@pytest.fixture
def tree(tmp_path):
    for name in (
        "build/x.py", "build/registry.toml", "common/c.py", "tools/a_tool/main.py",
        "tools/other/main.py", "tools/a_tool/README.md", "pyproject.toml",
        "requirements/build.txt", "out/build/t/dist/a-tool",
    ):  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    return tmp_path


def test_executable_is_current_until_a_source_changes(tree):
    executable = tree / "out" / "build" / "t" / "dist" / "a-tool"
    assert not stamp.is_current(executable, tree, TOOL)
    stamp.write(executable, tree, TOOL)
    assert stamp.is_current(executable, tree, TOOL)
    assert [path.name for path in executable.parent.iterdir()] == ["a-tool"]
    (tree / "tools" / "a_tool" / "main.py").write_text("changed")
    assert not stamp.is_current(executable, tree, TOOL)


@pytest.mark.parametrize(
    "name", ["build/registry.toml", "common/c.py", "requirements/build.txt", "pyproject.toml"]
)
def test_each_input_counts(tree, name):
    before = stamp.sources(tree, TOOL)
    (tree / name).write_text("changed")
    assert stamp.sources(tree, TOOL) != before


def test_renaming_counts(tree):
    before = stamp.sources(tree, TOOL)
    (tree / "common" / "c.py").rename(tree / "common" / "d.py")
    assert stamp.sources(tree, TOOL) != before


@pytest.mark.parametrize("name", ["tools/other/main.py", "tools/a_tool/README.md", "out/x"])
def test_what_does_not_enter_the_executable_does_not_count(tree, name):
    before = stamp.sources(tree, TOOL)
    (tree / name).write_text("changed")
    assert stamp.sources(tree, TOOL) == before


def test_missing_executable_is_not_current(tree):
    executable = tree / "out" / "build" / "t" / "dist" / "a-tool"
    stamp.write(executable, tree, TOOL)
    executable.unlink()
    assert not stamp.is_current(executable, tree, TOOL)
