"""Log types ready to parse: which parser a schema gets, and what is shared between streams."""

import pytest

from common.logs import logtype, registry
from common.logs.classifier import Classifier
from common.logs.codec import Codec
from common.logs.engine import Engine, Spec
from common.logs.envelope import Envelope
from common.logs.load import load
from common.logs.logtype import builtin_type, log_type
from common.logs.native.lines import ignore
from tests.common.logs import samples
from tests.common.logs.small_schemas import (
    REFUSED,
    fails,
    field,
    one,
    outcomes,
    schema,
    typed,
)
from tests.common.logs.typical_lines import NOW_NS, lines_of

A = field("a", "string")


@pytest.mark.parametrize(
    ("parser", "is_json", "is_stateful"),
    [
        (None, True, False),
        ({"csv": {"columns": ["a"]}}, False, True),
        ({"fastmatch": {"match": ["<%{a}>"]}}, False, False),
        ({"fastmatch": {"match": ["<%{a}>"], "skipLines": 1}}, False, True),
        ({"regex": {"match": ["%{WORD:a}"]}}, False, False),
        ({"regex": {"match": ["%{WORD:a}"], "skipLines": 1}}, False, True),
        ({"native": {"name": "AWS.ALB"}}, False, False),
        ({"native": {"name": "AWS.VPCFlow"}}, False, True),
        ({"native": {"name": "Juniper.Access"}}, False, True),
        ({"native": {"name": "Duo.Authentication"}}, True, False),
    ],
)
def test_a_schema_gets_the_parser_that_it_names(parser, is_json, is_stateful):
    made = typed(schema(A, **({"parser": parser} if parser else {})))
    assert (made.name, made.is_json, made.is_stateful) == ("Custom.Test", is_json, is_stateful)


def test_lines_to_skip_are_those_of_each_stream():
    of = schema(A, parser={"regex": {"match": ["^%{WORD:a}$"], "skipLines": 2, "skipPrefix": "#"}})
    for _ in range(2):
        assert outcomes(of, "!", "# x", "x", "#", "!") == [[], [], [{"a": "x"}], [], REFUSED]


def test_streams_share_what_costs_time_to_make(monkeypatch):
    made = []

    def counting(*args):
        made.append(args)
        return Codec(*args)

    monkeypatch.setattr(logtype, "Codec", counting)
    one_type = typed(schema(A))
    assert made == []
    assert [one_type.new()(b'{"a":"x"}')[0].body for _ in range(3)] == [b'{"a":"x"}'] * 3
    assert len(made) == 1


def test_members_without_which_a_line_cannot_be_of_a_type():
    required = field("r", "int", required=True)
    assert typed(schema(A, required)).members() == {"r"}
    renamed = field("r", "string", required=True, native={"inputName": "R2"})
    assert typed(schema(renamed, is_builtin=True)).members() == {"R2"}
    any_case = schema(required, native={"anyCase": True}, is_builtin=True)
    assert typed(any_case).members() == set()
    # Lines that hold several records, and events that are made of other parts of a line.
    for name in ("AWS.CloudTrail", "AWS.CloudTrailInsight", "Crowdstrike.Unknown"):
        assert typed(registry.schema(name)).members() == set()


@pytest.mark.parametrize("name", registry.names())
def test_a_built_in_type_is_known_for_what_its_schema_makes_it(name):
    known = builtin_type(name, False, lambda: NOW_NS, ignore)
    made = log_type(registry.schema(name), False, lambda: NOW_NS, ignore)
    for what in ("is_json", "is_stateful", "settles"):
        assert getattr(known, what) == getattr(made, what)
    assert known.members() == made.members()


def test_the_schema_of_a_built_in_type_is_read_when_a_line_may_be_of_it(monkeypatch):
    read = []
    known = registry.schema
    monkeypatch.setattr(registry, "schema", lambda name: (read.append(name), known(name))[1])
    names = ("AWS.CloudTrail", "AWS.VPCFlow", "Apache.AccessCommon")
    classifier = Classifier(Engine(Spec(names, is_lake=False)).types)
    classifier.parse(b'10.0.0.1 - - [14/Mar/2022:09:26:53 +0000] "GET / HTTP/1.1" 200 5')
    assert read == ["AWS.CloudTrail", "AWS.VPCFlow", "Apache.AccessCommon"]


def test_required_members_are_all_there_in_a_line_of_the_type():
    for name in registry.names():
        made = typed(registry.schema(name))
        (line, *_) = lines_of(name)
        assert all(f'"{member}"'.encode() in line for member in made.members()), name


@pytest.mark.parametrize("name", registry.names())
def test_a_built_in_type_makes_the_events_of_its_lines(name):
    made = log_type(registry.schema(name), True, lambda: NOW_NS, lambda _: None)
    parse = made.new()
    events = [event for line in lines_of(name) for event in parse(line)]
    assert len(events) == (name != "AWS.VPCFlow")
    assert all(event.log_type == name for event in events)


def test_a_users_schema_for_a_native_parser_says_how_columns_are_written():
    of = schema(
        field("timestamp", "timestamp", timeFormat="unix"),
        field("elbStatusCode", "string"),
        field("type", "string", validate={"deny": ["ws"]}),
        schema="Custom.Balancer",
        parser={"native": {"name": "AWS.ALB"}},
    )
    (line,) = lines_of("AWS.ALB")
    event = one(typed(of).new(), line)
    assert event.log_type == "Custom.Balancer"
    assert event.body == b'{"timestamp":1647250013,"elbStatusCode":"200","type":"http"}'
    built_in = one(typed(registry.schema("AWS.ALB")).new(), line)
    assert (event.time_ns, event.indicators) == (built_in.time_ns, built_in.indicators)
    assert fails(typed(of).new(), line.replace(b"http", b"ws", 1)) == "type: is one of ws"
    assert b'"2022-03-14 09:26:53.000000000"' in one(typed(of, is_lake=True).new(), line).body


def test_a_users_schema_for_a_native_json_type_reads_lines_as_that_type_does():
    of = schema(
        field("dns", "object", fields=[field("rrname", "string")]),
        field("timestamp", "timestamp", timeFormat="unix_ms"),
        schema="Custom.Dns",
        parser={"native": {"name": "Suricata.DNS"}},
    )
    (line,) = lines_of("Suricata.DNS")
    asked = line.replace(b'"dns": {', b'"DNS": {"rrname":"a.example",').replace(b",}", b"}")
    event = one(typed(of).new(), asked)
    assert event.body.endswith(b'"timestamp":1647250013000}')
    assert b'"dns":{"rrname":"a.example"}' in event.body
    assert b'"p_any_domain_names":["a.example"' in event.indicators
    assert fails(typed(of).new(), line.replace(b'"dns"', b'"other"', 1)) == "dns: is missing"


def test_a_users_schema_can_describe_any_built_in_type():
    for name in registry.names():
        of = schema(field("unused", "string"), parser={"native": {"name": name}})
        made = typed(of)
        parse = made.new()
        bodies = [event.body for line in lines_of(name) for event in parse(line)]
        assert set(bodies) <= {b"{}"}
        assert made.is_stateful == typed(registry.schema(name)).is_stateful


def test_a_users_schema_with_the_name_of_a_built_in_type_is_only_what_it_says():
    of = schema(field("RecordType", "int"), schema="Microsoft365.Audit.General")
    assert one(typed(of).new(), '{"RecordType":1}').body == b'{"RecordType":1}'


def test_invalid_utf_8_is_replaced_in_text_lines():
    of = schema(A, parser={"fastmatch": {"match": ["<%{a}>"]}})
    assert one(typed(of).new(), b"<\xff>").body == '{"a":"\ufffd"}'.encode()
    assert fails(typed(registry.schema("AWS.ALB")).new(), b"\xff\xfe")


def test_a_reason_never_shows_the_line():
    for name in registry.names():
        assert "secret" not in fails(typed(registry.schema(name)).new(), '{"secret":"secret"')
        assert "secret" not in fails(typed(registry.schema(name)).new(), "secret secret secret")


WANTED = {
    False: (
        '{"when":"2022-03-14T09:26:53.5+02:00","kind":"login","text":"12.50","small":7,'
        '"big":9007199254740993,"ratio":5.5,"flag":true,"secs":1647250013.25,'
        '"custom":"14/Mar/2022:09:26:53 +0200","peers":[{"host":"a.example.com","port":443},'
        '{"host":"192.0.2.7"},null],"addrs":["192.0.2.8","b.example.org",null,""],'
        '"blob":{"k":[1,2.0,null]},"odd name@x":"v","p_log_type":"Custom.SampleJson",'
        '"p_row_id":"id","p_event_time":"2022-03-14T07:26:53.5Z",'
        '"p_parse_time":"2022-03-14T09:26:53Z",'
    ),
    True: (
        '{"when":"2022-03-14 07:26:53.500000000","kind":"login","text":"12.50","small":7,'
        '"big":9007199254740993,"ratio":5.5,"flag":true,"secs":"2022-03-14 09:26:53.250000000",'
        '"custom":"2022-03-14 07:26:53.000000000","peers":[{"host":"a.example.com","port":443},'
        '{"host":"192.0.2.7"},null],"addrs":["192.0.2.8","b.example.org",null,""],'
        '"blob":{"k":[1,2.0,null]},"odd_name_at_sign_x":"v","p_log_type":"Custom.SampleJson",'
        '"p_row_id":"id","p_event_time":"2022-03-14 07:26:53.500000000",'
        '"p_parse_time":"2022-03-14 09:26:53.000000000",'
    ),
}
LISTS = (
    '"p_any_ip_addresses":["192.0.2.7","192.0.2.8"],'
    '"p_any_domain_names":["192.0.2.8","a.example.com","b.example.org"]}'
)


@pytest.mark.parametrize("is_lake", [False, True])
def test_an_event_is_written_byte_by_byte_as_the_format_says(is_lake):
    folder = samples.folder_of("Custom.SampleJson")
    of = load((folder / "schema.yml").read_text("utf-8"), "schema.yml").schema
    event = one(typed(of, is_lake).new(), samples.lines(folder)[0])
    line = Envelope(is_lake, lambda: "id").line(event, NOW_NS)
    assert line.decode() == WANTED[is_lake] + LISTS
