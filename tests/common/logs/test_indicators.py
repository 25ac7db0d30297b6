"""Each indicator gives exactly what its row of the schema language says, and nothing else."""

import ipaddress
import random

import pytest

from common.logs import found, indicators
from common.logs.found import (
    ACCOUNT_ID,
    ARN,
    DOMAIN,
    EMAIL,
    INSTANCE_ID,
    IP,
    MD5,
    SHA1,
    SHA256,
    TAG,
    TRACE_ID,
    USERNAME,
    Found,
)


def scanned(name, text):
    """What one text gives: values by list, each value alone in its list."""
    result = Found()
    indicators.SCANNERS[name](text, result)
    assert all(len(values) == 1 for values in result.values())
    return {name: next(iter(values)) for name, values in result.items()}


@pytest.mark.parametrize(
    "text",
    ["0.0.0.0", "255.255.255.255", "1.2.3.4", "::", "::1", "1::", "2001:DB8::1", "::ffff:1.2.3.4",
     "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "1:2:3:4:5:6:1.2.3.4",
     "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255", "fe80::0001", "a::b"],
)  # fmt: skip
def test_an_address_keeps_its_spelling(text):
    assert indicators.is_ip(text)
    assert scanned("ip", f"\t {text}\u3000\n") == {IP: text}
    assert scanned("hostname", f" {text} ") == {IP: text}


@pytest.mark.parametrize(
    "text",
    ["", "-", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.00", "1.2.3.256", "1.2.3.4/24", "1.2.3.4:80",
     "1.2..4", "1.2.3.", ".1.2.3", "0x1.2.3.4", "1.2.3.+4", "1.2.3.1_1", "1.2.3.\u0664", "16909060",
     "1.2.3.4\x00", "fe80::1%eth0", "[::1]", "::1/128", ":", ":::", "1:2:3:4:5:6:7",
     "1:2:3:4:5:6:7:8:9", "1:2:3:4::5:6:7:8", "1::2::3", "12345::", "g::", "::1.2.3", "::01.2.3.4",
     "1.2.3.4::", "1:2:3:4:5:6:7:1.2.3.4", ":1:2:3:4:5:6:7", "1:2:3:4:5:6:7:", "www.example.com",
     "\x1c1.2.3.4"],
)  # fmt: skip
def test_what_only_looks_like_an_address_is_none(text):
    assert not indicators.is_ip(text)
    assert scanned("ip", text) == {}


def test_white_space_is_not_part_of_an_address():
    assert not indicators.is_ip(" 1.2.3.4")
    assert not indicators.is_ip("1.2.3.4\n")


def test_addresses_are_those_of_the_standard_library():
    chance = random.Random(7)
    samples = ["1.2.3.4", "192.168.100.255", "2001:db8::8a2e:370:7334", "::ffff:1.2.3.4", "1::",
               "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7.8.9.10"]  # fmt: skip
    verdicts = set()
    for _ in range(5000):
        text = list(chance.choice(samples))
        for _ in range(chance.randrange(4)):
            place = chance.randrange(len(text))
            text[place : place + chance.randrange(2)] = chance.choice(["", *"0123459af.:.:::"])
        verdict = is_address_to_the_standard_library("".join(text))
        assert indicators.is_ip("".join(text)) is verdict, "".join(text)
        verdicts.add(verdict)
    assert verdicts == {True, False}


def is_address_to_the_standard_library(text):
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize(
    "text, name",
    [("www.Example.com", "www.Example.com"), ("  a b ", "a b"), ("-", "-"), ("1.2.3.4", "1.2.3.4"),
     ("xn--bcher-kva.example", "bücher.example"), ("xn--bcher-kva.XN--x", "bücher.XN--x"),
     ("xn--e1afmkfd.xn--p1ai", "пример.рф"), ("x.example", "x.example"),
     ("www.xn--bcher-kva.example", "www.xn--bcher-kva.example"), ("xn--abc-", "abc")],
)  # fmt: skip
def test_a_domain_is_any_text_without_punycode_at_its_beginning(text, name):
    assert scanned("domain", text) == {DOMAIN: name}


@pytest.mark.parametrize(
    "text",
    ["xn--", "xn---x", "xn--a!", "xn--99999999", "xn--bücher-kva", "xn--ok-.xn--",
     "xn--bcher-kva.xn--a!", "xn--ib9b", "xn--" + "a" * 300],
)  # fmt: skip
def test_punycode_that_cannot_be_read_is_kept(text):
    # xn--ib9b is U+D800, half a surrogate pair.
    assert scanned("domain", text) == {DOMAIN: text}


@pytest.mark.parametrize("name", ["domain", "hostname", "url", "net_addr", "username", "trace_id"])
@pytest.mark.parametrize("text", ["", " ", "\t\u00a0\u2028\x85"])
def test_white_space_alone_gives_nothing(name, text):
    assert scanned(name, text) == {}


def test_a_hostname_is_an_address_or_a_name_and_never_both():
    assert scanned("hostname", "::1") == {IP: "::1"}
    assert scanned("hostname", "1.2.3.4:80") == {DOMAIN: "1.2.3.4:80"}
    assert scanned("hostname", " xn--bcher-kva.example") == {DOMAIN: "bücher.example"}
    assert scanned("hostname", "fe80::1%eth0") == {DOMAIN: "fe80::1%eth0"}


@pytest.mark.parametrize(
    "url, host",
    [("https://www.example.com", "www.example.com"), ("//h/x", "h"), ("ftp://h", "h"),
     ("a+b-c.1://h?q#f", "h"), ("http://h#f", "h"), ("http://h:80/", "h"), ("http://h:", "h"),
     ("http://user:pass@h:8080/x", "h"), ("http://a@b@h/", "h"), (" http://h/a b\n", "h"),
     ("http://h/a%20b", "h"), ("http://h/?discount=5%", "h"), ("http://h/x?a//b@c:d", "h"),
     ("http://bücher.example/ü", "bücher.example"),
     ("http://b%C3%BCcher.example", "bücher.example"), ("http://a%25b/", "a%b"),
     ("http://xn--bcher-kva.example/", "bücher.example"), ("HTTP://Example.COM./", "Example.COM."),
     ("http://_a.b-c~!$&'()*+,;=/", "_a.b-c~!$&'()*+,;=")],
)  # fmt: skip
def test_a_url_gives_the_name_of_its_host(url, host):
    assert scanned("url", url) == {DOMAIN: host}


@pytest.mark.parametrize(
    "url, host",
    [("http://1.2.3.4/", "1.2.3.4"), ("http://u@1.2.3.4:80", "1.2.3.4"), ("//[::1]", "::1"),
     ("http://[2001:DB8::1]:443/x", "2001:DB8::1"), ("http://[::ffff:1.2.3.4]/", "::ffff:1.2.3.4")],
)  # fmt: skip
def test_a_url_gives_the_address_of_its_host(url, host):
    assert scanned("url", url) == {IP: host}


@pytest.mark.parametrize(
    "url",
    ["", "foo.com/x", "foo.com:80/x", "mailto:a@b", "1.2.3.4", "::1", "/x", "///x", "file:///x",
     "http:h/x", "http:/h/x", "http://", "http://:80/", "http://u@/", "http://a b/",
     "http://a b@h/", "http://h:https/", "http://h:80a/", "http://a:b:80/", "http://::1/", "http://h/%zz",
     "http://h/%2", "http://h/#%", "http://u%@h/", "http://%zz/", "http://%41/",
     "http://a%20b/", "http://a\\b/", "http://<a>/", "1http://h/", "://h/", "http://h/\x01", "http://h/\x7f?",
     "http://[::1", "http://[::1]x/", "http://[1.2.3.4]/", "http://[a]/", "http://[fe80::1%25eth0]/",
     "http://[]/"],
)  # fmt: skip
def test_a_malformed_url_or_one_without_host_gives_nothing(url):
    assert scanned("url", url) == {}


def test_a_percent_sign_after_the_query_is_seen():
    assert scanned("url", "http://h/?a=%#b?%") == {}
    assert scanned("url", "http://h/?a=%#b?%41") == {DOMAIN: "h"}


@pytest.mark.timeout(5)
@pytest.mark.parametrize("name", indicators.SCANNERS)
@pytest.mark.parametrize("text", ["@" * 200_000 + " ", "xn--" + "a" * 200_000, "1:" * 100_000])
def test_long_texts_take_linear_time(name, text):
    scanned(name, f"http://{text}")
    scanned(name, text)


@pytest.mark.parametrize(
    "text, values",
    [("1.2.3.4:80", {IP: "1.2.3.4"}), ("[::1]:80", {IP: "::1"}), ("h:https", {DOMAIN: "h"}),
     ("h:", {DOMAIN: "h"}), (" 1.2.3.4 :80", {IP: "1.2.3.4"}), ("::1", {IP: "::1"}),
     ("1.2.3.4", {IP: "1.2.3.4"}), ("h", {DOMAIN: "h"}), ("foo:bar:80", {DOMAIN: "foo:bar:80"}),
     (":80", {}), ("[]:80", {}), ("[::1]", {DOMAIN: "[::1]"}), ("[h]:80", {DOMAIN: "h"}),
     ("[::1]:80:90", {DOMAIN: "[::1]:80:90"}), ("a]b:80", {DOMAIN: "a]b:80"}),
     ("xn--bcher-kva.example:443", {DOMAIN: "bücher.example"})],
)  # fmt: skip
def test_a_network_address_is_split_when_it_has_one_port(text, values):
    assert scanned("net_addr", text) == values


@pytest.mark.parametrize("name, column, digits", [("md5", MD5, 32), ("sha1", SHA1, 40),
                                                  ("sha256", SHA256, 64)])  # fmt: skip
def test_a_hash_has_its_number_of_hex_digits_and_is_lower_case(name, column, digits):
    text = ("0123456789abcdefABCDEF" * 3)[:digits]
    assert scanned(name, f" {text}\n") == {column: text.lower()}
    for other in (text[1:], text + "0", text[:-1] + "g", text[:-1] + "\u0661", "", "-"):
        assert scanned(name, other) == {}


def test_an_email_needs_nothing_but_an_at_sign():
    assert scanned("email", " jane@example.com ") == {EMAIL: "jane@example.com"}
    assert scanned("email", "@") == {EMAIL: "@"}
    assert scanned("email", "jane") == {}


@pytest.mark.parametrize("name, column", [("username", USERNAME), ("trace_id", TRACE_ID)])
def test_names_and_trace_ids_are_any_text(name, column):
    assert scanned(name, " -\t") == {column: "-"}


@pytest.mark.parametrize(
    "name, text, values",
    [("aws_account_id", "012345678901", {ACCOUNT_ID: "012345678901"}),
     ("aws_account_id", " 012345678901", {}), ("aws_account_id", "01234567890", {}),
     ("aws_account_id", "0123456789012", {}), ("aws_account_id", "01234567890a", {}),
     ("aws_account_id", "01234567890\u0661", {}), ("aws_account_id", "anonymous", {}),
     ("aws_instance_id", "i-0abc", {INSTANCE_ID: "i-0abc"}), ("aws_instance_id", " i-0abc", {}),
     ("aws_instance_id", "i", {}), ("aws_instance_id", "", {}), ("aws_instance_id", "eni-1", {}),
     ("aws_tag", " a:b ", {TAG: " a:b "}), ("aws_tag", " ", {TAG: " "}), ("aws_tag", "", {})],
)  # fmt: skip
def test_aws_values_are_not_trimmed(name, text, values):
    assert scanned(name, text) == values


@pytest.mark.parametrize(
    "arn, more",
    [("arn:aws:s3:::bucket/instance/i-1", {}), ("arn:::::", {}),
     ("arn:aws:iam::123456789012:user/jane@example.com", {ACCOUNT_ID: "123456789012"}),
     ("arn:aws:iam::12345678901:root", {}), ("arn:aws:sns:us-east-1:aws:topic:with:colons", {}),
     ("arn:aws:ec2:r:123456789012:instance/i-1", {ACCOUNT_ID: "123456789012", INSTANCE_ID: "i-1"}),
     ("arn:aws:ec2:r::instance/a/i-1", {INSTANCE_ID: "i-1"}), ("arn:aws:ec2:r::instance/i-1/a", {}),
     ("arn:aws:ec2:r::instance", {}), ("arn:aws:ec2:r::instance/", {}),
     ("arn:aws:sts::123456789012:assumed-role/Admin/jane@example.com",
      {ACCOUNT_ID: "123456789012", EMAIL: "jane@example.com"}),
     ("arn:aws:sts:::assumed-role/jane@example.com/session", {}),
     ("arn:aws:iam:::assumed-role/Admin/jane@example.com", {}),
     ("arn:aws:sts:::federated-user/jane@example.com", {}),
     (f"arn:aws:s3::123456789012:{'key/' * 100}", {ACCOUNT_ID: "123456789012"})],
)  # fmt: skip
def test_an_arn_gives_itself_and_what_it_names(arn, more):
    assert scanned("aws_arn", arn) == {ARN: arn, **more}
    assert scanned("aws_arn_only", arn) == {ARN: arn}


@pytest.mark.parametrize("text", ["", "arn", "arn:", "arn:aws:s3::bucket", " arn:aws:s3:::bucket",
                                  "ARN:aws:s3:::bucket", "xarn:aws:s3:::bucket"])  # fmt: skip
@pytest.mark.parametrize("name", ["aws_arn", "aws_arn_only"])
def test_what_is_no_arn_gives_nothing(name, text):
    assert scanned(name, text) == {}


def test_scanners_feed_only_the_lists_they_are_said_to_feed():
    texts = ["1.2.3.4", "h", "http://h/", "http://[::1]", "[::1]:80", "a@b", "i-1", "1" * 12,
             "0" * 32, "0" * 40, "0" * 64, "arn:aws:ec2:r:123456789012:instance/i-1",
             "arn:aws:sts::123456789012:assumed-role/r/a@b"]  # fmt: skip
    assert indicators.FEEDS.keys() == indicators.SCANNERS.keys()
    for name, scan in indicators.SCANNERS.items():
        result = Found()
        for text in texts:
            scan(text, result)
        assert tuple(column for column in found.ORDER if column in result) == indicators.FEEDS[name]


def test_the_same_value_twice_is_found_once():
    result = Found()
    for text in ("h", " h", "h"):
        indicators.SCANNERS["domain"](text, result)
    assert result == {DOMAIN: {"h"}}
