"""One AWS request, named: which service and operation it asks for, on what, and who asks."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, unquote

from scripts.sandbox import s3names

_CREDENTIAL = re.compile(r"Credential=([^/\s]+)/\d{8}/([^/]+)/([^/]+)/aws4_request")
_LAMBDA_INVOKE = re.compile(r"^/2015-03-31/functions/([^/]+)/invocations/?$")
_LAMBDA_FUNCTION = re.compile(r"^/2015-03-31/functions/([^/]+)")
# Signing names that differ from the name of the API.
_SIGNING_NAMES = {"eventbridge": "events", "monitoring": "cloudwatch"}
# Where each API says what a request is about, most specific first.
_RESOURCE_PARAMETERS = (
    "QueueUrl QueueName TopicArn TargetArn SourceArn DestinationArn RoleArn RoleName TableName "
    "SecretId KeyId StackName FunctionName WorkGroup"
).split()


@dataclass(frozen=True)
class Reply:
    """What goes back over the wire; `drop` closes the connection instead."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    drop: bool = False

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Call:
    """A request: HTTP as it came, and what the layer read out of it.

    `path` is percent-encoded as sent; header names are lower case.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    environ: Mapping[str, Any] = field(repr=False, default_factory=dict)

    @cached_property
    def arguments(self) -> dict[str, str]:
        """The query string; the last value wins."""
        return dict(parse_qsl(self.query, keep_blank_values=True))

    @cached_property
    def _scope(self) -> tuple[str, str, str]:
        credential = self.arguments.get("X-Amz-Credential", "")
        text = f"Credential={credential}" if credential else self.headers.get("authorization", "")
        match = _CREDENTIAL.search(text)
        return (match[1], match[2], match[3]) if match else ("", "us-east-1", "")

    @property
    def access_key(self) -> str:
        """The access key id that signed the request, "" when it is not signed."""
        return self._scope[0]

    @property
    def region(self) -> str:
        """The region that the request was signed for."""
        return self._scope[1]

    @cached_property
    def service(self) -> str:
        """The API's name as in the SDK (sqs, s3, lambda...)."""
        name = self._scope[2] or "s3"
        return _SIGNING_NAMES.get(name, name)

    @cached_property
    def operation(self) -> str:
        """The operation's name as in the AWS API, "" when it cannot be told."""
        target = self.headers.get("x-amz-target", "")
        if target:
            return target.rpartition(".")[2]
        if self.service == "s3":
            bucket, key = self.s3_place
            return s3names.operation(self.method, bucket, key, self.arguments, self.headers)
        action = self.form.get("Action") or self.arguments.get("Action")
        if action:
            return action
        if self.service == "lambda" and _LAMBDA_INVOKE.match(self.path):
            return "Invoke"
        return _routed(self)

    @cached_property
    def form(self) -> dict[str, str]:
        """The form fields of a query-protocol request, {} for anything else."""
        if "x-www-form-urlencoded" not in self.headers.get("content-type", ""):
            return {}
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    @cached_property
    def params(self) -> dict[str, Any]:
        """The parameters of a JSON or query-protocol request."""
        if self.form:
            return dict(self.form)
        if "json" in self.headers.get("content-type", "") and self.body:
            value = json.loads(self.body)
            return value if isinstance(value, dict) else {}
        return {}

    @property
    def speaks_json(self) -> bool:
        """Whether the reply must be JSON (SQS has both protocols)."""
        return "json" in self.headers.get("content-type", "")

    @cached_property
    def s3_place(self) -> tuple[str, str]:
        """(bucket, key) of an S3 request, decoded; path style and host style."""
        return s3names.place(self.headers.get("host", ""), self.path)

    @cached_property
    def resource(self) -> str:
        """What the request is about: queue name, bucket/key, ARN, table, function..."""
        if self.service == "s3":
            bucket, key = self.s3_place
            return f"{bucket}/{key}" if key else bucket
        if self.service == "lambda":
            match = _LAMBDA_FUNCTION.match(self.path)
            return function_name(unquote(match[1])) if match else ""
        if self.service == "glue":
            names = (self.params.get(name) for name in ("DatabaseName", "TableName", "Name"))
            return "/".join(str(name) for name in names if name)
        if "RequestItems" in self.params:
            return ",".join(self.params["RequestItems"])
        for name in _RESOURCE_PARAMETERS:
            if value := self.params.get(name):
                return str(value).rpartition("/")[2] if name == "QueueUrl" else str(value)
        return ""

    def replaced(self, body: bytes) -> Call:
        """The same request with another body."""
        headers = {**self.headers, "content-length": str(len(body))}
        return Call(self.method, self.path, self.query, headers, body, self.environ)


def function_name(text: str) -> str:
    """The bare name of a Lambda function given by name, name:alias or ARN."""
    parts = text.split(":")
    return parts[6] if text.startswith("arn:") and len(parts) > 6 else parts[0]


def _routed(call: Call) -> str:
    # REST APIs other than S3: the SDK's own service model knows which path is which operation.
    from moto.core.request import Request
    from moto.core.routing import get_service_router

    try:
        found, _ = get_service_router(call.service).match(Request(dict(call.environ)))
    except Exception:  # an API without a model, or a path that is none of its own
        return ""
    return str(found.name)
