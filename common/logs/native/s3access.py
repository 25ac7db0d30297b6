"""S3's server access log: words between spaces, some of them quoted.

The format: Amazon S3 User Guide, "Amazon S3 server access log format". `-` stands for no value; as
a number it is none.
"""

from __future__ import annotations

from common.logs.found import ARN, Found
from common.logs.native.addresses import add_ip
from common.logs.native.fields import integer
from common.logs.native.lines import Values
from common.logs.native.quoted import spaced
from common.logs.native.times import bracketed

_NAMED_WORDS = 25


def parse(line: str) -> Values:
    """One request. Words behind those that have a name become `additionalFields` as they are.
    Raises ValueError for too few words, and for a time that cannot be read."""
    if line.startswith("{"):
        raise ValueError("not an S3 access line: begins with a brace")
    words = spaced(line, is_lazy=True)
    if len(words) < _NAMED_WORDS:
        raise ValueError(f"not an S3 access line: fewer than {_NAMED_WORDS} words")
    texts = [None if word == "-" else word for word in words]
    return {
        "bucketowner": texts[0],
        "bucket": texts[1],
        "time": bracketed(words[2], words[3]),
        "remoteip": texts[4],
        "requester": texts[5],
        "requestid": texts[6],
        "operation": texts[7],
        "key": texts[8],
        "requesturi": texts[9],
        "httpstatus": integer(words[10]),
        "errorcode": texts[11],
        "bytessent": integer(words[12]),
        "objectsize": integer(words[13]),
        "totaltime": integer(words[14]),
        "turnaroundtime": integer(words[15]),
        "referrer": texts[16],
        "useragent": texts[17],
        "versionid": texts[18],
        "hostid": texts[19],
        "signatureversion": texts[20],
        "ciphersuite": texts[21],
        "authenticationtype": texts[22],
        "hostheader": texts[23],
        "tlsVersion": texts[24],
        "additionalFields": words[_NAMED_WORDS:],
    }


def collect(values: Values, found: Found) -> None:
    """The caller's address, and the requester if it is an ARN."""
    add_ip(values.get("remoteip"), found)
    requester = values.get("requester")
    if requester and requester.startswith("arn:"):
        found[ARN].add(requester)
