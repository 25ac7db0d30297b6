"""Calling one of Panther's API Lambdas, and its error shape.

Each takes a JSON object with exactly one operation key. A failure sets FunctionError and answers
{"errorMessage", "errorType", "stackTrace"}; a time-out has no errorType.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from common.errors import ToolError

if TYPE_CHECKING:
    from common.aws import Aws


class LambdaError(ToolError):
    """The function ran and refused; `kind` is its errorType, "" for a crash or a time-out."""

    def __init__(self, message: str, kind: str, next_step: str = "") -> None:
        super().__init__(message, next_step)
        self.kind = kind


def call(aws: Aws, function: str, operation: str, arguments: Any = None) -> Any:
    """The result of `operation`.

    Raises LambdaError when the function fails, ToolError when it is not deployed here, and the
    SDK's ClientError when it may not be called.
    """
    from botocore.exceptions import ClientError

    from common import awserrors

    payload = json.dumps({operation: {} if arguments is None else arguments})
    try:
        reply = aws.client("lambda").invoke(FunctionName=function, Payload=payload.encode())
    except ClientError as error:
        if awserrors.code_of(error) == "ResourceNotFoundException":
            raise ToolError(
                f"function {function} does not exist in {aws.region}",
                "Check -region and that the credentials are of the Panther account.",
            ) from error
        raise
    raw = reply["Payload"].read()
    try:
        answer = json.loads(raw) if raw else None
    except ValueError:
        raise LambdaError(f"{function}: {operation} answered no JSON", "") from None
    if reply.get("FunctionError"):
        raise _failure(function, operation, answer)
    return answer


def _failure(function: str, operation: str, answer: Any) -> LambdaError:
    answer = answer if isinstance(answer, dict) else {}
    kind = str(answer.get("errorType") or "")
    message = str(answer.get("errorMessage") or "no reason given")
    shown = f"{kind}: {message}" if kind else message
    return LambdaError(
        f"{function}: {operation} failed: {shown}", kind, f"See the log group of {function}."
    )
