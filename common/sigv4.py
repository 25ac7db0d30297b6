"""AWS Signature Version 4 for the few requests that are sent by the hundred thousand.

The rules: AWS General Reference, "Create a signed AWS API request". botocore's SigV4Auth gives the
same header (tests/common/test_sigv4.py compares them byte for byte) in about ten times the time.
"""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass

_ALGORITHM = "AWS4-HMAC-SHA256"


@dataclass(frozen=True)
class Keys:
    """One set of AWS credentials; it never prints its secrets."""

    access_key: str
    secret_key: str
    token: str | None

    def __repr__(self) -> str:
        return f"Keys({self.access_key}, ***)"


def signing_key(secret_key: str, date: str, region: str, service: str) -> bytes:
    """The key that signs every request of one day; `date` is YYYYMMDD."""
    key = ("AWS4" + secret_key).encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


def signer(service: str, region: str) -> Callable[..., str]:
    """A function that gives the Authorization header of a request.

    Its arguments: keys, timestamp (YYYYMMDDTHHMMSSZ), method, canonical path (already percent
    encoded), canonical query (sorted and encoded), headers (lower-case name -> value, all of them
    signed) and the payload's SHA-256 in hex. The day's signing key is made once.
    """
    made_for: tuple[Keys, str] | None = None
    key = b""

    def authorization(
        keys: Keys,
        timestamp: str,
        method: str,
        path: str,
        query: str,
        headers: dict[str, str],
        payload_sha256: str,
    ) -> str:
        nonlocal made_for, key
        date = timestamp[:8]
        if made_for != (keys, date):
            key = signing_key(keys.secret_key, date, region, service)
            made_for = (keys, date)
        names = sorted(headers)
        signed = ";".join(names)
        lines = "".join([f"{name}:{headers[name]}\n" for name in names])
        canonical = f"{method}\n{path}\n{query}\n{lines}\n{signed}\n{payload_sha256}"
        scope = f"{date}/{region}/{service}/aws4_request"
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        signature = hmac.digest(
            key, f"{_ALGORITHM}\n{timestamp}\n{scope}\n{digest}".encode(), "sha256"
        ).hex()
        return (
            f"{_ALGORITHM} Credential={keys.access_key}/{scope}, "
            f"SignedHeaders={signed}, Signature={signature}"
        )

    return authorization
