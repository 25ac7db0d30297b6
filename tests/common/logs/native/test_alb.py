"""The load balancer's log: places of words, what is made of words, and what fails a line."""

import pytest

from common.logs.found import ARN, DOMAIN, IP, Found
from common.logs.moment import Moment
from common.logs.native import alb

GROUP = "arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/t/73e2"
CERTIFICATE = "arn:aws:acm:us-east-2:123456789012:certificate/1234"
WORDS = [
    "https", "1970-01-01T00:00:01.5Z", "app/lb/50dc", "192.0.2.39:2817", "10.0.0.1:80",
    "0.086", "0.048", "-1", "200", "201", "12", "57", '"GET https://www.example.com:443/ HTTP/1.1"',
    '"curl/7.46.0 x"', "CIPHER", "TLSv1.2", GROUP, '"Root=1-58"', '"www.example.com"',
    f'"{CERTIFICATE}"', "1", "1970-01-01T00:00:00Z", '"waf,forward"', '"https://x/"', '"Reason"',
]  # fmt: skip


def line(**changes):
    """The line with other words at some places: `_3="-"`."""
    words = list(WORDS)
    for place, word in changes.items():
        words[int(place[1:])] = word
    return " ".join(words)


def said(text):
    return {name: value for name, value in alb.parse(text).items() if value is not None}


def test_every_word_has_its_field():
    assert said(line()) == {
        "type": "https",
        "timestamp": Moment(1_500_000_000),
        "elb": "app/lb/50dc",
        "clientIp": "192.0.2.39",
        "clientPort": 2817,
        "targetIp": "10.0.0.1",
        "targetPort": 80,
        "requestProcessingTime": 0.086,
        "targetProcessingTime": 0.048,
        "responseProcessingTime": -1.0,
        "elbStatusCode": 200,
        "targetStatusCode": 201,
        "receivedBytes": 12,
        "sentBytes": 57,
        "requestHttpMethod": "GET",
        "requestUrl": "https://www.example.com:443/",
        "requestHttpVersion": "HTTP/1.1",
        "userAgent": "curl/7.46.0 x",
        "sslCipher": "CIPHER",
        "sslProtocol": "TLSv1.2",
        "targetGroupArn": GROUP,
        "traceId": "Root=1-58",
        "domainName": "www.example.com",
        "chosenCertArn": CERTIFICATE,
        "matchedRulePriority": 1,
        "requestCreationTime": Moment(0),
        "actionsExecuted": ["waf", "forward"],
        "redirectUrl": "https://x/",
        "errorReason": "Reason",
    }


def test_a_hyphen_is_no_value_everywhere():
    hyphens = {f"_{place}": "-" for place in range(25) if place not in (1, 12)}
    assert said(line(**hyphens, _12='"- - -"')) == {"timestamp": Moment(1_500_000_000)}


def test_a_number_that_cannot_be_read_is_no_value():
    values = said(line(_5="fast", _9="2xx", _10="1.5", _20="first", _3="192.0.2.39:http"))
    assert values["clientIp"] == "192.0.2.39"
    for name in ("requestProcessingTime", "targetStatusCode", "receivedBytes", "clientPort",
                 "matchedRulePriority"):  # fmt: skip
        assert name not in values


@pytest.mark.parametrize(
    ("word", "host", "port"),
    [
        ("192.0.2.1:80", "192.0.2.1", 80),
        ("192.0.2.1", "192.0.2.1", None),
        ("[2001:db8::1]:80", "[2001:db8::1]:80", None),
        ("2001:db8::1", "2001:db8::1", None),
        ("-", None, None),
    ],
)
def test_only_a_single_colon_parts_host_and_port(word, host, port):
    values = alb.parse(line(_3=word, _4=word))
    assert (values["clientIp"], values["clientPort"]) == (host, port)
    assert (values["targetIp"], values["targetPort"]) == (host, port)


def test_the_url_of_a_request_keeps_its_spaces():
    values = said(line(_12='"GET http://x/a b  c HTTP/1.1"'))
    assert values["requestUrl"] == "http://x/a b  c"
    assert (values["requestHttpMethod"], values["requestHttpVersion"]) == ("GET", "HTTP/1.1")


def test_the_request_of_a_broken_connection_has_no_values():
    assert "requestUrl" not in said(line(_12='"- - - "'))
    assert said(line(_12='"- http://x:80- -"'))["requestUrl"] == "http://x:80-"


def test_a_request_that_was_not_understood_can_have_an_empty_version():
    values = said(line(_12='"- http://x:80- "'))
    assert "requestHttpMethod" not in values
    assert (values["requestUrl"], values["requestHttpVersion"]) == ("http://x:80-", "")


def test_further_fields_are_ignored():
    assert said(line() + ' "10.0.0.1:80" "200" "-" "-"') == said(line())


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (" ".join(WORDS[:24]), "fewer than 25 words"),
        ("{" + line(), "brace"),
        (line(_1="-"), "timestamp: not a time"),
        (line(_1="2022-03-14"), "not a time"),
        (line(_21="yesterday"), "requestCreationTime: not a time"),
        (line(_12='"GET /"'), "fewer than three words"),
        (line(_12='"- "'), "fewer than three words"),
        (line(_12='"-  "'), "fewer than three words"),
        (line(_12='"GET  HTTP/1.1"'), "fewer than three words"),
        (line(_12="-"), "fewer than three words"),
        (line(_13='agent"x'), "a quote inside"),
        (line(_13='"agent"x"'), "behind the closing quote"),
    ],
)
def test_other_lines_are_refused(text, reason):
    with pytest.raises(ValueError, match=reason):
        alb.parse(text)


def test_addresses_domain_and_arns_are_found():
    found = Found()
    alb.collect(alb.parse(line()), found)
    assert found == {
        IP: {"192.0.2.39", "10.0.0.1"},
        DOMAIN: {"www.example.com"},
        ARN: {GROUP, CERTIFICATE},
    }


def test_arns_are_taken_unchecked_and_hosts_only_as_addresses():
    found = Found()
    alb.collect(alb.parse(line(_3="[::1]:80", _4="-", _16="-", _18="-", _19='"reused"')), found)
    assert found == {ARN: {"reused"}}
