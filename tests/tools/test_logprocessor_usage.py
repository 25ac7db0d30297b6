"""Command lines that logprocessor refuses, and what it says then."""

import pytest

from common import cli
from common.errors import UsageError
from tests.tools.logprocessor_files import process, schemas
from tools.logprocessor.main import TOOL, options

__all__ = ["process", "schemas"]  # fixtures


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "there is no file to process"),
        (("-", "-"), "stdin can be read only once"),
        (("-repeat", "2", "-"), "stdin can be read only once"),
        (("-repeat", "0", "a"), "-repeat must be at least 1"),
        (("-workers", "0", "a"), "-workers must be between 1 and 256"),
        (("-workers", "257", "a"), "-workers must be between 1 and 256"),
        (("-timeout", "-1", "a"), "-timeout must be at least 0"),
        (("-profile-hz", "0", "a"), "-profile-hz must be between 1 and 1000"),
        (("-flush-age", "0", "a"), "-flush-age must be more than 0"),
        (("-format", "csv", "a"), "-format 'csv' is not one of"),
        (("a", "-out", "b"), "-out comes after a FILE"),
        (("s3://bucket", "-"), "s3://bucket names a bucket, not an object"),
        (("-bucket", "b", "-out", "c", "a"), "-bucket and -out exclude each other"),
        (("-topic", "arn:aws:sns:us-east-1:1:t", "a"), "-topic needs -bucket"),
        (("-bucket", "b", "-topic", "name", "a"), "-topic 'name' is no topic ARN"),
        (("-out", "", "a"), "-out is empty"),
        (("-out", f"{__file__}/below", "a"), f"-out {__file__}/below lies below the file"),
        (("",), "a FILE has no name"),
        (("-stats", "no/such/folder/file", "a"), "-stats no/such/folder/file cannot be written"),
        (("-cpuprofile", ".", "a"), "-cpuprofile . cannot be written"),
    ],
)
def test_what_options_refuse(words, message):
    with pytest.raises(UsageError) as refused:
        options(cli.parse(TOOL, words), None)
    assert str(refused.value).startswith(message)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("-repeat", "0", "a"), "-repeat must be at least 1"),
        (("-logtype", "AWS.None", "a"), "-logtype AWS.None: there is no such log type"),
        (("-schemas", "none", "a"), "there is no schema file none"),
    ],
)
def test_a_wrong_command_line_is_one_line_and_exit_code_2(run_tool, words, message):
    result = run_tool("logprocessor", *words)
    assert (result.code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"logprocessor: {message}")
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize(("size", "code"), [("600", 2), ("605", 0)])
def test_a_function_without_memory_for_buffers_is_refused(process, size, code):
    result = process("-lambdaSize", size, "-", stdin="")
    assert result.code == code
    message = f"available memory too small for log processing, increase lambda size from {size}MB"
    assert (message in result.stderr) == (code == 2)


def test_a_schema_with_problems_is_refused_with_all_of_them(process, schemas):
    (schemas / "bad.yml").write_text("fields:\n- {name: a, type: what}\n- {type: string}\n")
    result = process("-", stdin="")
    assert result.code == 1
    assert result.stderr.count("bad.yml: ") >= 2


def test_two_schemas_of_one_type_are_refused(process, schemas):
    (schemas / "again.yml").write_text((schemas / "Custom.App.yml").read_text())
    result = process("-", stdin="")
    assert result.code == 1
    assert "are both the schema of Custom.App" in result.stderr


def test_a_command_line_of_the_original_is_taken(process, tmp_path):
    (tmp_path / "a").write_text("")
    words = "-file a -queue q -timeout 60 -lambdaSize 1024 -verbose=false".split()
    assert process(*words).code == 0
