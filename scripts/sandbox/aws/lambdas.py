"""Panther's API Lambdas: panther-source-api and panther-logtypes-api over their own tables.

Like the real functions they answer one operation per request and report failure inside a 200.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import TypeDeserializer

from scripts.sandbox import wording
from scripts.sandbox.calls import Call, Reply

LIMIT_BYTES = 6 * 1024 * 1024
_SOURCES = "panther-source-integrations"
_LOG_TYPES = "panther-logtypes"
_deserialize = TypeDeserializer().deserialize


class FunctionFailed(Exception):
    """The function's own failure: an error type and a message."""

    def __init__(self, error_type: str, message: str) -> None:
        super().__init__(message)
        self.error_type = error_type


def invoke(sandbox: Any, call: Call) -> Reply:
    """Invoke."""
    api = FUNCTIONS.get(call.resource)
    if api is None:
        arn = wording.resource_arn(call)
        return wording.error(call, 404, "ResourceNotFoundException", f"Function not found: {arn}")
    if len(call.body) > LIMIT_BYTES:
        text = f"Request must be smaller than {LIMIT_BYTES} bytes for the InvokeFunction operation"
        return wording.error(call, 413, "RequestTooLargeException", text)
    kind = call.headers.get("x-amz-invocation-type", "RequestResponse")
    if kind == "DryRun":
        return Reply(204)
    try:
        answer = json.dumps(_answer(api, sandbox, call)).encode()
        if len(answer) > LIMIT_BYTES:
            text = f"Response payload size exceeded maximum allowed payload size ({LIMIT_BYTES} bytes)."  # noqa: E501
            raise FunctionFailed("Function.ResponseSizeTooLarge", text)
    except FunctionFailed as failure:
        reply = wording.function_error(failure.error_type, str(failure))
    else:
        headers = {"content-type": "application/json", "x-amz-executed-version": "$LATEST"}
        reply = Reply(200, answer, headers)
    return Reply(202) if kind == "Event" else reply


def _answer(api: Api, sandbox: Any, call: Call) -> Any:
    try:
        request = json.loads(call.body)
        ((name, given),) = request.items()
    except (ValueError, AttributeError):
        text = "exactly one operation must be given"
        raise FunctionFailed("InvalidInputError", text) from None
    if name not in api:
        raise FunctionFailed("InvalidInputError", f"unknown operation {name}")
    return api[name](sandbox, call, given or {})


def _scan(sandbox: Any, call: Call, table: str) -> list[dict[str, Any]]:
    # One Scan and no second: the real functions do not page, so more than 1 MB is cut off.
    body = json.dumps({"TableName": table}).encode()
    headers = {
        **call.headers,
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": "DynamoDB_20120810.Scan",
        "authorization": call.headers.get("authorization", "").replace("/lambda/", "/dynamodb/"),
    }
    environ = {
        **call.environ,
        "PATH_INFO": "/",
        "RAW_URI": "/",
        "REQUEST_URI": "/",
        "QUERY_STRING": "",
        "CONTENT_TYPE": headers["content-type"],
        "HTTP_X_AMZ_TARGET": headers["x-amz-target"],
        "HTTP_AUTHORIZATION": headers["authorization"],
    }
    scan = replace(call, path="/", query="", headers=headers, body=body, environ=environ)
    reply = sandbox.forward(scan)
    if reply.status != 200:
        raise FunctionFailed("InternalError", f"scan of {table} failed: {reply.body.decode()}")
    return [
        {name: _plain(_deserialize(value)) for name, value in item.items()}
        for item in reply.json()["Items"]
    ]


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == int(value) else float(value)
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | set):
        return [_plain(inner) for inner in value]
    return value


def _list_integrations(sandbox: Any, call: Call, given: dict[str, Any]) -> Any:
    wanted = given.get("integrationType")
    if wanted not in (None, "aws-scan", "aws-s3", "aws-sqs"):
        raise FunctionFailed("InvalidInputError", f"unknown integrationType {wanted}")
    return [
        item
        for item in _scan(sandbox, call, _SOURCES)
        if item.get("integrationType") and wanted in (None, item["integrationType"])
    ]


def _list_log_types(sandbox: Any, call: Call, *, disabled: bool) -> dict[str, list[str]]:
    return {
        "logTypes": sorted(
            item["name"]
            for item in _scan(sandbox, call, _LOG_TYPES)
            if item["RecordKind"] == "schema" and bool(item.get("disabled")) is disabled
        )
    }


Api = dict[str, Callable[[Any, Call, dict[str, Any]], Any]]
FUNCTIONS: dict[str, Api] = {
    "panther-source-api": {"listIntegrations": _list_integrations},
    "panther-logtypes-api": {
        "ListAvailableLogTypes": lambda s, c, g: _list_log_types(s, c, disabled=False),
        "ListDeletedCustomLogs": lambda s, c, g: _list_log_types(s, c, disabled=True),
    },
}
