"""Juniper's lines: which belong to which type, and what is read of them."""

import time
from datetime import UTC, datetime

import pytest

from common.logs.found import IP, Found
from common.logs.moment import Moment
from common.logs.native import juniper

NOW = int(datetime(2022, 3, 20, tzinfo=UTC).timestamp()) * 10**9
HEAD = "Mar 14 09:26:53 gw-1 "
START = {
    "timestamp": Moment(int(datetime(2022, 3, 14, 9, 26, 53, tzinfo=UTC).timestamp()) * 10**9),
    "hostname": "gw-1",
}
ACCESS = (
    HEAD + "[INFO][mws-access][Thread-9] key:k77, PHASE_REQUEST_PRE_PROCESS, 192.0.2.8, http://x/a"
)
KEY = "0123456789abcdef0123456789abcdef"


def said(maker, *lines):
    """What the last of the lines gives, without the time and host that all have."""
    parse = maker(lambda: NOW)
    for line in lines:
        values = parse(line)
    present = {name: value for name, value in values.items() if value is not None}
    assert {name: present.pop(name) for name in START} == START
    return present


def test_an_access_line():
    assert said(juniper.access_parser, ACCESS) == {
        "log_level": "INFO",
        "thread": "Thread-9",
        "unique_request_key": "k77",
        "type": "REQUEST",
        "stage": "PRE",
        "proxy_client_ip": "192.0.2.8",
        "url": "http://x/a",
    }


def test_spaces_around_the_commas_of_an_access_line_are_free():
    line = (
        HEAD
        + "[DEBUG][mws-access][T] key:k78 ,PHASE_RESPONSE_POST_PROCESS , 192.0.2.9,http://x/a,b"
    )
    values = said(juniper.access_parser, line)
    assert values["unique_request_key"] == "k78"
    assert (values["type"], values["stage"]) == ("RESPONSE", "POST")
    assert (values["proxy_client_ip"], values["url"]) == ("192.0.2.9", "http://x/a,b")


def test_other_lines_are_part_of_a_request_only_after_the_first():
    parse = juniper.access_parser(lambda: NOW)
    with pytest.raises(ValueError, match="not a Juniper access line"):
        parse("GET /cart HTTP/1.1")
    assert parse(ACCESS) is not None
    for line in ("GET /cart HTTP/1.1", "", HEAD + "[INFO] [other] text"):
        assert parse(line) is None
    assert parse(ACCESS) is not None


def test_an_access_line_has_one_of_five_levels():
    with pytest.raises(ValueError):
        juniper.access_parser(lambda: NOW)(ACCESS.replace("INFO", "FATAL"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[alice] [192.0.2.8] Logged in",
         {"username": "alice", "login_ip": "192.0.2.8", "message": "Logged in"}),
        ("[alice][2001:db8::1]Logged in",
         {"username": "alice", "login_ip": "2001:db8::1", "message": "Logged in"}),
        (f"[{KEY}] Response 7", {"api_key": KEY, "message": "Response 7"}),
        (f"[{KEY}] [192.0.2.8] Response 7",
         {"username": KEY, "login_ip": "192.0.2.8", "message": "Response 7"}),
        (f"[{KEY.upper()}] Response", {"username": KEY.upper(), "message": "Response"}),
        ("[bob] Changed: a.b, c.d", {"username": "bob", "message": "Changed: a.b, c.d"}),
        ("[bob] [note] text", {"username": "bob", "message": "[note] text"}),
        ("[] text", {"username": "", "message": "text"}),
        ("text", {"username": "", "message": "text"}),
    ],
)  # fmt: skip
def test_who_did_what_in_an_audit_line(text, expected):
    values = said(juniper.audit_parser, f"{HEAD}[mws-audit][WARN] {text}")
    assert values == {"log_level": "WARN", **expected}


def test_other_services_are_not_audited():
    with pytest.raises(ValueError, match="not a Juniper audit line"):
        juniper.audit_parser(lambda: NOW)(HEAD + "[mws-security][INFO] [x] no")


PACKET = (
    "IN=eth0 OUT= MAC=00:11:22 SRC=192.0.2.7 DST=198.51.100.9 LEN=60 TOS=0x00 PREC=0x00 TTL=54"
    " ID=5125 DF PROTO=TCP SPT=51000 DPT=22 WINDOW=29200 RES=0x00 SYN URGP=0"
)


def test_a_packet_of_the_firewall():
    assert said(juniper.firewall_parser, f"{HEAD}kernel: IPTABLES DROP: {PACKET}") == {
        "event": "DROP",
        "IN": "eth0",
        "OUT": "",
        "MAC": "00:11:22",
        "SRC": "192.0.2.7",
        "DST": "198.51.100.9",
        "LEN": 60,
        "TOS": "0x00",
        "PREC": "0x00",
        "TTL": 54,
        "ID": 5125,
        "DF": True,
        "PROTO": "TCP",
        "SPT": 51000,
        "DPT": 22,
        "WINDOW": 29200,
        "SYN": True,
    }


def test_flags_count_only_as_words_of_their_own():
    values = said(juniper.firewall_parser, HEAD + "kernel: IPTABLES X: RST SYN=1 DF= ACK DST")
    assert values == {"event": "X", "RST": True}


@pytest.mark.parametrize("pair", ["DPT=65536", "SPT=", "LEN=x", "WINDOW=65536", "TTL=1.5", "ID=-"])
def test_a_number_that_cannot_be_read_fails_a_packet(pair):
    with pytest.raises(ValueError, match=pair.partition("=")[0]):
        juniper.firewall_parser(lambda: NOW)(f"{HEAD}kernel: IPTABLES DROP: {pair}")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[INFO] [mws-config] [Reload] : loaded",
         {"log_level": "INFO", "service_name": "mws-config", "service_component": "Reload",
          "log_message": "loaded"}),
        ("[mws-config] loaded", {"service_name": "mws-config", "log_message": "loaded"}),
        ("[ERROR][mws-config][Reload]failed: x",
         {"log_level": "ERROR", "service_name": "mws-config", "service_component": "Reload",
          "log_message": "failed: x"}),
        ("[FATAL] [mws-config] text",
         {"service_name": "FATAL", "service_component": "mws-config", "log_message": "text"}),
    ],
)  # fmt: skip
def test_a_services_line_with_and_without_its_options(text, expected):
    assert said(juniper.mws_parser, HEAD + text) == expected


@pytest.mark.parametrize("service", ["mws-access", "mws-security-alert", "mws-audit"])
def test_services_with_a_type_of_their_own_are_refused(service):
    for text in (f"[INFO][{service}][x] y", f"[{service}][INFO] y", f"[ALERT][{service}][x] y"):
        with pytest.raises(ValueError, match="type of its own"):
            juniper.mws_parser(lambda: NOW)(HEAD + text)


def test_a_line_of_the_database():
    line = HEAD + "postgres[27562]: [3-1] 00000 5e38f1.6baa LOG:  checkpoint starting: time"
    assert said(juniper.postgres_parser, line) == {
        "pid": 27562,
        "group_id_major": 3,
        "group_id_minor": 1,
        "sql_error_code": "00000",
        "session_id": "5e38f1.6baa",
        "message_type": "LOG",
        "message": "checkpoint starting: time",
    }


@pytest.mark.parametrize(
    "text",
    [
        "postgres[x]: [3-1] 0 5e LOG: y",
        "postgres[1]: [3] 0 5e LOG: y",
        "postgres[1]: [3-1] 0 LOG: y",
        "postgres[2147483648]: [3-1] 0 5e LOG: y",
        "postgres[1]: [3-1] 0 5e no type",
    ],
)
def test_other_lines_are_not_the_databases(text):
    with pytest.raises(ValueError):
        juniper.postgres_parser(lambda: NOW)(HEAD + text)


@pytest.mark.parametrize(
    ("maker", "text"),
    [
        (juniper.access_parser, ACCESS.removeprefix(HEAD)),
        (juniper.audit_parser, "[mws-audit][INFO] [x] y"),
        (juniper.firewall_parser, "kernel: IPTABLES DROP: DF"),
        (juniper.mws_parser, "[x] y"),
        (juniper.postgres_parser, "postgres[1]: [3-1] 0 5e LOG: y"),
    ],
)
def test_the_time_has_no_year_and_must_exist(maker, text):
    december = maker(lambda: NOW)(f"Dec  1 00:00:00 gw {text}")
    assert december["timestamp"] == Moment(1_669_852_800 * 10**9)
    january = NOW - 70 * 86_400 * 10**9
    before = maker(lambda: january)(f"Dec  1 00:00:00 gw {text}")
    assert before["timestamp"] == Moment(1_638_316_800 * 10**9)
    for head in ("Feb 29 00:00:00 gw ", "2022-03-14 09:26:53 gw ", "Mar 14 09:26 gw ", ""):
        with pytest.raises(ValueError):
            maker(lambda: NOW)(head + text)


@pytest.mark.parametrize(
    ("collect", "values", "expected"),
    [
        (juniper.collect_access, {"proxy_client_ip": "192.0.2.8"}, {IP: {"192.0.2.8"}}),
        (juniper.collect_access, {"proxy_client_ip": "none"}, {}),
        (juniper.collect_audit, {"login_ip": "192.0.2.8"}, {IP: {"192.0.2.8"}}),
        (juniper.collect_audit, {"login_ip": None}, {}),
        (juniper.collect_firewall, {"DST": "192.0.2.8", "SRC": "::1"}, {IP: {"192.0.2.8", "::1"}}),
        (juniper.collect_firewall, {"DST": "300.1.1.1"}, {}),
    ],
)
def test_only_valid_addresses_are_found(collect, values, expected):
    found = Found()
    collect(values, found)
    assert found == expected


@pytest.mark.parametrize(
    ("maker", "start"),
    [
        (juniper.access_parser, "[INFO][mws-access][t] key:"),
        (juniper.access_parser, "[INFO][mws-access][t] key:k,"),
        (juniper.audit_parser, "[mws-audit]["),
        (juniper.firewall_parser, "kernel: IPTABLES "),
        (juniper.firewall_parser, "kernel: IPTABLES x"),
        (juniper.mws_parser, "["),
        (juniper.postgres_parser, "postgres[1]: [1-1] a b"),
        (juniper.postgres_parser, "postgres[1]: [1-1] a b c"),
    ],
)
def test_a_long_line_that_does_not_match_is_refused_at_once(maker, start):
    parse = maker(lambda: NOW)
    began = time.process_time()
    with pytest.raises(ValueError):
        parse(HEAD + start + " " * 50_000)
    assert time.process_time() - began < 10
