"""Our signature is botocore's signature, byte for byte."""

import hashlib
from datetime import UTC, datetime
from unittest import mock

import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from common import sigv4

MOMENT = datetime(2026, 2, 5, 9, 8, 7, tzinfo=UTC)
STAMP = "20260205T090807Z"

REQUESTS = [
    ("sqs", "POST", "/", "", {"content-type": "application/x-amz-json-1.0",
                              "x-amz-target": "AmazonSQS.SendMessageBatch"}, b'{"a":1}', None),
    ("sns", "POST", "/", "", {"content-type": "application/x-www-form-urlencoded"}, b"a=b", "tok"),
    ("s3", "GET", "/bucket", "list-type=2&max-keys=1000&prefix=a%2Fb%20c%3D%C3%A9", {}, b"", None),
    ("s3", "GET", "/", "continuation-token=x%2By%3D&list-type=2", {}, b"", "token/with+signs="),
]  # fmt: skip


@pytest.mark.parametrize(
    ("service", "method", "path", "query", "headers", "body", "token"), REQUESTS
)
def test_header_equals_botocores(service, method, path, query, headers, body, token):
    url = f"https://host.example.com{path}" + (f"?{query}" if query else "")
    request = AWSRequest(method=method, url=url, headers=headers, data=body)
    auth = S3SigV4Auth if service == "s3" else SigV4Auth
    secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
    with mock.patch("botocore.auth.get_current_datetime", return_value=MOMENT):
        auth(Credentials("AKID", secret, token), service, "eu-west-1").add_auth(request)

    digest = hashlib.sha256(body).hexdigest()
    signed = {**headers, "host": "host.example.com", "x-amz-date": STAMP}
    if service == "s3":
        signed["x-amz-content-sha256"] = digest
    if token:
        signed["x-amz-security-token"] = token
    ours = sigv4.signer(service, "eu-west-1")(
        sigv4.Keys("AKID", secret, token), STAMP, method, path, query, signed, digest
    )
    assert ours == request.headers["Authorization"]


def test_new_day_and_new_keys_make_a_new_signing_key():
    sign = sigv4.signer("s3", "us-east-1")
    arguments = ("GET", "/", "", {"host": "h"}, "")
    first = sign(sigv4.Keys("A", "s", None), "20260205T000000Z", *arguments)
    assert sign(sigv4.Keys("A", "s", None), "20260206T000000Z", *arguments) != first
    assert sign(sigv4.Keys("A", "t", None), "20260205T000000Z", *arguments) != first
    assert sign(sigv4.Keys("A", "s", None), "20260205T000000Z", *arguments) == first


def test_keys_never_show_their_secret():
    assert "secret" not in repr(sigv4.Keys("AKID", "secret", "secret-token"))
