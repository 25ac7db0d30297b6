"""Every tool of the registry, present and future, is held to the same rules."""

import ast
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from build import docs, registry
from common import cli

ROOT = Path(__file__).resolve().parent.parent
TOOLS = list(registry.read().tools.values())
HEADINGS = ["Purpose", "Usage", "Examples", "Output", "Risks", "Permissions", "Scale"]
SHARED_FLAGS = {
    flag.name: flag
    for flag in (
        *cli.AWS_FLAGS, *cli.OUTPUT_FLAGS, *cli.PLAN_FLAGS, *cli.HELP_FLAGS, cli.INTERACTIVE_FLAG,
    )
}  # fmt: skip
# Heavy modules, and what each costs at start, must not be there before a tool begins its work.
SDKS = (
    "boto3", "botocore", "urllib3", "orjson", "snowflake", "pyarrow", "duckdb", "msgspec", "yaml",
    "re2", "zstandard",
)  # fmt: skip

each_tool = pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)


def command_lines(tool):
    main = docs.load(tool)
    return [main, *main.commands]


def run(tool, *args, **options):
    main = ROOT / "tools" / tool.package / "main.py"
    return subprocess.run(
        [sys.executable, str(main), *args],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
        **options,
    )  # fmt: skip


def test_registry_and_folders_name_the_same_tools():
    folders = {path.parent.name for path in ROOT.glob("tools/*/main.py")}
    assert folders == {tool.package for tool in TOOLS}


def test_every_tool_is_a_command_of_the_package():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    expected = {tool.name: f"tools.{tool.package}.main:main" for tool in TOOLS}
    assert project["scripts"] == expected


@each_tool
def test_tool_has_manual_tests_and_changelog_entry(tool):
    assert (ROOT / "tools" / tool.package / "README.md").is_file()
    assert list(ROOT.glob(f"tests/tools/test_{tool.package}*.py"))
    assert f"- {tool.name}: " in (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert f"## {tool.name}\n" in (ROOT / "DIFFERENCES.md").read_text("utf-8")


@each_tool
def test_manual_has_the_headings_in_order(tool):
    manual = (ROOT / "tools" / tool.package / "README.md").read_text("utf-8")
    prose = re.sub(r"```.*?```", "", manual, flags=re.DOTALL)
    assert re.findall(r"^# (.+)$", prose, re.MULTILINE) == [tool.name]
    assert [name for name in re.findall(r"^## (.+)$", prose, re.MULTILINE) if name in HEADINGS] == (
        HEADINGS
    )


def test_generated_documentation_is_current():
    stale = [str(page) for page, text in docs.pages() if page.read_text("utf-8") != text]
    assert stale == [], "run: make docs"


@each_tool
def test_summary_is_the_same_everywhere(tool):
    assert docs.load(tool).summary == tool.summary
    assert docs.load(tool).name == tool.name


@each_tool
def test_shared_flags_mean_the_same_everywhere(tool):
    groups = [*cli.OUTPUT_FLAGS, *cli.HELP_FLAGS, *(cli.AWS_FLAGS if tool.services else ())]
    for line in command_lines(tool):
        found = {flag.name: flag for flag in line.all_flags}
        for name in {*SHARED_FLAGS, "checkpoint", "restart"} & set(found):
            if name in SHARED_FLAGS and name != "output":
                assert found[name] == SHARED_FLAGS[name]
        for flag in groups:
            assert flag.name in found
    found = {flag.name: flag for flag in docs.load(tool).all_flags}
    if tool.destructive:
        assert {"dry-run", "yes"} <= set(found)


@each_tool
def test_flags_have_one_meaning_and_a_help_line(tool):
    for line in command_lines(tool):
        flags = line.all_flags
        names = [flag.name for flag in flags]
        assert len(names) == len(set(names))
        assert all(flag.help and flag.help[0] != " " and flag.help[-1] != "." for flag in flags)
        assert all(flag.help.isascii() for flag in flags)


@each_tool
def test_help_shows_every_flag_in_80_columns_and_three_examples(tool):
    for line in command_lines(tool):
        result = run(tool, *line.command.split(), "-h")
        assert (result.returncode, result.stderr) == (0, "")
        assert max(map(len, result.stdout.splitlines())) <= 80
        for flag in (*line.flags, *cli.HELP_FLAGS):
            assert re.search(rf"^  -{re.escape(flag.name)}\b", result.stdout, re.MULTILINE)
        assert len(line.examples) >= 2
        assert all(example.split()[0] == tool.name for example in line.examples)


@each_tool
def test_examples_are_accepted_by_the_tools_own_grammar(tool):
    for line in command_lines(tool):
        for example in line.examples:
            words = shlex.split(example.partition(" < ")[0].partition(" | ")[0])[1:]
            found, rest = cli.chosen(docs.load(tool), words)
            assert line.command in ("", found.command)
            cli.parse(found, rest)


@each_tool
def test_version_names_tool_version_and_system(tool):
    result = run(tool, "-version")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert result.returncode == 0
    pattern = rf"{tool.name} {re.escape(project['version'])} \(\w+/\w+, \w+\)\n"
    assert re.fullmatch(pattern, result.stdout)


@each_tool
@pytest.mark.parametrize("flags", [["-h"], ["-version"], ["-no-such-flag"]])
def test_help_version_and_bad_usage_load_no_sdk(tool, flags):
    code = (
        "import sys, runpy\n"
        f"sys.argv = [{tool.name!r}, *{flags!r}]\n"
        f"try: runpy.run_module('tools.{tool.package}.main', run_name='__main__')\n"
        "except SystemExit: pass\n"
        f"print('loaded', [name for name in {SDKS!r} if name in sys.modules])\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert result.stdout.splitlines()[-1] == "loaded []"


@each_tool
@pytest.mark.parametrize("flag", ["-no-such-flag", "--no-such-flag=1", "-regio=x"])
def test_unknown_flag_is_one_line_and_exit_code_2(tool, flag):
    result = run(tool, flag)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith(f"{tool.name}: flag provided but not defined: -")
    assert len(result.stderr.splitlines()) == 1


@each_tool
def test_tools_never_import_tools_and_functions_stay_short(tool):
    for path in (ROOT / "tools" / tool.package).glob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            for name in _imported(node):
                if name.startswith("tools."):
                    assert name.split(".")[1] == tool.package, f"{path}: {name}"
            if isinstance(node, ast.FunctionDef):
                assert node.end_lineno - node.lineno <= 65, f"{path}: {node.name} is too long"


@pytest.mark.parametrize("path", sorted(ROOT.glob("common/*.py")), ids=lambda path: path.stem)
def test_common_knows_no_tool_and_never_exits_or_prints(path):
    tree = ast.parse(path.read_text("utf-8"))
    assert ast.get_docstring(tree), "the first line of a module says its one responsibility"
    for node in ast.walk(tree):
        assert not any(name.startswith("tools") for name in _imported(node))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in ("print", "exit", "input")
        if isinstance(node, ast.Attribute):
            assert ast.unparse(node) not in ("sys.exit", "os.system")


@pytest.mark.parametrize("path", sorted(ROOT.glob("common/*.py")), ids=lambda path: path.stem)
def test_importing_common_loads_no_sdk_unless_the_module_is_about_it(path):
    if path.stem in ("awserrors", "wire", "__init__"):
        pytest.skip("only imported inside functions")
    code = (
        f"import sys, common.{path.stem}\nprint([name for name in {SDKS!r} if name in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"


def test_no_file_names_a_package_index():
    locks = [*ROOT.glob("requirements/*"), ROOT / "pyproject.toml"]
    for path in locks:
        text = path.read_text("utf-8")
        assert not re.search(r"^\s*(--index-url|--extra-index-url|-i )", text, re.MULTILINE)


def _imported(node):
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
    return []
