import re

import pytest

from build import freeze, recipe, registry

HEAD = "This file lists modules PyInstaller was not able to find.\n\n"
TOOL = registry.Tool("a-tool", "aws", "does it", ("s3",), False, ())


@pytest.mark.parametrize(
    "line",
    [
        "excluded module named zipfile - imported by botocore.utils (top-level)",
        "excluded module named zipfile - imported by shutil (delayed), botocore.utils (top-level)",
        "missing module named 'zipfile.part' - imported by botocore.utils (top-level)",
    ],
)
def test_exclude_that_something_imports_as_it_loads_is_reported(line):
    assert recipe.broken_imports(HEAD + line + "\n", ["zipfile", "socks"]) == [line]


@pytest.mark.parametrize(
    "line",
    [
        "excluded module named zipfile - imported by shutil (delayed)",
        "excluded module named zipfile - imported by shutil (delayed, conditional, optional)",
        "excluded module named zipfile - imported by socks (top-level), 'socks.a' (top-level)",
        "excluded module named encodings.cp037 - imported by encodings (top-level)",
        "missing module named winreg - imported by platform (top-level)",
        "missing module named zipfiles - imported by platform (top-level)",
    ],
)
def test_exclude_that_nothing_needs_is_not_reported(line):
    assert recipe.broken_imports(HEAD + line + "\n", ["zipfile", "socks"]) == []


def test_codecs_that_the_tools_and_the_interpreter_use_stay():
    unused = recipe.unused_codecs()
    for name in ("utf_8", "ascii", "latin_1", "idna", "aliases"):
        assert f"encodings.{name}" not in unused
    assert "encodings.shift_jis" in unused
    assert "X utf8_mode=1" in [name for name, *_ in recipe.INTERPRETER_OPTIONS]


def test_windows_tools_are_folders_named_after_the_tool():
    assert recipe.layout("windows") == recipe.ONE_FOLDER
    assert recipe.layout("linux") == recipe.layout("darwin") == recipe.ONE_FILE
    assert recipe.library_folder("a-tool") == "a-tool.lib"


def test_plan_survives_its_file(tmp_path):
    plan = recipe.Plan("a", "file", "/r", "/e", "/h", [("/d", ".")], ["tkinter"], True, "/c", "/l")
    plan.save(tmp_path / "plan.json")
    assert recipe.load(str(tmp_path / "plan.json")) == plan


def test_start_up_hooks_that_only_cost_time_are_dropped():
    scripts = [(name, "/x", "PYSOURCE") for name in ("pyi_rth_inspect", "runtime", "entry")]
    assert [name for name, *_ in recipe.kept_scripts(scripts)] == ["runtime", "entry"]


def test_entry_script_names_the_tools_package_and_its_help():
    help_text = 'a-tool: does it\n\n  -x "quoted"  a \\ backslash'
    text = freeze.entry_text(TOOL, {"h": help_text}, recipe.ONE_FOLDER)
    assert "from tools.a_tool.main import main" in text
    assert "PACKAGE" not in text and "text" not in text.split("ANSWERS")[1].split("\n")[0]
    assert "LAYOUT = 'folder'" in text
    found = re.search(r"^ANSWERS = (.*)$", text, re.MULTILINE)
    assert found and eval(found[1]) == {"h": help_text}
    compile(text, "entry.py", "exec")
