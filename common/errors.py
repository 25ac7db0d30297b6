"""The errors a user can meet, each with its exit code and a next step.

ToolError             exit 1: the work failed; nothing was lost
+-- UsageError        exit 2: the command line asks for something impossible
"""


class ToolError(Exception):
    """A failure at work: what failed, on which thing and why; `next_step` says what to do."""

    exit_code = 1

    def __init__(self, message: str, next_step: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step

    def __str__(self) -> str:
        if not self.next_step:
            return self.message
        return f"{self.message.rstrip('.')}. {self.next_step}"


class UsageError(ToolError):
    """Wrong input from the user: a flag, an argument or a file named by one."""

    exit_code = 2
