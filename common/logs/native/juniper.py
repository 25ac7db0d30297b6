"""Logs of Juniper's web application firewall (Junos WebApp Secure), all but its security alerts.

The formats: WebApp Secure documentation, "Log Format". Each begins with the time, without a year,
and the host; words in square brackets follow, which may or may not have spaces between them.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from common.logs.found import Found
from common.logs.native.addresses import add_ip
from common.logs.native.fields import INT32_MAX, INT64_MAX, UINT16_MAX, needed, unsigned
from common.logs.native.lines import Clock, Parse, Values, Warn, ignore
from common.logs.native.times import yearless

_LEVEL = r"\[(INFO|TRACE|DEBUG|WARN|ERROR)\]"


def line_pattern(expression: str, host: str = r"\S+") -> re.Pattern[str]:
    """A line with its time and host as the first two groups; only ASCII white space and letters
    count as such."""
    head = rf"([A-Z][a-z]{{2}} +[0-9]{{1,2}} [0-9:]{{8}}) +({host}) +"
    return re.compile(head + expression, re.ASCII)


_ACCESS = line_pattern(
    _LEVEL + r"\s*\[mws-access\]\s*\[([^\]]*)\]\s*key:([^,]*),"
    r"\s*PHASE_(REQUEST|RESPONSE)_(PRE|POST)_PROCESS\s*,([^,]*),\s*(.+)"
)
# What stands in the second brackets is told from a message in brackets by its dots or colons.
_AUDIT = line_pattern(
    r"\[mws-audit\]\s*\[([^\]]*)\]\s*"
    r"(?:\[([^\]]*)\]\s*(?:\[([0-9A-Fa-f]*[.:][0-9A-Fa-f.:]*)\]\s*)?)?(.*)"
)
_FIREWALL = line_pattern(r"kernel:\s*IPTABLES\s+([^:\s][^:]*):\s*(.*)")
_MWS = line_pattern(rf"(?:{_LEVEL}\s*)?\[([^\]]*)\]\s*(?:\[([^\]]*)\]\s*)?:?\s*(.*)")
_POSTGRES = line_pattern(
    r"postgres\[([0-9]+)\]:\s*\[([0-9]+)-([0-9]+)\]\s*(\S+)\s+(\S+)\s+([^\s:]+):\s*(.*)"
)

_API_KEY = re.compile(r"[0-9a-f]{32}")
_HAVE_OWN_TYPE = ("mws-access", "mws-security-alert", "mws-audit")
_PACKET_TEXTS = ("DST", "SRC", "IN", "OUT", "MAC", "TOS", "PREC", "PROTO")
_PACKET_FLAGS = ("SYN", "DF", "RST")
_PACKET_NUMBERS = {
    "DPT": UINT16_MAX,
    "SPT": UINT16_MAX,
    "LEN": UINT16_MAX,
    "WINDOW": UINT16_MAX,
    "TTL": INT64_MAX,
    "ID": INT64_MAX,
}


def head_reader(
    pattern: re.Pattern[str], kind: str, clock: Clock
) -> Callable[[str], tuple[Values, list[str]]]:
    """A reader of lines of `pattern`: time and host as values, and the other groups. It raises
    ValueError for other lines, and for times that do not exist."""
    read_time = yearless(clock, minds_new_year=True)

    def read(line: str) -> tuple[Values, list[str]]:
        match = pattern.fullmatch(line)
        if match is None:
            raise ValueError(f"not a Juniper {kind} line")
        time, host, *others = match.groups()
        return {"timestamp": read_time(time), "hostname": host}, others

    return read


def access_parser(clock: Clock, warn: Warn = ignore) -> Parse:
    """Requests and responses. Each is followed by lines of its headers and body: after the first
    that is one, lines that are none give nothing."""
    read = head_reader(_ACCESS, "access", clock)
    has_begun = False

    def parse(line: str) -> Values | None:
        nonlocal has_begun
        try:
            values, (level, thread, key, kind, stage, client, url) = read(line)
        except ValueError:
            if has_begun:
                return None
            raise
        has_begun = True
        values["log_level"] = level
        values["thread"] = thread
        values["unique_request_key"] = key.strip()
        values["type"] = kind
        values["stage"] = stage
        values["proxy_client_ip"] = client.strip()
        values["url"] = url
        return values

    return parse


def audit_parser(clock: Clock, warn: Warn = ignore) -> Parse:
    """What users and holders of API keys did. A user's address may follow the name."""
    read = head_reader(_AUDIT, "audit", clock)

    def parse(line: str) -> Values:
        values, (level, who, address, message) = read(line)
        values["log_level"] = level
        values["message"] = message
        values["login_ip"] = address
        is_key = not address and who and _API_KEY.fullmatch(who)
        values["api_key" if is_key else "username"] = who or ""
        return values

    return parse


def firewall_parser(clock: Clock, warn: Warn = ignore) -> Parse:
    """Packets, as iptables describes them. Keys that are not known are ignored, numbers that
    cannot be read raise ValueError."""
    read = head_reader(_FIREWALL, "firewall", clock)

    def parse(line: str) -> Values:
        values, (event, packet) = read(line)
        values["event"] = event
        for word in packet.split():
            key, equals, value = word.partition("=")
            if not equals:
                if key in _PACKET_FLAGS:
                    values[key] = True
            elif key in _PACKET_TEXTS:
                values[key] = value
            elif key in _PACKET_NUMBERS:
                values[key] = needed(unsigned(value, _PACKET_NUMBERS[key]), key)
        return values

    return parse


def mws_parser(clock: Clock, warn: Warn = ignore) -> Parse:
    """What the services say, but for those whose lines have a type of their own."""
    read = head_reader(_MWS, "service", clock)

    def parse(line: str) -> Values:
        values, (level, service, component, message) = read(line)
        # Behind a level that is not one of the usual, such as ALERT, the service looks like a
        # component.
        if service in _HAVE_OWN_TYPE or component in _HAVE_OWN_TYPE:
            raise ValueError("not a Juniper service line: the service has a type of its own")
        values["log_level"] = level
        values["service_name"] = service
        values["service_component"] = component
        values["log_message"] = message
        return values

    return parse


def postgres_parser(clock: Clock, warn: Warn = ignore) -> Parse:
    """What the database says."""
    read = head_reader(_POSTGRES, "database", clock)

    def parse(line: str) -> Values:
        values, (pid, major, minor, code, session, kind, message) = read(line)
        values["pid"] = needed(unsigned(pid, INT32_MAX), "pid")
        values["group_id_major"] = needed(unsigned(major, INT32_MAX), "group_id_major")
        values["group_id_minor"] = needed(unsigned(minor, INT32_MAX), "group_id_minor")
        values["sql_error_code"] = code
        values["session_id"] = session
        values["message_type"] = kind
        values["message"] = message
        return values

    return parse


def collect_access(values: Values, found: Found) -> None:
    """The client's address."""
    add_ip(values.get("proxy_client_ip"), found)


def collect_audit(values: Values, found: Found) -> None:
    """The user's address."""
    add_ip(values.get("login_ip"), found)


def collect_firewall(values: Values, found: Found) -> None:
    """The addresses of both ends."""
    add_ip(values.get("DST"), found)
    add_ip(values.get("SRC"), found)
