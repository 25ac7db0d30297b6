"""Access log of an application load balancer: words between spaces, some of them quoted.

The format: Elastic Load Balancing, "Access logs for your Application Load Balancer". `-` stands for
no value; as a number it is none.
"""

from __future__ import annotations

from common.logs.found import ARN, Found
from common.logs.moment import Moment
from common.logs.native.addresses import add_domain, add_ip
from common.logs.native.fields import decimal, integer
from common.logs.native.lines import Values
from common.logs.native.quoted import spaced
from common.logs.native.times import rfc3339
from common.logs.refused import Refused

_MIN_WORDS = 25


def parse(line: str) -> Values:
    """One request. Raises ValueError for too few words, misplaced quotes, a request line of fewer
    than three words, and times that cannot be read."""
    if line.startswith("{"):
        raise ValueError("not a load balancer's line: begins with a brace")
    words = spaced(line)
    if len(words) < _MIN_WORDS:
        raise ValueError(f"not a load balancer's line: fewer than {_MIN_WORDS} words")
    client, client_port = _address(words[3])
    target, target_port = _address(words[4])
    method, url, version = _request(words[12])
    texts = [None if word == "-" else word for word in words]
    created = None if words[21] == "-" else _time("requestCreationTime", words[21])
    actions = texts[22]
    return {
        "type": texts[0],
        "timestamp": _time("timestamp", words[1]),
        "elb": texts[2],
        "clientIp": client,
        "clientPort": client_port,
        "targetIp": target,
        "targetPort": target_port,
        "requestProcessingTime": decimal(words[5]),
        "targetProcessingTime": decimal(words[6]),
        "responseProcessingTime": decimal(words[7]),
        "elbStatusCode": integer(words[8]),
        "targetStatusCode": integer(words[9]),
        "receivedBytes": integer(words[10]),
        "sentBytes": integer(words[11]),
        "requestHttpMethod": method,
        "requestUrl": url,
        "requestHttpVersion": version,
        "userAgent": texts[13],
        "sslCipher": texts[14],
        "sslProtocol": texts[15],
        "targetGroupArn": texts[16],
        "traceId": texts[17],
        "domainName": texts[18],
        "chosenCertArn": texts[19],
        "matchedRulePriority": integer(words[20]),
        "requestCreationTime": created,
        "actionsExecuted": actions.split(",") if actions else None,
        "redirectUrl": texts[23],
        "errorReason": texts[24],
    }


def _time(field: str, word: str) -> Moment:
    try:
        return rfc3339(word)
    except ValueError as error:
        raise Refused(str(error), field) from None


def _address(word: str) -> tuple[str | None, int | None]:
    """Host and port; anything but exactly one colon makes all of it the host."""
    host, colon, port = word.partition(":")
    if colon and ":" not in port:
        return _text(host), integer(port)
    return _text(word), None


def _request(words: str) -> tuple[str | None, str | None, str | None]:
    """`METHOD URL VERSION`, where the URL can hold spaces. Requests that could not be understood
    end with a space, `- - - ` as well as `- http://host:80- `: there the version is empty."""
    trimmed = words.strip(" ")
    method, _, rest = (trimmed if trimmed.count(" ") > 1 else words).partition(" ")
    url, _, version = rest.rpartition(" ")
    if not url or url.isspace():
        raise ValueError("the request has fewer than three words")
    return _text(method), _text(url), _text(version)


def _text(word: str) -> str | None:
    return None if word == "-" else word


def collect(values: Values, found: Found) -> None:
    """Addresses of client and target, the domain of the TLS handshake, and the two ARNs."""
    add_ip(values.get("clientIp"), found)
    add_ip(values.get("targetIp"), found)
    add_domain(values.get("domainName"), found)
    for name in ("targetGroupArn", "chosenCertArn"):
        if arn := values.get(name):
            found[ARN].add(arn)
