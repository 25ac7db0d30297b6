"""Asking before something is changed that cannot be taken back easily."""

import sys

from common.cli import Io
from common.errors import ToolError, UsageError


def ask(
    io: Io, plan: str, question: str, word: str = "y", unattended_is_fine: bool = False
) -> None:
    """Show `plan` and return only when the user agrees by typing `word`; end of file means no.

    -yes agrees beforehand. Without a terminal nothing waits for input: a command line that the Go
    tool carries out without asking is carried out (`unattended_is_fine`), any other needs -yes.
    Raises UsageError naming -yes, or ToolError when the user declines.
    """
    io.out.info(plan)
    if io.args["yes"]:
        return
    if not io.can_ask:
        if unattended_is_fine:
            return
        raise UsageError("nobody is there to confirm this", "Add -yes to go ahead without asking.")
    sys.stdout.flush()
    choice = "y/N" if word == "y" else f"type {word} to go ahead"
    answer = io.out.ask(f"{question} [{choice}] ")
    if answer is None or answer.strip().lower() not in _accepted(word):
        raise ToolError("nothing was done: not confirmed")


def _accepted(word: str) -> set[str]:
    return {"y", "yes"} if word == "y" else {word.lower()}
