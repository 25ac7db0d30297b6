"""How each AWS service says no: codes, statuses, messages and wire format of its errors (pure)."""

from __future__ import annotations

import json
from xml.sax.saxutils import escape

from scripts.sandbox.calls import Call, Reply
from scripts.sandbox.faults import Rule

REQUEST_ID = "00000000-0000-4000-8000-00000000f4a1"

_THROTTLED = {
    "s3": (503, "SlowDown", "Please reduce your request rate."),
    "sqs": (400, "RequestThrottled", "Request is throttled."),
    "sns": (400, "Throttling", "Rate exceeded"),
    "sts": (400, "Throttling", "Rate exceeded"),
    "iam": (400, "Throttling", "Rate exceeded"),
    "cloudformation": (400, "Throttling", "Rate exceeded"),
    "lambda": (429, "TooManyRequestsException", "Rate Exceeded."),
    "dynamodb": (
        400,
        "ProvisionedThroughputExceededException",
        "The level of configured provisioned throughput for the table was exceeded.",
    ),
}
_BROKEN = {
    "s3": (500, "InternalError", "We encountered an internal error. Please try again."),
    "lambda": (500, "ServiceException", "An error occurred and the request cannot be processed."),
    "dynamodb": (500, "InternalServerError", "Internal server error"),
    "glue": (500, "InternalServiceException", "An internal service error occurred."),
    "kms": (500, "KMSInternalException", "An internal error occurred."),
    "secretsmanager": (500, "InternalServiceError", "An error occurred on the server side."),
}
_EXPIRED_TEXT = "The security token included in the request is expired"
_EXPIRED = {
    "s3": (400, "ExpiredToken", "The provided token has expired."),
    "sqs": (403, "ExpiredToken", _EXPIRED_TEXT),
}
_DENIED_CODE = {
    "s3": (403, "AccessDenied"),
    "sqs": (403, "AccessDenied"),
    "sns": (403, "AuthorizationError"),
    "sts": (403, "AccessDenied"),
    "iam": (403, "AccessDenied"),
    "cloudformation": (403, "AccessDenied"),
    "lambda": (403, "AccessDeniedException"),
}
# Permissions that are not named like the operation.
_ACTIONS = {
    "s3:ListObjects": "s3:ListBucket",
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:HeadBucket": "s3:ListBucket",
    "s3:ListObjectVersions": "s3:ListBucketVersions",
    "s3:HeadObject": "s3:GetObject",
    "s3:DeleteObjects": "s3:DeleteObjectVersion",
    "s3:GetBucketNotificationConfiguration": "s3:GetBucketNotification",
    "lambda:Invoke": "lambda:InvokeFunction",
    "sns:PublishBatch": "SNS:Publish",
    "sns:Publish": "SNS:Publish",
}


def refusal(rule: Rule, call: Call, caller: str) -> Reply:
    """The reply of a rule whose kind refuses the whole request."""
    if rule.kind == "drop":
        return Reply(drop=True)
    if rule.kind == "function_error":
        return function_error(rule.code or "InternalError", rule.message or "internal error")
    status, code, message = _of_kind(rule, call, caller)
    return error(call, rule.status or status, rule.code or code, rule.message or message)


def function_error(error_type: str, message: str) -> Reply:
    """How Lambda reports that a function failed: inside a 200."""
    payload = {"errorMessage": message, "errorType": error_type, "stackTrace": []}
    headers = {
        "content-type": "application/json",
        "x-amz-executed-version": "$LATEST",
        "x-amz-function-error": "Unhandled",
    }
    return Reply(200, json.dumps(payload).encode(), headers)


def _of_kind(rule: Rule, call: Call, caller: str) -> tuple[int, str, str]:
    if rule.kind == "throttle":
        return _THROTTLED.get(call.service, (400, "ThrottlingException", "Rate exceeded"))
    if rule.kind == "error":
        return _BROKEN.get(call.service, (500, "InternalFailure", "An internal error occurred."))
    if rule.kind == "expired":
        plain = (403, "ExpiredToken", _EXPIRED_TEXT)
        if call.speaks_json or call.service == "lambda":
            plain = (400, "ExpiredTokenException", _EXPIRED_TEXT)
        return _EXPIRED.get(call.service, plain)
    if rule.kind == "deny":
        status, code = _DENIED_CODE.get(call.service, (400, "AccessDeniedException"))
        return status, code, denied(call, caller)
    return rule.status, rule.code, rule.message


def denied(call: Call, caller: str) -> str:
    """The sentence with which AWS refuses, naming caller, permission and resource."""
    action = permission(call.service, call.operation)
    on = resource_arn(call)
    if call.service == "s3":
        on = f'"{on}"'
    said = f"User: {caller} is not authorized to perform: {action} on resource: {on}"
    if call.service == "sts":
        return said
    return f"{said} because no identity-based policy allows the {action} action"


def permission(service: str, operation: str) -> str:
    """The IAM action that an operation needs, as the service's message writes it."""
    action = f"{service}:{operation.removesuffix('Batch') if service == 'sqs' else operation}"
    # SQS really prints its actions in lower case.
    return action.lower() if service == "sqs" else _ACTIONS.get(action, action)


def resource_arn(call: Call, account: str = "123456789012") -> str:
    """The ARN of what a request is about, "*" when it is about nothing in particular."""
    name, place = call.resource, f"{call.region}:{account}"
    if not name:
        return "*"
    if name.startswith("arn:"):
        return name
    forms = {
        "s3": f"arn:aws:s3:::{name}",
        "sqs": f"arn:aws:sqs:{place}:{name}",
        "sns": f"arn:aws:sns:{place}:{name}",
        "lambda": f"arn:aws:lambda:{place}:function:{name}",
        "dynamodb": f"arn:aws:dynamodb:{place}:table/{name}",
        "glue": f"arn:aws:glue:{place}:table/{name}",
        "kms": f"arn:aws:kms:{place}:key/{name}",
        "secretsmanager": f"arn:aws:secretsmanager:{place}:secret:{name}",
        "cloudformation": f"arn:aws:cloudformation:{place}:stack/{name}/*",
        "iam": f"arn:aws:iam::{account}:role/{name}",
    }
    return forms.get(call.service, "*")


def error(call: Call, status: int, code: str, message: str) -> Reply:
    """An error in the wire format of the request's service."""
    headers = {"x-amzn-requestid": REQUEST_ID}
    if call.service == "s3":
        return _s3_error(call, status, code, message)
    if call.service == "lambda":
        headers |= {"x-amzn-errortype": code, "content-type": "application/json"}
        body = json.dumps({"Type": "User" if status < 500 else "Service", "message": message})
        return Reply(status, body.encode(), headers)
    if call.speaks_json:
        headers["content-type"] = call.headers.get("content-type", "application/x-amz-json-1.0")
        if call.service == "sqs":
            side = "Sender" if status < 500 else "Receiver"
            headers["x-amzn-query-error"] = f"{code};{side}"
        shape = f"com.amazonaws.{call.service}#{code}"
        return Reply(status, json.dumps({"__type": shape, "message": message}).encode(), headers)
    side = "Sender" if status < 500 else "Receiver"
    body = (
        f"<ErrorResponse><Error><Type>{side}</Type><Code>{escape(code)}</Code>"
        f"<Message>{escape(message)}</Message></Error>"
        f"<RequestId>{REQUEST_ID}</RequestId></ErrorResponse>"
    )
    return Reply(status, body.encode(), {**headers, "content-type": "text/xml"})


def _s3_error(call: Call, status: int, code: str, message: str) -> Reply:
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
        f"<Resource>{escape(call.resource)}</Resource>"
        f"<RequestId>{REQUEST_ID}</RequestId><HostId>sandbox</HostId></Error>"
    )
    headers = {"x-amz-request-id": REQUEST_ID, "content-type": "application/xml"}
    return Reply(status, b"" if call.method == "HEAD" else body.encode(), headers)
