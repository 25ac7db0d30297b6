"""Replies of the services that speak AWS's query protocol (SNS, STS)."""

from benchmarks.serving import Reply


def result(operation: str, name_space: str, inside: str) -> Reply:
    """A successful reply; `inside` is the XML of the operation's result."""
    return Reply(
        f'<{operation}Response xmlns="{name_space}"><{operation}Result>{inside}</{operation}Result>'
        "<ResponseMetadata><RequestId>00000000-0000-4000-8000-000000000001</RequestId>"
        f"</ResponseMetadata></{operation}Response>".encode(),
        "text/xml",
    )


def unknown(action: str) -> Reply:
    """The reply to an operation that the responder does not have."""
    error = f"<Type>Sender</Type><Code>InvalidAction</Code><Message>{action}</Message>"
    return Reply(
        f"<ErrorResponse><Error>{error}</Error></ErrorResponse>".encode(),
        "text/xml",
        "400 Bad Request",
    )
