"""filegen's command line: what it refuses, and that it says which flag is wrong."""

import subprocess
import sys

import pytest

from tests.support import ROOT

HOUR = ("-start", "2022-03-14T09")
TYPE = "-AWS.CloudTrail"


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ((TYPE, *HOUR), "-bucket not set"),
        ((TYPE, "-out", "logs"), "-start must be set"),
        ((TYPE, "-out", "logs", "-start", "2022-03-14"), "cannot read -start"),
        ((TYPE, "-out", "logs", "-start", "2022-03-14T9"), "cannot read -start"),
        ((TYPE, "-out", "logs", "-start", "2022-02-30T09"), "cannot read -start"),
        ((TYPE, "-out", "logs", *HOUR, "-end", "soon"), "cannot read -end"),
        ((TYPE, "-out", "logs", *HOUR, "-end", "2022-03-14T08"), "-end is before -start"),
        ((TYPE, "-out", "logs", *HOUR, "-concurrency", "0"), "-concurrency must be >= 1"),
        ((TYPE, "-out", "logs", *HOUR, "-workers", "-1"), "-workers must be between 0 and 256"),
        (("-out", "logs", *HOUR), "no log types enabled"),
        (("-out", "logs", *HOUR, "-AWS.CloudTrail=false"), "no log types enabled"),
        (("-out", "logs", *HOUR, "-logtype", "AWS.Nothing"), "-logtype AWS.Nothing"),
        (("-out", "logs", *HOUR, "-AWS.Nothing"), "not defined: -AWS.Nothing"),
        ((TYPE, "-out", "logs", *HOUR, "-numfiles", "-1"), "-numfiles must be"),
        ((TYPE, "-out", "logs", *HOUR, f"{TYPE}.numfiles", "-1"), f"{TYPE}.numfiles must be"),
        ((TYPE, "-out", "logs", *HOUR, "-file.numrows", "0"), "-file.numrows must be"),
        ((TYPE, "-out", "logs", *HOUR, f"{TYPE}.file.numrows", "0"), f"{TYPE}.file.numrows must"),
        ((TYPE, "-out", "logs", *HOUR, "-bytes", "many"), "-bytes 'many'"),
        ((TYPE, "-out", "logs", *HOUR, "-bytes", "-5"), "-bytes '-5'"),
        ((TYPE, "-out", "logs", *HOUR, "-bytes", "1G", "-tbPerDay", "1"), "-tbPerDay and -bytes"),
        ((TYPE, "-out", "logs", *HOUR, "-tbPerDay", "-1"), "-tbPerDay"),
        ((TYPE, "-out", "logs", *HOUR, "-tbPerDay", "nan"), "-tbPerDay"),
        ((TYPE, "-out", "logs", *HOUR, "-malformed", "1.5"), "-malformed must be"),
        ((TYPE, "-out", "logs", *HOUR, "-malformed", "nan"), "-malformed must be"),
        ((TYPE, "-out", "logs", *HOUR, "-compression", "lz4"), "-compression lz4"),
        ((TYPE, "-out", "logs", *HOUR, "-gzip-level", "10"), "-gzip-level must be"),
        ((TYPE, "-out", "logs", *HOUR, "-prefix", "a/../../b"), "-prefix leads out of -out"),
        ((TYPE, "-out", "logs", *HOUR, "-manifest", "none/m"), "-manifest none/m cannot be"),
        ((TYPE, "-out", "logs", *HOUR, "-manifest", "."), "-manifest . cannot be written"),
        (
            ("-out", "logs", *HOUR, "-schema", "nowhere.yml"),
            "-schema nowhere.yml cannot be read: No such file or directory",
        ),
        ((TYPE, "-out", "logs", *HOUR, "more"), "unexpected argument 'more'"),
    ],
)
def test_a_wrong_command_line_exits_2_and_names_the_flag(tools, tmp_path, flags, words):
    done = tools.run("filegen", *flags)
    assert (done.code, done.stdout) == (2, "")
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "logs").exists()


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ("fields: []\n", "fields"),
        ("schema: Custom.Abc\nparser: {regex: {match: ['(a|b) %{WORD:w}']}}\n"
         "fields:\n- {name: w, type: string}\n", "cannot generate for this expression"),
        ("schema: Custom.Abc\nparser: {csv: {hasHeader: true, delimiter: ','}}\n"
         "fields:\n- {name: w, type: array, element: {type: string}, required: true}\n",
         "field w is required"),
    ],
)  # fmt: skip
def test_a_schema_without_a_generator_exits_2_and_says_why(tools, tmp_path, schema, words):
    file = tmp_path / "a.yml"
    file.write_text(schema)
    done = tools.run("filegen", *HOUR, "-out", "logs", "-schema", str(file))
    assert done.code == 2
    assert f"-schema {file}: " in done.stderr
    assert words in done.stderr


def test_two_schemas_of_one_type_are_refused(tools, tmp_path):
    for name in ("a.yml", "b.yml"):
        (tmp_path / name).write_text("schema: Custom.Abc\nfields:\n- {name: a, type: string}\n")
    done = tools.run("filegen", *HOUR, "-out", "logs", "-schema", "a.yml,a.yml,b.yml")
    assert done.code == 2
    assert "b.yml are both the schema of Custom.Abc" in done.stderr


def test_a_file_where_the_folder_should_be_is_refused(tools, tmp_path):
    (tmp_path / "logs").write_text("")
    done = tools.run("filegen", TYPE, *HOUR, "-out", "logs")
    assert done.code == 2
    assert "-out logs is a file" in done.stderr
    done = tools.run("filegen", TYPE, *HOUR, "-out", "logs/below")
    assert done.code == 2
    assert "-out logs/below lies below the file" in done.stderr


def test_help_tells_the_pattern_and_not_hundreds_of_flags(tools):
    shown = tools.run("filegen", "-h").stdout
    assert "-AWS.CloudTrail.numfiles N" in shown
    assert "Zeek.DNS" not in shown
    assert all(len(line) <= 80 for line in shown.splitlines())


def test_help_reads_no_schema(tools):
    code = (
        "import sys\n"
        "from tools.filegen.main import main\n"
        "main(['-h'])\n"
        "print([name for name in ('yaml', 'common.logs.load') if name in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
