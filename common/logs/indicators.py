"""Indicator scanners: what a text field that is declared an indicator adds to the p_any lists."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from urllib.parse import unquote

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
from common.logs.memo import Memo

Scanner = Callable[[str, Found], None]

# Unicode's White_Space. str.strip() without it would also take the separators U+001C to U+001F.
_SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)

# ---- addresses ------------------------------------------------------------
# RFC 3986, section 3.2.2: IPv4address and the nine forms of IPv6address. Not the system's
# inet_pton: systems differ in what they take.

_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_IPV4 = rf"{_OCTET}\.{_OCTET}\.{_OCTET}\.{_OCTET}"
_GROUP = "[0-9A-Fa-f]{1,4}"
_LAST_TWO = f"(?:{_GROUP}:{_GROUP}|{_IPV4})"
_IPV6 = "|".join(
    [
        f"(?:{_GROUP}:){{6}}{_LAST_TWO}",
        f"::(?:{_GROUP}:){{5}}{_LAST_TWO}",
        f"(?:{_GROUP})?::(?:{_GROUP}:){{4}}{_LAST_TWO}",
        f"(?:(?:{_GROUP}:){{0,1}}{_GROUP})?::(?:{_GROUP}:){{3}}{_LAST_TWO}",
        f"(?:(?:{_GROUP}:){{0,2}}{_GROUP})?::(?:{_GROUP}:){{2}}{_LAST_TWO}",
        f"(?:(?:{_GROUP}:){{0,3}}{_GROUP})?::{_GROUP}:{_LAST_TWO}",
        f"(?:(?:{_GROUP}:){{0,4}}{_GROUP})?::{_LAST_TWO}",
        f"(?:(?:{_GROUP}:){{0,5}}{_GROUP})?::{_GROUP}",
        f"(?:(?:{_GROUP}:){{0,6}}{_GROUP})?::",
    ]
)
_ADDRESS = re.compile(f"{_IPV4}|{_IPV6}").fullmatch
_ADDRESS_ENDS = frozenset("0123456789abcdefABCDEF:")
_LONGEST_ADDRESS = len("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255")
# Whether texts are addresses, of those last asked about.
_known: Memo[str, bool] = Memo(lambda text: _ADDRESS(text) is not None, 1 << 14)


def is_ip(text: str) -> bool:
    """Whether the whole text is an IPv4 address (four decimal parts without leading zeros) or an
    IPv6 address, without zone, port, brackets or mask."""
    # Most names end in a letter that no address ends in; this keeps them out of the cache.
    if not text or text[-1] not in _ADDRESS_ENDS:
        return False
    return len(text) <= _LONGEST_ADDRESS and _known[text]


# ---- hosts ----------------------------------------------------------------

_ACE = "xn--"
_LONGEST_NAME = 255  # RFC 1035, section 2.3.4; decoding is quadratic, so nothing longer is tried


# The two scanners that run most do without calling is_ip: the call is a quarter of their time.


def _ip(text: str, found: Found) -> None:
    trimmed = text.strip(_SPACE)
    if len(trimmed) <= _LONGEST_ADDRESS and _known[trimmed]:
        found[IP].add(trimmed)


def _domain(text: str, found: Found) -> None:
    trimmed = text.strip(_SPACE)
    if trimmed:
        found[DOMAIN].add(_unicode_name(trimmed) if trimmed[0] == "x" else trimmed)


def _hostname(text: str, found: Found) -> None:
    trimmed = text.strip(_SPACE)
    if not trimmed:
        return
    is_likely = trimmed[-1] in _ADDRESS_ENDS and len(trimmed) <= _LONGEST_ADDRESS
    if is_likely and _known[trimmed]:
        found[IP].add(trimmed)
    else:
        found[DOMAIN].add(_unicode_name(trimmed) if trimmed[0] == "x" else trimmed)


def _unicode_name(name: str) -> str:
    """A name that begins with xn-- with its punycode labels (RFC 3492) decoded; as it was when one
    of them cannot be."""
    if not name.startswith(_ACE) or len(name) > _LONGEST_NAME:
        return name
    try:
        return ".".join(map(_unicode_label, name.split(".")))
    except UnicodeError:
        return name


def _unicode_label(label: str) -> str:
    if not label.startswith(_ACE):
        return label
    code = label[len(_ACE) :]
    if not code or code.rfind("-") == 0:
        raise UnicodeError("no punycode")
    decoded = code.encode("ascii").decode("punycode")
    decoded.encode()  # the codec lets surrogates pass, which no event can be written with
    return decoded


# ---- hosts inside something else ------------------------------------------

# RFC 3986, sections 3.1 and 3.2: scheme, user, host and port, up to the path, query or fragment.
# Wider than it: the last "@" ends the user, and a name may have letters beyond ASCII. Narrower: in
# a name only "%" and what is beyond ASCII may be escaped. The possessive repeats (*+, ?+) keep the
# time linear.
_NAME = r"[A-Za-z0-9._~!$&'()*+,;=\x80-\U0010ffff-]*+"
_AUTHORITY = re.compile(
    r"(?:[A-Za-z][A-Za-z0-9+.-]*+:)?//"
    r"(?:[A-Za-z0-9._~!$&'()*+,;=:@%-]*@)?+"
    rf"(?:\[([0-9A-Fa-f:.]*)\]|({_NAME}(?:%(?:25|[89A-Fa-f][0-9A-Fa-f]){_NAME})*+))"
    r"(?::[0-9]*)?(?=[/?#]|\Z)"
).match
_BAD_ESCAPE = re.compile("%(?![0-9A-Fa-f]{2})").search
_CONTROL = re.compile("[\x00-\x1f\x7f]").search
# The port may be any text: "host:https" splits too.
_HOST_AND_PORT = re.compile(r"(?:\[([^\[\]]*)\]|([^:\[\]]*)):[^:\[\]]*").fullmatch


def _url(text: str, found: Found) -> None:
    _hostname(_host_of(text.strip(_SPACE)), found)


def _host_of(url: str) -> str:
    """The host of a URL without user, port and brackets; "" if it has none or is malformed."""
    authority = _AUTHORITY(url)
    if authority is None or (not url.isprintable() and _CONTROL(url)):
        return ""
    if "%" in url and _has_bad_escape(url):
        return ""
    literal, name = authority.groups()
    if name is None:
        return literal if ":" in literal and is_ip(literal) else ""
    return unquote(name, errors="replace") if "%" in name else name


def _has_bad_escape(url: str) -> bool:
    # The query may hold what it likes: a stray percent sign is common there.
    before, _, fragment = url.partition("#")
    return bool(_BAD_ESCAPE(before.partition("?")[0]) or _BAD_ESCAPE(fragment))


def _net_addr(text: str, found: Found) -> None:
    split = _HOST_AND_PORT(text) if ":" in text else None
    _hostname(text if split is None else split[1] or split[2] or "", found)


# ---- plain texts ----------------------------------------------------------


def _hash(name: str, digits: int) -> Scanner:
    is_hash = re.compile(f"[0-9A-Fa-f]{{{digits}}}").fullmatch

    def scan(text: str, found: Found) -> None:
        trimmed = text.strip(_SPACE)
        if is_hash(trimmed):
            found[name].add(trimmed.lower())

    return scan


def _trimmed(name: str) -> Scanner:
    def scan(text: str, found: Found) -> None:
        trimmed = text.strip(_SPACE)
        if trimmed:
            found[name].add(trimmed)

    return scan


def _email(text: str, found: Found) -> None:
    if "@" in text:
        found[EMAIL].add(text.strip(_SPACE))


# ---- AWS: values are taken as they are, without trimming ------------------


def _account_id(text: str, found: Found) -> None:
    if _is_account_id(text):
        found[ACCOUNT_ID].add(text)


def _is_account_id(text: str) -> bool:
    return len(text) == 12 and text.isascii() and text.isdigit()


def _instance_id(text: str, found: Found) -> None:
    if text[:2] == "i-":
        found[INSTANCE_ID].add(text)


def _tag(text: str, found: Found) -> None:
    if text:
        found[TAG].add(text)


def _arn(text: str, found: Found) -> None:
    if text and text[0] == "a":
        # Roles and sessions come again and again; a longer ARN is most likely a unique object.
        named = _remembered(text) if len(text) <= _LONGEST_REMEMBERED else _named(text)
        for name, value in named:
            found[name].add(value)


def _named(arn: str) -> tuple[tuple[str, str], ...]:
    """An ARN (arn:partition:service:region:account:resource) and what it names: lists and values.
    Nothing when the text is no ARN."""
    parts = arn.split(":", 5)
    if len(parts) < 6 or parts[0] != "arn":
        return ()
    _, _, service, _, account, resource = parts
    named = [(ARN, arn)]
    if _is_account_id(account):
        named.append((ACCOUNT_ID, account))
    last = resource.rpartition("/")[2]
    if resource.startswith("instance/") and last.startswith("i-"):
        named.append((INSTANCE_ID, last))
    if service == "sts" and resource.startswith("assumed-role/") and "@" in last:
        named.append((EMAIL, last))
    return tuple(named)


_LONGEST_REMEMBERED = 256
_remembered = lru_cache(maxsize=1 << 12)(_named)


def _arn_only(text: str, found: Found) -> None:
    if text[:4] == "arn:" and text.count(":") >= 5:
        found[ARN].add(text)


SCANNERS: Mapping[str, Scanner] = {
    "ip": _ip,
    "domain": _domain,
    "hostname": _hostname,
    "url": _url,
    "net_addr": _net_addr,
    "md5": _hash(MD5, 32),
    "sha1": _hash(SHA1, 40),
    "sha256": _hash(SHA256, 64),
    "email": _email,
    "username": _trimmed(USERNAME),
    "trace_id": _trimmed(TRACE_ID),
    "aws_account_id": _account_id,
    "aws_instance_id": _instance_id,
    "aws_tag": _tag,
    "aws_arn": _arn,
    "aws_arn_only": _arn_only,
}
"""By indicator name: adds what a text, as it will be written, gives to the lists of an event."""

FEEDS: Mapping[str, tuple[str, ...]] = {
    "ip": (IP,),
    "domain": (DOMAIN,),
    "hostname": (IP, DOMAIN),
    "url": (IP, DOMAIN),
    "net_addr": (IP, DOMAIN),
    "md5": (MD5,),
    "sha1": (SHA1,),
    "sha256": (SHA256,),
    "email": (EMAIL,),
    "username": (USERNAME,),
    "trace_id": (TRACE_ID,),
    "aws_account_id": (ACCOUNT_ID,),
    "aws_instance_id": (INSTANCE_ID,),
    "aws_tag": (TAG,),
    "aws_arn": (ACCOUNT_ID, INSTANCE_ID, ARN, EMAIL),
    "aws_arn_only": (ARN,),
}
"""The lists that an indicator can feed, in the order of `found.ORDER`."""
