"""Umbrella's rows: how many fields each type takes, lists, ports, and what is found."""

from datetime import UTC, datetime

import pytest

from common.logs.found import DOMAIN, IP, SHA256, Found
from common.logs.moment import Moment
from common.logs.native import umbrella

TIME = Moment(int(datetime(2022, 3, 14, 9, 26, 53, tzinfo=UTC).timestamp()) * 10**9)
DNS = [
    "2022-03-14 09:26:53", "office", "office,laptop", "192.0.2.11", "203.0.113.5", "Allowed",
    "1 (A)", "NOERROR", "cdn.example.net.", "Software,News", "Networks", "Networks,Roaming",
    "Gambling",
]  # fmt: skip
IP_ROW = ["2022-03-14 09:26:53", "office", "192.0.2.1", "123", "198.51.100.2", "80", "a,b", ""]
FIREWALL = [
    "2022-03-14 09:26:53", "[1]", "office", "CDFW", "OUTBOUND", "1", "84", "192.0.2.1", "",
    "198.51.100.2", "443", "ams1", "12", "ALLOW",
]  # fmt: skip
PROXY = [
    "2022-03-14 09:26:53", "laptop", "laptop,site", "192.0.2.1", "198.51.100.1", "198.51.100.2",
    "text/html", "ALLOWED", "http://x/a,b", "www.example.com", 'agent "x"', "200", "562", "1489",
    "", "abc123", "Search,News", "av", "pua", "CLEAN", "name", "7", "Networks", "Ads",
]  # fmt: skip


def row(fields):
    return ",".join('"' + field.replace('"', '""') + '"' for field in fields)


def changed(fields, place, field):
    return row([*fields[:place], field, *fields[place + 1 :]])


def said(values):
    return {name: value for name, value in values.items() if value is not None}


def test_a_dns_row_of_every_version():
    base = {
        "timestamp": TIME,
        "policyIdentity": "office",
        "identities": ["office", "laptop"],
        "internalIp": "192.0.2.11",
        "externalIp": "203.0.113.5",
        "action": "Allowed",
        "queryType": "1 (A)",
        "responseCode": "NOERROR",
        "domain": "cdn.example.net.",
        "categories": ["Software", "News"],
    }
    types = {"policyIdentityType": "Networks", "identityTypes": ["Networks", "Roaming"]}
    blocked = {"blockedCategories": ["Gambling"]}
    assert said(umbrella.parse_dns(row(DNS[:10]))) == base
    assert said(umbrella.parse_dns(row(DNS[:11]))) == base
    assert said(umbrella.parse_dns(row(DNS[:12]))) == base | types
    assert said(umbrella.parse_dns(row(DNS))) == base | types | blocked
    assert said(umbrella.parse_dns(row([*DNS, "more"]))) == base | types | blocked


def test_an_empty_text_is_no_list():
    assert "identities" not in said(umbrella.parse_dns(changed(DNS, 2, "")))


def test_fields_without_quotes_are_read_too():
    line = "2022-03-14 09:26:53,office,o,192.0.2.11,203.0.113.5,Allowed,A,NOERROR,x.,News"
    assert umbrella.parse_dns(line)["domain"] == "x."


def test_an_ip_row():
    assert said(umbrella.parse_ip(row(IP_ROW))) == {
        "timestamp": TIME,
        "identity": "office",
        "sourceIp": "192.0.2.1",
        "sourcePort": 123,
        "destinationIp": "198.51.100.2",
        "destinationPort": 80,
        "categories": ["a", "b"],
    }


@pytest.mark.parametrize("place", [3, 5])
@pytest.mark.parametrize("port", ["", "65536", "-1", "http"])
def test_ports_of_an_ip_row_must_be_ports(place, port):
    with pytest.raises(ValueError, match="Port: not a number in range"):
        umbrella.parse_ip(changed(IP_ROW, place, port))


def test_a_firewall_row_reads_missing_ports_as_zero():
    assert said(umbrella.parse_cloud_firewall(row(FIREWALL))) == {
        "timestamp": TIME,
        "originId": "[1]",
        "identity": "office",
        "identityType": "CDFW",
        "direction": "OUTBOUND",
        "ipProtocol": 1,
        "packetSize": 84,
        "sourceIp": "192.0.2.1",
        "sourcePort": 0,
        "destinationIp": "198.51.100.2",
        "destinationPort": 443,
        "dataCenter": "ams1",
        "ruleId": "12",
        "verdict": "ALLOW",
    }
    assert umbrella.parse_cloud_firewall(changed(FIREWALL, 10, "70000"))["destinationPort"] == 0


@pytest.mark.parametrize(("place", "name"), [(5, "ipProtocol"), (6, "packetSize")])
def test_protocol_and_size_of_a_firewall_row_are_needed(place, name):
    for text in ("", "65536", "TCP"):
        with pytest.raises(ValueError, match=name):
            umbrella.parse_cloud_firewall(changed(FIREWALL, place, text))


def test_a_proxy_row_of_every_version():
    base = {
        "timestamp": TIME,
        "identity": "laptop",
        "identities": ["laptop", "site"],
        "internalIp": "192.0.2.1",
        "externalIp": "198.51.100.1",
        "destinationIp": "198.51.100.2",
        "contentType": "text/html",
        "verdict": "ALLOWED",
        "url": "http://x/a,b",
        "referrer": "www.example.com",
        "userAgent": 'agent "x"',
        "statusCode": 200,
        "requestSize": 562,
        "responseSize": 1489,
        "responseBodySize": 0,
        "sha": "abc123",
        "categories": ["Search", "News"],
        "avDetections": ["av"],
        "puas": ["pua"],
        "ampDisposition": "CLEAN",
        "ampMalwareName": "name",
        "ampScore": "7",
    }
    assert said(umbrella.parse_proxy(row(PROXY[:22]))) == base
    assert said(umbrella.parse_proxy(row(PROXY[:23]))) == base | {"identityType": "Networks"}
    assert said(umbrella.parse_proxy(row(PROXY))) == base | {
        "identityType": "Networks",
        "blockedCategories": ["Ads"],
    }


@pytest.mark.parametrize("status", ["", "202", "404", "-"])
def test_a_proxy_row_has_status_200_or_201(status):
    assert umbrella.parse_proxy(changed(PROXY, 11, "201"))["statusCode"] == 201
    with pytest.raises(ValueError, match="statusCode"):
        umbrella.parse_proxy(changed(PROXY, 11, status))


@pytest.mark.parametrize(
    ("parse", "fields"),
    [
        (umbrella.parse_dns, DNS[:9]),
        (umbrella.parse_ip, IP_ROW[:7]),
        (umbrella.parse_ip, [*IP_ROW, "x"]),
        (umbrella.parse_cloud_firewall, FIREWALL[:13]),
        (umbrella.parse_cloud_firewall, [*FIREWALL, "x"]),
        (umbrella.parse_proxy, PROXY[:21]),
    ],
)
def test_another_number_of_fields_is_refused(parse, fields):
    with pytest.raises(ValueError, match="fields"):
        parse(row(fields))


@pytest.mark.parametrize(
    ("parse", "fields"),
    [
        (umbrella.parse_dns, DNS),
        (umbrella.parse_ip, IP_ROW),
        (umbrella.parse_cloud_firewall, FIREWALL),
        (umbrella.parse_proxy, PROXY),
    ],
)
def test_a_time_that_cannot_be_read_is_refused(parse, fields):
    for time in ("2022-03-14T09:26:53Z", "2022-03-14", "2022-02-30 09:26:53", ""):
        with pytest.raises(ValueError):
            parse(changed(fields, 0, time))


@pytest.mark.parametrize(
    ("parse", "collect", "fields", "expected"),
    [
        (umbrella.parse_dns, umbrella.collect_dns, DNS,
         {IP: {"192.0.2.11", "203.0.113.5"}, DOMAIN: {"cdn.example.net"}}),
        (umbrella.parse_ip, umbrella.collect_ends, IP_ROW, {IP: {"192.0.2.1", "198.51.100.2"}}),
        (umbrella.parse_cloud_firewall, umbrella.collect_ends, FIREWALL,
         {IP: {"192.0.2.1", "198.51.100.2"}}),
        (umbrella.parse_proxy, umbrella.collect_proxy, PROXY,
         {IP: {"192.0.2.1", "198.51.100.1", "198.51.100.2"}, SHA256: {"abc123"}}),
    ],
)  # fmt: skip
def test_what_is_found(parse, collect, fields, expected):
    found = Found()
    collect(parse(row(fields)), found)
    assert found == expected


def test_the_root_domain_is_not_found():
    found = Found()
    umbrella.collect_dns(umbrella.parse_dns(changed(DNS, 8, ".")), found)
    assert DOMAIN not in found
