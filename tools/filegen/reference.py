"""The three generators of the original tool: rows of random text, made for load and not for looks.

Stretches of a row whose length never changes are drawn as one text (`filled`): most of a row costs
then no more than its bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate

from tools.filegen.columns import (
    choice,
    constant,
    digits,
    filled,
    framed,
    joined,
    later,
    number,
    pick,
    plain,
    time,
)
from tools.filegen.draw import LOWER_AND_DIGITS, SECOND_NS, Batch, Column

_HALF_HOUR_SECONDS = 30 * 60
_ADDRESSES = tuple(".".join([str(octet)] * 4) for octet in range(256))
_BOOLEANS = ("true", "false")


def _account() -> Column:
    """An account id as the original draws it: a number of 32 bits, as twelve digits."""
    draw = number(0, 2**32 - 1)
    return lambda batch: [text.zfill(12) for text in draw(batch)]


def _arn() -> Column:
    return framed("arn:aws:%s:us-east-1:%s:%s", filled("?" * 8), _account(), filled("?" * 15))


# ---- AWS.S3ServerAccess ----------------------------------------------------------------------


def s3_access() -> Column:
    """Requests in 24 columns, of which the time is two words; none is quoted."""
    long, count = "?" * 64, number(0, 9999)
    return joined(
        " ",
        filled(long, LOWER_AND_DIGITS),
        filled(long),
        time("layout=[2/Jan/2006:15:04:05 -0700]", plain),
        pick(_ADDRESSES),
        filled(f"{long} {long} {'?' * 16} {long} {long} 200 {'?' * 8}"),
        count,
        count,
        count,
        count,
        filled(f"{long} {long} {'?' * 8} {long} {'?' * 8} {'?' * 16} {long} {'?' * 32}"),
        pick(("TLSv1", "TLSv1.1", "TLSv1.2", "NULL")),
    )


# ---- AWS.CloudTrail --------------------------------------------------------------------------

_MEMBER = '"????????":"????????????????",'


def random_map(most: int) -> Column:
    """JSON objects with up to `most` random members: pieces of one long text of members."""
    members = filled(_MEMBER)

    def column(batch: Batch) -> Sequence[str]:
        counts = [byte % (most + 1) for byte in batch.rng.randbytes(batch.rows)]
        ends = list(accumulate(counts))
        text = "".join(members(batch._replace(moments=range(ends[-1]))))
        width = len(_MEMBER)
        return [
            "{" + text[(end - count) * width : end * width - 1] + "}" if count else "{}"
            for end, count in zip(ends, counts, strict=True)
        ]

    return column


def cloudtrail() -> Column:
    """Events; members that are not set are left out."""
    resource = '{"ARN":"%s","accountId":"%s","type":"%s"}'
    form = (
        '{"additionalEventData":%s,%s,"eventTime":%s,"eventType":"%s","eventVersion":"%s",'
        '"readOnly":%s,"recipientAccountId":"%s","requestID":"%s","requestParameters":%s,'
        f'"resources":[{resource},{resource}],"responseElements":%s,"serviceEventDetails":%s,'
        '"sourceIPAddress":"%s","userAgent":"%s","userIdentity":{"type":"%s","principalId":"%s",'
        '"arn":"%s","accountId":"%s","userName":"%s"},"vpcEndpointId":"%s"}'
    )
    account, arn = _account(), _arn()
    return framed(
        form,
        choice(0.5, random_map(5), constant("null")),
        filled(
            '"apiVersion":"????????","awsRegion":"??????????","eventID":"????????????????",'
            '"eventName":"????????","eventSource":"????????.amazonaws.com"'
        ),
        time("rfc3339"),
        pick(("AwsApiCall", "AwsServiceEvent", "AwsConsoleSignIn")),
        filled("?" * 8),
        pick(_BOOLEANS),
        account,
        filled("?" * 16),
        random_map(10),
        *(arn, account, filled("?" * 8)) * 2,
        random_map(15),
        random_map(5),
        pick(_ADDRESSES),
        filled("?" * 16),
        pick(("AWSService", "AssumedRole")),
        filled("?" * 8),
        arn,
        account,
        filled("?" * 8),
        filled("?" * 8),
    )


# ---- Gravitational.TeleportAudit -------------------------------------------------------------


def _teleport_events() -> Mapping[str, Column]:
    """What each event has of its own."""
    text, count = filled('"????????"'), number(0, 2**31 - 1)
    words = framed("[%s,%s,%s]", text, text, text)
    expiry = later(time("rfc3339"), _HALF_HOUR_SECONDS)
    way = pick(('"upload"', '"download"'))
    nothing = constant("")
    return {
        "auth": choice(
            0.5,
            constant(',"success":true'),
            framed(',"success":false,"error":%s', text),
        ),
        "exec": framed(',"command":%s,"exitCode":%s,"exitError":%s', text, number(0, 255), text),
        "scp": framed(',"path":%s,"len":%s,"action":%s', text, count, way),
        "session.start": nothing,
        "session.end": nothing,
        "session.join": nothing,
        "session.leave": nothing,
        "session.disk": nothing,
        "session.network": nothing,
        "session.data": nothing,
        "session.command": framed(
            ',"pid":%s,"ppid":%s,"cgroup_id":%s,"return_code":%s,"program":%s,"argv":%s',
            count, count, count, number(0, 255), text, words,
        ),
        "resize": nothing,
        "user.create": framed(
            ',"roles":[%s],"connector":%s,"expires":%s,"name":%s', text, text, expiry, text
        ),
        "user.login": framed(',"method":%s', pick(('"local"', '"saml"', '"github"'))),
        "user.update": framed(',"name":%s', text),
        "github.create": framed(',"name":%s', text),
    }  # fmt: skip


def _by_event(events: Mapping[str, Column]) -> Column:
    """`"event":NAME` and what belongs to it, made for the rows of each event together."""
    names = tuple(events)

    def column(batch: Batch) -> Sequence[str]:
        chosen = [names[byte % len(names)] for byte in batch.rng.randbytes(batch.rows)]
        moments: dict[str, list[int]] = {name: [] for name in names}
        for name, ns in zip(chosen, batch.moments, strict=True):
            moments[name].append(ns)
        parts = {
            name: iter(events[name](batch._replace(moments=of_event)))
            for name, of_event in moments.items()
        }
        return [f'"event":"{name}"{next(parts[name])}' for name in chosen]

    return column


def _session(batch: Batch) -> Sequence[str]:
    """Start and stop of a session, a second apart."""
    write = time("rfc3339")
    rng = batch.rng
    starts = [ns + rng.randrange(30) * 60 * SECOND_NS for ns in batch.moments]
    stops = [ns + SECOND_NS for ns in starts]
    pairs = zip(
        write(batch._replace(moments=starts)), write(batch._replace(moments=stops)), strict=True
    )
    return [f'"session_start":{start},"session_stop":{stop}' for start, stop in pairs]


def teleport() -> Column:
    """Events of a Teleport cluster."""
    count = number(0, 2**31 - 1)
    return framed(
        '{%s,"time":%s,%s,"ei":%s,"addr.local":"%s","addr.remote":"%s","size":"%s:%s","tx":%s,'
        '"rx":%s,"server_addr":"%s",%s,"interactive":%s,"enhanced_recording":%s,%s,'
        '"dst_addr":"%s","src_addr":"%s","dst_port":%s,"version":%s}',
        _by_event(_teleport_events()),
        time("rfc3339"),
        filled(
            '"code":"????????","uid":"????????????????","user":"????????","namespace":"????????",'
            '"server_id":"????????????????","sid":"????????????????","login":"????????",'
            '"server_hostname":"????????"'
        ),
        count,
        pick(_ADDRESSES),
        pick(_ADDRESSES),
        digits(2),
        digits(2),
        count,
        count,
        pick(_ADDRESSES),
        _session,
        pick(_BOOLEANS),
        pick(_BOOLEANS),
        filled('"participants":["????????","????????","????????"]'),
        pick(_ADDRESSES),
        pick(_ADDRESSES),
        number(0, 2**16 - 1),
        number(1, 9),
    )
