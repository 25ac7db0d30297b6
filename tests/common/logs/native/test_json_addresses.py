"""Addresses are told from other texts exactly, and found in free text up to the first bad one."""

import ipaddress

import pytest

from common.logs.found import DOMAIN, IP, Found
from common.logs.native import addresses

ADDRESSES = (
    "0.0.0.0", "1.2.3.4", "255.255.255.255", "198.51.100.7", "::", "::1", "1::", "2001:db8::8a2e",
    "2001:DB8::1", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "::ffff:1.2.3.4",
    "1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5::1.2.3.4", "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255",
)  # fmt: skip
OTHERS = (
    "", " ", "-", "1.2.3", "1.2.3.", "1.2.3.4.", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.04",
    " 1.2.3.4", "1.2.3.4\n", "1.2.3.4:80", "1.2.3.0/24", "1.2.3.\u0664", "host", "host:80", ":",
    ":::", ":1", "1:", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::",
    "1::2:3:4:5:6:7:8", "12345::", "g::", "[::1]", "::1/64", "fe80::1%eth0", "::1.2.3.256",
    "::1.2.3", "1.2.3.4::", ":1.2.3.4", "1:2:3:4:5:6:7:1.2.3.4", "1:2:3:4:5:6::1.2.3.4", "::\n",
)  # fmt: skip


@pytest.mark.parametrize("text", ADDRESSES)
def test_an_address_is_collected(text):
    found = Found()
    addresses.add_ip(text, found)
    assert found == {IP: {text}}
    assert ipaddress.ip_address(text)


@pytest.mark.parametrize("text", OTHERS)
def test_what_only_looks_like_an_address_is_left_out(text):
    found = Found()
    addresses.add_ip(text, found)
    assert found == {}


def test_collected_values_stay_as_they_are_and_nothing_is_added_for_none():
    found = Found()
    for value in ("2001:DB8::1", " 1.2.3.4", "", None):
        addresses.add_ip(value, found)
        addresses.add_domain(value, found)
    assert found == {IP: {"2001:DB8::1"}, DOMAIN: {"2001:DB8::1", " 1.2.3.4"}}


def test_a_host_is_an_address_or_else_a_domain():
    found = Found()
    for value in ("1.2.3.4", "web.example.org", "1.2.3.04", "", None):
        addresses.add_host(value, found)
    assert found == {IP: {"1.2.3.4"}, DOMAIN: {"web.example.org", "1.2.3.04"}}


@pytest.mark.parametrize(
    ("text", "hits"),
    [
        ("from 203.0.113.7 port 22, to 10.0.0.1.", {"203.0.113.7", "10.0.0.1"}),
        ("from=203.0.113.7,to=10.0.0.1", {"203.0.113.7", "10.0.0.1"}),
        ("1.2.3.456 and 1.1.1.1", set()),
        ("1.1.1.1 then 1.2.3. and 2.2.2.2", {"1.1.1.1"}),
        ("1.1.1.1 then 1.2.3.04 and 2.2.2.2", {"1.1.1.1"}),
        ("version 1.2.3 of 1.1.1.1", {"1.1.1.1"}),
        ("256.1.2.3", {"56.1.2.3"}),
        ("01.2.3.4", {"1.2.3.4"}),
        ("1.2.3.4.5.6.7.8", {"1.2.3.4", "5.6.7.8"}),
        ("a..1.2.3.4...", {"1.2.3.4"}),
        ("::ffff:1.2.3.4 2001:db8::1", {"1.2.3.4"}),
        ("no. address. in. this", set()),
        ("", set()),
        (None, set()),
    ],
)
def test_addresses_in_text(text, hits):
    found = Found()
    addresses.add_ips_in(text, found)
    assert found == ({IP: hits} if hits else {})
