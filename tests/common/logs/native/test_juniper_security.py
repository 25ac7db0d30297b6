"""Security alerts: which keys a category has, how values end, and what fails a line."""

from datetime import UTC, datetime

import pytest

from common.logs.found import DOMAIN, IP, Found
from common.logs.moment import Moment
from common.logs.native import juniper_security

NOW = int(datetime(2022, 3, 20, tzinfo=UTC).timestamp()) * 10**9
HEAD = "Mar 14 09:26:53 gw_1 [WARN][mws-security-alert][Thread-8] "
INCIDENT = (
    HEAD + 'MKS_Category="Security Incident" MKS_Type="Tampering" MKS_Severity="3"'
    ' MKS_ProfileName="Edna 12" MKS_SrcIP="192.0.2.9" MKS_pubkey="k" MKS_useragent="Mozilla/5"'
    ' MKS_url="http://x:80/a?b=c" MKS_count="2" MKS_fakeresponse="true"'
)
RESPONSE = (
    HEAD + 'MKS_Category="New Counter Response" MKS_ResponseCode="BL" MKS_ResponseName="Block"'
    ' MKS_ProfileId="27" MKS_ProfileName="Edna" MKS_ResponseCreated="2022-03-14 09:26:53.5"'
    ' MKS_ResponseDelayed="2022-03-14 09:26:54" MKS_ResponseExpires="null"'
    ' MKS_ResponseConfig="<config x=\\"1\\" />" MKS_SilentRunning="0"'
)


def parse(line):
    return juniper_security.parser(lambda: NOW)(line)


def moment(*parts, fraction=0):
    return Moment(int(datetime(*parts, tzinfo=UTC).timestamp()) * 10**9 + fraction)


def test_an_incident():
    assert parse(INCIDENT) == {
        "timestamp": moment(2022, 3, 14, 9, 26, 53),
        "hostname": "gw_1",
        "log_level": "WARN",
        "service": "Thread-8",
        "category": "Security Incident",
        "incident": "Tampering",
        "severity": 3,
        "profile_name": "Edna 12",
        "source_ip": "192.0.2.9",
        "pubkey": "k",
        "user_agent": "Mozilla/5",
        "url": "http://x:80/a?b=c",
        "count": 2,
        "fake_response": True,
    }


def test_a_profile():
    line = HEAD + 'MKS_Category="New Profile" MKS_ProfileId="7" MKS_ProfileName="E" MKS_PubKey="k"'
    values = parse(line)
    assert (values["profile_id"], values["profile_name"], values["pubkey"]) == ("7", "E", "k")


def test_a_counter_response_and_that_null_is_no_date():
    values = parse(RESPONSE)
    assert values["created_date"] == moment(2022, 3, 14, 9, 26, 53, fraction=500_000_000)
    assert values["delay_date"] == moment(2022, 3, 14, 9, 26, 54)
    assert values["expiration_date"] is None
    assert values["silent_running"] is False
    assert (values["response_code"], values["response_name"]) == ("BL", "Block")
    later = parse(RESPONSE.replace('"null"', '"2023-01-01 00:00:00"'))
    assert later["expiration_date"] == moment(2023, 1, 1)


def test_a_backslash_hides_a_quote_and_stays():
    assert parse(RESPONSE)["response_config"] == r"<config x=\"1\" />"
    line = HEAD + r'MKS_Category="New Profile" MKS_PubKey="ends \\" MKS_ProfileId="7"'
    assert parse(line)["pubkey"] == r"ends \\"


def test_pairs_are_parted_by_spaces_and_escaped_characters():
    line = HEAD + r'MKS_Category="New Profile"\n MKS_PubKey="k"\,\ MKS_ProfileId="7"\n'
    values = parse(line)
    assert (values["pubkey"], values["profile_id"]) == ("k", "7")


def test_a_category_may_have_no_pairs():
    assert parse(HEAD + 'MKS_Category="New Profile"')["category"] == "New Profile"


@pytest.mark.parametrize(
    "line",
    [
        INCIDENT.replace("Security Incident", "Other"),
        INCIDENT.replace("MKS_Type", "MKS_Kind"),
        INCIDENT.replace("MKS_Type", "MKS_PubKey"),
        INCIDENT.replace("MKS_Type", "Type"),
        INCIDENT.replace('"3"', '"256"'),
        INCIDENT.replace('"3"', '"high"'),
        INCIDENT.replace('"2"', '"2147483648"'),
        INCIDENT.replace('"true"', '"yes"'),
        INCIDENT.replace('"true"', '"true'),
        INCIDENT.replace(" MKS_Type", "; MKS_Type"),
        INCIDENT + " text",
        INCIDENT.replace("gw_1", "gw-1"),
        INCIDENT.replace("mws-security-alert", "mws-security"),
        RESPONSE.replace("2022-03-14 09:26:54", "2022-03-14"),
        RESPONSE.replace("2022-03-14 09:26:54", ""),
        HEAD + 'MKS_Type="x" MKS_Category="Security Incident"',
        HEAD,
    ],
)
def test_anything_else_is_refused(line):
    with pytest.raises(ValueError):
        parse(line)


@pytest.mark.parametrize(
    ("text", "name"), [('"3"', "severity"), ('"2"', "count"), ('"true"', "fake_response")]
)
def test_the_field_of_a_value_that_cannot_be_read_is_named(text, name):
    with pytest.raises(ValueError, match=f"^{name}: "):
        parse(INCIDENT.replace(text, '"x"'))


def test_a_long_value_without_an_end_is_refused_at_once():
    with pytest.raises(ValueError):
        parse(HEAD + 'MKS_Category="New Profile" MKS_PubKey="' + r"\x" * 100_000)


def test_the_host_and_the_attackers_address_are_found():
    found = Found()
    juniper_security.collect(parse(INCIDENT), found)
    assert found == {DOMAIN: {"gw_1"}, IP: {"192.0.2.9"}}
    found = Found()
    juniper_security.collect(parse(RESPONSE), found)
    assert found == {DOMAIN: {"gw_1"}}
