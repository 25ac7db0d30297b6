import re
from pathlib import Path

import botocore
import pytest

from build import registry

GROUP = """
[groups.aws]
zip_limit_mb = 9.0
[groups.aws.excludes]
tkinter = "no windows"
"""
TOOL = """
[[tools]]
name = "analytics-backfiller"
group = "aws"
summary = "fill"
services = ["s3", "sqs"]
destructive = true
sample = ["-dry-run"]
"""


def test_every_service_of_the_registry_is_one_of_botocore():
    known = {path.name for path in (Path(botocore.__file__).parent / "data").iterdir()}
    for tool in registry.read().tools.values():
        assert set(tool.services) <= known, tool.name


def test_aws_group_keeps_zips_under_nine_megabytes():
    groups = registry.read().groups
    assert groups["aws"].zip_limit_bytes <= 9_000_000
    assert "pyarrow" in groups["aws"].excludes


def test_tool_is_read_with_every_field():
    tool = registry.parse(TOOL + GROUP).tool("analytics-backfiller")
    assert tool == registry.Tool(
        name="analytics-backfiller",
        group="aws",
        summary="fill",
        services=("s3", "sqs"),
        destructive=True,
        sample=("-dry-run",),
    )
    assert tool.package == "analytics_backfiller"


def test_tool_excludes_what_its_group_and_it_itself_exclude():
    own = '[tools.excludes]\ncsv = "writes none"\n'
    found = registry.parse(TOOL + own + GROUP)
    tool = found.tool("analytics-backfiller")
    assert found.excludes(tool) == {"tkinter": "no windows", "csv": "writes none"}
    assert dict(tool.excludes) == {"csv": "writes none"}


def test_unknown_tool_is_refused_with_the_known_names():
    with pytest.raises(registry.RegistryError, match=r"'nope'.*Known tools: analytics-backfiller"):
        registry.parse(TOOL + GROUP).tool("nope")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[tools", "not a TOML file"),
        (GROUP, "no tools are listed"),
        (TOOL, "analytics-backfiller: there is no group 'aws'"),
        (TOOL + TOOL + GROUP, "analytics-backfiller: listed twice"),
        (TOOL + GROUP + "[other]", "unknown field 'other'"),
        (TOOL + "colour = 1\n" + GROUP, "analytics-backfiller: unknown field 'colour'"),
        (TOOL.replace("summary", "title") + GROUP, "unknown field 'title'"),
        (TOOL.replace('summary = "fill"\n', "") + GROUP, "summary is missing"),
        (TOOL.replace("analytics-backfiller", "Backfiller") + GROUP, "tool name 'Backfiller'"),
        (TOOL.replace("analytics-backfiller", "a-") + GROUP, "tool name 'a-'"),
        (TOOL.replace("analytics-backfiller", "a/b") + GROUP, "tool name 'a/b'"),
        (TOOL.replace('"fill"', '"""a\nb"""') + GROUP, "summary is not one line"),
        (TOOL.replace('"fill"', '" "') + GROUP, "summary is not one line"),
        (TOOL.replace('["s3", "sqs"]', '"s3"') + GROUP, "services is not a list"),
        (TOOL.replace('["s3", "sqs"]', '["../x"]') + GROUP, "services is not a list"),
        (TOOL.replace('["s3", "sqs"]', '["s3", "s3"]') + GROUP, "services names one twice"),
        (TOOL.replace('["-dry-run"]', '"-dry-run"') + GROUP, "sample is not a list of words"),
        (TOOL.replace("true", '"yes"') + GROUP, "destructive is neither true nor false"),
        (TOOL + '[tools.excludes]\ncsv = ""\n' + GROUP, "the exclude 'csv' has no reason"),
        (TOOL + GROUP.replace("9.0", "0"), "group aws: zip_limit_mb is 0"),
        (TOOL + GROUP.replace("9.0", "true"), "group aws: zip_limit_mb is True"),
        (TOOL + GROUP.replace("zip_limit_mb = 9.0", ""), "group aws: zip_limit_mb is missing"),
    ],
)
def test_what_cannot_be_built_is_refused_by_name(text, message):
    with pytest.raises(registry.RegistryError, match=re.escape(message)):
        registry.parse(text)


def test_group_inherits_what_its_base_leaves_out_but_for_what_it_keeps():
    text = (
        TOOL
        + GROUP
        + (
            '[groups.logs]\nzip_limit_mb = 20\nbase = "aws"\nkeeps = ["tkinter"]\n'
            'data = ["log-schemas"]\n[groups.logs.excludes]\nsqlite3 = "no database"\n'
        )
    )
    group = registry.parse(text).groups["logs"]
    assert dict(group.excludes) == {"sqlite3": "no database"}
    assert group.data == ("log-schemas",)


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ('base = "none"\n', "there is no group 'none' above it"),
        ('base = "aws"\nkeeps = ["numpy"]\n', "keeps 'numpy', which aws does not leave out"),
        ('keeps = ["numpy"]\n', "there is no group ''"),
        ('data = ["maps"]\n', "data is not a list of log-schemas"),
    ],
)
def test_group_that_cannot_be_built_is_refused(lines, reason):
    with pytest.raises(registry.RegistryError, match=re.escape(reason)):
        registry.parse(TOOL + GROUP + "[groups.logs]\nzip_limit_mb = 20\n" + lines)
