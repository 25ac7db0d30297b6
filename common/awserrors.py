"""AWS failures told to the user: what was refused, why, and what to do next."""

import re
from typing import Any

from botocore import exceptions

from common.errors import ToolError

THROTTLED = frozenset(
    "Throttling ThrottlingException ThrottledException RequestThrottled RequestThrottledException "
    "RequestLimitExceeded TooManyRequestsException ProvisionedThroughputExceededException "
    "BandwidthLimitExceeded LimitExceededException PriorRequestNotComplete TransactionInProgress "
    "SlowDown EC2ThrottledException KmsThrottled KMSThrottling KMS.ThrottlingException "
    "Throttled".split()
)
TRANSIENT = THROTTLED | frozenset(
    "InternalError InternalFailure InternalServerError ServiceUnavailable "
    "ServiceUnavailableException RequestTimeout RequestTimeoutException "
    "IDPCommunicationError".split()
)
_EXPIRED = frozenset(
    "ExpiredToken ExpiredTokenException RequestExpired TokenRefreshRequired".split()
)
_WRONG_KEYS = frozenset(
    "InvalidAccessKeyId InvalidClientTokenId UnrecognizedClientException AuthFailure "
    "SignatureDoesNotMatch InvalidToken InvalidSignatureException "
    "MissingAuthenticationToken".split()
)
_DENIED = frozenset(
    "AccessDenied AccessDeniedException AuthorizationError AuthorizationErrorException "
    "UnauthorizedOperation UnauthorizedAccess AllAccessDisabled Forbidden 403".split()
)
_SKEWED = frozenset("RequestTimeTooSkewed RequestInTheFuture".split())
_WRONG_REGION = frozenset(
    "PermanentRedirect AuthorizationHeaderMalformed IllegalLocationConstraintException 301".split()
)
_NO_QUEUE = frozenset(
    "QueueDoesNotExist AWS.SimpleQueueService.NonExistentQueue NonExistentQueue".split()
)
# A wrong CA or proxy (SSLError, ProxyConnectionError) will not be better at the next try.
_NEVER_SENT = (exceptions.EndpointConnectionError, exceptions.ConnectTimeoutError)
_NOT_AUTHORIZED = re.compile(
    r"(?P<who>\S+) is not authorized to perform: (?P<action>[\w:*]+)"
    r"(?: on resource: (?P<what>\S+))?"
)


def code_of(error: Exception) -> str:
    """The service's error code without its namespace, or "" when the error has none."""
    response: dict[str, Any] = getattr(error, "response", None) or {}
    code = str(response.get("Error", {}).get("Code", ""))
    return code.rpartition("#")[2]


def is_transient(error: Exception) -> bool:
    """True for what AWS asks clients to try again: throttling, 5xx and lost connections."""
    if isinstance(error, exceptions.ClientError):
        return code_of(error) in TRANSIENT or _status(error) >= 500
    return isinstance(error, (exceptions.HTTPClientError, *_NEVER_SENT))


def is_never_sent(error: Exception) -> bool:
    """True when no connection came about: the service cannot have seen the request."""
    return isinstance(error, _NEVER_SENT)


def is_server_fault(error: Exception) -> bool:
    """True for a 5xx other than throttling: the request may have been carried out."""
    return _status(error) >= 500 and code_of(error) not in THROTTLED


def is_denied(error: Exception) -> bool:
    """True when the credentials are good but lack the permission."""
    return code_of(error) in _DENIED or (code_of(error) == "" and _status(error) == 403)


def is_bad_login(error: Exception) -> bool:
    """True when the session has expired or its keys are not accepted: no call can succeed."""
    return code_of(error) in _EXPIRED | _WRONG_KEYS


def is_missing_queue(error: Exception) -> bool:
    """True when SQS does not know the queue."""
    return code_of(error) in _NO_QUEUE


def translate(error: Exception) -> ToolError:
    """Any exception of the AWS SDK as one line with a next step."""
    if isinstance(error, exceptions.ClientError):
        return _client_error(error)
    message = str(error)
    if isinstance(error, exceptions.NoCredentialsError | exceptions.PartialCredentialsError):
        return ToolError(
            "no AWS credentials found",
            "Set AWS_PROFILE, give -profile, or log in (aws sso login).",
        )
    if isinstance(error, exceptions.NoRegionError):
        return ToolError("no AWS region is configured", "Give -region or set AWS_REGION.")
    if isinstance(error, exceptions.ProfileNotFound):
        return ToolError(message, "Check -profile and AWS_PROFILE (aws configure list-profiles).")
    if isinstance(
        error,
        exceptions.CredentialRetrievalError
        | exceptions.TokenRetrievalError
        | exceptions.SSOError
        | exceptions.RefreshWithMFAUnsupportedError,
    ):
        return ToolError(f"cannot get AWS credentials: {message}", "Log in again (aws sso login).")
    if isinstance(error, exceptions.SSLError):
        return ToolError(
            f"TLS to AWS failed: {_short(message)}",
            "Behind a proxy with its own CA, point AWS_CA_BUNDLE to that CA's PEM file.",
        )
    if isinstance(error, exceptions.ProxyConnectionError):
        return ToolError(f"the proxy cannot be reached: {message}", "Check HTTPS_PROXY, NO_PROXY.")
    if isinstance(error, exceptions.HTTPClientError | exceptions.ConnectionError):
        return ToolError(
            f"AWS cannot be reached: {_short(message)}",
            "Check the network, -region, -endpoint-url and HTTPS_PROXY.",
        )
    if isinstance(error, exceptions.InvalidRegionError):
        return ToolError(message, "Check -region.")
    return ToolError(f"{type(error).__name__}: {_short(message)}")


def _client_error(error: exceptions.ClientError) -> ToolError:
    code = code_of(error)
    operation = error.operation_name
    message = str(error.response.get("Error", {}).get("Message", "")) or "no reason given"
    what = f"{operation} failed: {code or _status(error)}: {_short(message)}"
    if code in _EXPIRED:
        return ToolError(f"{operation}: the AWS session has expired", "Log in again and rerun.")
    if code in _WRONG_KEYS:
        return ToolError(
            f"{operation}: AWS does not accept these credentials ({code})",
            "Check AWS_PROFILE, -profile and -region; log in again.",
        )
    if is_denied(error):
        return _denied(operation, message)
    if code in _SKEWED:
        return ToolError(what, "This machine's clock is wrong: set it (NTP) and rerun.")
    if code in _WRONG_REGION:
        region = _response_header(error, "x-amz-bucket-region")
        return ToolError(what, f"Wrong region{f': it is in {region}' if region else ''}.")
    if code in _NO_QUEUE:
        return ToolError(what, "Check the queue's name and -region.")
    if code == "NoSuchBucket":
        bucket = error.response.get("Error", {}).get("BucketName", "")
        return ToolError(f"bucket {bucket} does not exist".replace("  ", " "), "Check the path.")
    if code in ("NotFound", "NotFoundException", "ResourceNotFoundException", "404"):
        return ToolError(what, "Check the name, the account and -region.")
    if code.startswith("KMS") or "kms" in code.lower():
        return ToolError(
            what, "The target is encrypted: kms:GenerateDataKey and kms:Decrypt needed."
        )
    if code in THROTTLED:
        return ToolError(what, "AWS throttles these calls: lower -concurrency or try again later.")
    if _status(error) >= 500:
        return ToolError(what, "AWS had a problem: try again in a minute.")
    return ToolError(what)


def _denied(operation: str, message: str) -> ToolError:
    match = _NOT_AUTHORIZED.search(message)
    if match:
        where = f" on {match['what']}" if match["what"] else ""
        return ToolError(
            f"{operation}: access denied{where}: {match['who']} lacks {match['action']}",
            f"Add {match['action']} to that identity, or use another -profile.",
        )
    if "kms" in message.lower():
        return ToolError(
            f"{operation}: access denied: {_short(message)}",
            "The target is encrypted: kms:GenerateDataKey and kms:Decrypt on its key are needed.",
        )
    return ToolError(
        f"{operation}: access denied: {_short(message)}",
        "Ask for the permission of this operation, or use another -profile.",
    )


def _status(error: Exception) -> int:
    response: dict[str, Any] = getattr(error, "response", None) or {}
    return int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def _response_header(error: exceptions.ClientError, name: str) -> str:
    headers = error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    return str(headers.get(name, ""))


def _short(message: str) -> str:
    line = " ".join(message.split())
    return line if len(line) <= 400 else line[:400] + "..."
