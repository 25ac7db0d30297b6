"""Lines of Juniper's web application firewall. None of them has a year."""

from __future__ import annotations

from tools.filegen import pools
from tools.filegen.columns import (
    choice,
    framed,
    hexes,
    number,
    pick,
    plain,
    sometimes,
    time,
)
from tools.filegen.draw import Column

_LEVELS = ("INFO", "INFO", "TRACE", "DEBUG", "WARN", "ERROR")
_HOSTS = ("mws1", "mws2", "edge")


def _line(form: str, *columns: Column) -> Column:
    stamp = time("%b %e %H:%M:%S", plain)
    return framed("%s %s " + form, stamp, pick(_HOSTS), *columns)


def access() -> Column:
    """Phases of requests, without the lines of headers and bodies between them."""
    return _line(
        "[%s][mws-access][http-%s] key:%s, PHASE_%s_%s_PROCESS, %s, %s",
        pick(_LEVELS),
        number(1, 64),
        hexes(32),
        pick(("REQUEST", "RESPONSE")),
        pick(("PRE", "POST")),
        pick(pools.addresses_v4()),
        pick(pools.urls()),
    )


def audit() -> Column:
    """What users and holders of keys did."""
    user = framed("%s] [%s", pick(pools.people()), pick(pools.addresses_v4()))
    return _line("[mws-audit][%s] [%s] %s", pick(_LEVELS), choice(0.7, user, hexes(32)),
                 pick(pools.phrases()))  # fmt: skip


def firewall() -> Column:
    """Packets."""
    return _line(
        "kernel: IPTABLES %s: IN=eth0 OUT= MAC=%s SRC=%s DST=%s LEN=%s TOS=0x00 PREC=0x00 TTL=%s"
        " ID=%s DF PROTO=TCP SPT=%s DPT=%s WINDOW=%s RES=0x00 SYN URGP=0",
        pick(("DROP", "ACCEPT")),
        framed("%s:%s:%s", hexes(2), hexes(2), hexes(2)),
        pick(pools.addresses_v4()),
        pick(pools.addresses_v4()),
        number(40, 1500),
        number(1, 255),
        number(0, 65535),
        number(1024, 65535),
        pick(("22", "80", "443")),
        number(0, 65535),
    )


def mws() -> Column:
    """What the services say."""
    return _line("[%s] [%s] [%s]: %s", pick(_LEVELS), pick(("mws-proxy", "mws-engine")),
                 pick(pools.WORDS), pick(pools.phrases()))  # fmt: skip


def postgres() -> Column:
    """What the database says."""
    return _line("postgres[%s]: [%s-%s] %s %s %s: %s", number(1, 32_768), number(1, 999),
                 number(1, 9), pick(("00000", "23505", "42P01")), hexes(12),
                 pick(("LOG", "ERROR", "STATEMENT")), pick(pools.phrases()))  # fmt: skip


def security() -> Column:
    """Alerts of the three categories."""
    date = time("layout=2006-01-02 15:04:05", plain)
    profile = framed('MKS_ProfileId="%s" MKS_ProfileName="%s"', hexes(16), pick(pools.people()))
    new_profile = framed('MKS_Category="New Profile" %s MKS_PubKey="%s"', profile, hexes(32))
    incident = framed(
        'MKS_Category="Security Incident" MKS_Type="%s" MKS_Severity="%s" MKS_ProfileName="%s"'
        ' MKS_SrcIP="%s" MKS_useragent="%s" MKS_url="%s" MKS_count="%s" MKS_fakeresponse="%s"',
        pick(pools.phrases()), number(0, 4), pick(pools.people()), pick(pools.addresses_v4()),
        pick(pools.AGENTS), pick(pools.urls()), number(1, 99), pick(("true", "false")),
    )  # fmt: skip
    response = framed(
        'MKS_Category="New Counter Response" MKS_ResponseCode="%s" %s MKS_ResponseCreated="%s"'
        ' MKS_ResponseExpires="%s" MKS_SilentRunning="%s"',
        pick(("BL", "CP", "WM")), profile, date, sometimes(date, "null"), pick(("true", "false")),
    )  # fmt: skip
    return _line("[%s][mws-security-alert][%s] %s", pick(_LEVELS), pick(("mws1", "mws2")),
                 choice(0.3, new_profile, choice(0.6, incident, response)))  # fmt: skip
