"""pantherlog schemas as a user runs it: the list of built-in log types, and the schema of one."""

import json

import pytest
import yaml

from tests.tools.pantherlog_lines import TELEPORT, Pantherlog, lines, values


@pytest.fixture
def pantherlog(request, tmp_path):
    return Pantherlog(request, tmp_path)


def test_every_built_in_type_is_listed(pantherlog):
    result = pantherlog.run("schemas")
    header, *rows = result.stdout.splitlines()
    assert (result.code, result.stderr, len(rows)) == (0, "", 123)
    assert header.split() == ["LOG", "TYPE", "PARSER", "FIELDS", "DESCRIPTION"]
    names = [row.split()[0] for row in rows]
    assert names == sorted(names) and {"AWS.CloudTrail", "Zeek.DNS"} <= set(names)


def test_json_output_has_an_object_for_each_type(pantherlog):
    records = pantherlog.run("schemas", "-output", "json").records
    assert len(records) == 123
    [flow] = [one for one in records if one["logType"] == "AWS.VPCFlow"]
    assert flow["parser"] == "space-csv-header" and flow["fields"] > 20 and flow["description"]


def test_a_name_gives_its_schema_which_can_be_parsed_with(pantherlog):
    name = "Gravitational.TeleportAudit"
    result = pantherlog.run("schemas", name)
    assert result.code == 0 and yaml.safe_load(result.stdout)["schema"] == name
    shown = json.loads(pantherlog.run("schemas", "-output", "json", name).stdout)
    assert (shown["logType"], shown["schema"]) == (name, result.stdout)
    pantherlog.write("teleport.yml", result.stdout)
    parsed = pantherlog.run("parse", "-path", "teleport.yml", stdin=lines(TELEPORT))
    assert (parsed.code, values(parsed, "uid")) == (0, ["a1"])


@pytest.mark.parametrize(
    "names, message",
    [(["No.Such"], "there is no log type 'No.Such'"), (["A", "B"], "more than one log type")],
)
def test_a_wrong_name_gives_exit_code_2(pantherlog, names, message):
    result = pantherlog.run("schemas", *names)
    assert (result.code, result.stdout) == (2, "") and message in result.stderr
