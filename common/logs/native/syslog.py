"""Syslog lines of RFC 3164 and RFC 5424."""

from __future__ import annotations

import re

from common.logs.found import Found
from common.logs.native.addresses import add_host, add_ips_in
from common.logs.native.lines import Clock, Parse, Values, Warn, ignore
from common.logs.native.times import rfc3339, yearless

_PRIORITY = r"<(0|[1-9][0-9]?|1[0-8][0-9]|19[01])>"
_DATE_AND_TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}"
_ZONE = r"(?:Z|[+-][0-9]{2}:[0-9]{2})"
_3164 = re.compile(
    _PRIORITY + r"(?:([A-Z][a-z]{2} (?: [1-9]|[12][0-9]|3[01]) [0-9:]{8})"
    rf"|({_DATE_AND_TIME}{_ZONE})) ([!-~]{{1,255}}) (.+)",
    re.DOTALL,
)
# Any visible character but a colon and an opening bracket.
_TAG = re.compile(r"([!-9;-Z\\-~]{1,32})(?:\[([^\]]*)\])?:( ?)", re.DOTALL)
_5424 = re.compile(
    _PRIORITY + rf"([1-9][0-9]{{0,2}}) (-|{_DATE_AND_TIME}(?:\.[0-9]{{1,6}})?{_ZONE})"
    r" ([!-~]{1,255}) ([!-~]{1,48}) ([!-~]{1,128}) ([!-~]{1,32}) "
)
# Names are visible characters but for an equals sign, a quote and a closing bracket.
_SD_NAME = r"[!#-<>-\\^-~]{1,32}"
_SD_VALUE = r'[^"\\\]]*(?:\\.[^"\\\]]*)*'
_ELEMENT = re.compile(rf'\[({_SD_NAME})((?: {_SD_NAME}="{_SD_VALUE}")*)\]', re.DOTALL)
_PAIR = re.compile(rf' ({_SD_NAME})="({_SD_VALUE})"', re.DOTALL)
_ESCAPED = re.compile(r'\\(["\\\]])')


def rfc3164_parser(clock: Clock, warn: Warn = ignore) -> Parse:
    """Lines of RFC 3164, with its own time (in the year of the clock, UTC) or that of RFC 3339.
    The parser raises ValueError for other lines, and for times that do not exist."""
    read_time = yearless(clock, minds_new_year=False)

    def parse(line: str) -> Values:
        match = _3164.fullmatch(line)
        if match is None:
            raise ValueError("not a syslog line of RFC 3164")
        priority, time, full_time, host, text = match.groups()
        values = _priority(priority)
        values["timestamp"] = read_time(time) if time else rfc3339(full_time)
        values["hostname"] = host
        values["message"] = text
        tag = _TAG.match(text)
        if tag is not None:
            values["appname"], values["procid"], space = tag.groups()
            if space:
                values["message"] = text[tag.end() :]
        return values

    return parse


def parse_rfc5424(line: str) -> Values:
    """A line of RFC 5424. Raises ValueError for other lines, and for times that do not exist."""
    match = _5424.match(line)
    if match is None:
        raise ValueError("not a syslog line of RFC 5424")
    priority, version, time, host, app, process, kind = match.groups()
    values = _priority(priority)
    values["version"] = int(version)
    if time != "-":
        values["timestamp"] = rfc3339(time)
    values["hostname"] = None if host == "-" else host
    values["appname"] = None if app == "-" else app
    values["procid"] = None if process == "-" else process
    values["msgid"] = None if kind == "-" else kind
    end = match.end()
    if line.startswith("-", end):
        end += 1
    else:
        values["structured_data"], end = _structured_data(line, end)
    if end < len(line):
        if line[end] != " ":
            raise ValueError("no space behind the structured data")
        values["message"] = line[end + 1 :]
    return values


def _priority(text: str) -> Values:
    priority = int(text)
    return {"priority": priority, "facility": priority // 8, "severity": priority % 8}


def _structured_data(line: str, start: int) -> tuple[dict[str, dict[str, str]], int]:
    """The elements that begin at `start`, pairs by their name by the element's, and where they
    end."""
    elements: dict[str, dict[str, str]] = {}
    while match := _ELEMENT.match(line, start):
        name, pairs = match.groups()
        if name in elements:
            raise ValueError("structured data has an element twice")
        elements[name] = {key: _unescaped(value) for key, value in _PAIR.findall(pairs)}
        start = match.end()
    if not elements or line.startswith("[", start):
        raise ValueError("structured data has a malformed element")
    return elements, start


def _unescaped(value: str) -> str:
    return _ESCAPED.sub(r"\1", value) if "\\" in value else value


def collect(values: Values, found: Found) -> None:
    """The host, and the addresses that the message mentions."""
    add_host(values.get("hostname"), found)
    add_ips_in(values.get("message"), found)
