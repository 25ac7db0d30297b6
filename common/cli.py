"""What every tool's command line shares: its flags, its help, its messages and exit codes."""

import errno
import os
import sys
import textwrap
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TextIO, TypeVar

from common import goflags, version
from common.errors import ToolError, UsageError
from common.goflags import SWITCH, TEXT, Flag
from common.output import STDOUT, Output
from common.stop import Interrupted, Stop

DONE = 0
FAILED = 1
BAD_USAGE = 2
SOME_FAILED = 3
CLOSED_PIPE = 141

WIDTH = 80

AWS_FLAGS = (
    Flag("region", TEXT, "", "AWS region (default: the session's)"),
    Flag("profile", TEXT, "", "profile of the AWS configuration files"),
    Flag("endpoint-url", TEXT, "", "send every AWS call to this URL"),
)
OUTPUT_FLAGS = (
    Flag("output", TEXT, "text", "text or json: what stdout carries"),
    Flag("no-progress", SWITCH, False, "show no progress"),
    Flag("debug", SWITCH, False, "log details, and a traceback when something breaks"),
)
PLAN_FLAGS = (
    Flag("dry-run", SWITCH, False, "show what would be done and do nothing"),
    Flag("yes", SWITCH, False, "do not ask"),
)
INTERACTIVE_FLAG = Flag("interactive", SWITCH, True, "prompt for what is missing")
HELP_FLAGS = (
    Flag("version", SWITCH, False, "print the version and exit"),
    Flag("h", SWITCH, False, "print this help and exit"),
)


@dataclass(frozen=True)
class Tool:
    """A tool's command line as data. `flags` are its own and the shared groups it takes;
    `hidden` ones work but are not shown. `arguments` says what words may follow the flags, such as
    `[FILE...]`; without it there are none. `commands` are command lines of their own, chosen by the
    first word (their `command`)."""

    name: str
    summary: str
    usage: str
    flags: tuple[Flag, ...]
    examples: tuple[str, ...]
    hidden: tuple[Flag, ...] = ()
    output_styles: tuple[str, ...] = ("text", "json")
    arguments: str = ""
    command: str = ""
    commands: tuple["Tool", ...] = ()

    @property
    def title(self) -> str:
        """What the user types to call it."""
        return f"{self.name} {self.command}".strip()

    @property
    def all_flags(self) -> tuple[Flag, ...]:
        """Every flag that the command line takes."""
        return (*self.flags, *self.hidden, *HELP_FLAGS)


@dataclass(frozen=True)
class Args:
    """Parsed flags, read as args["s3path"]; `given` are those that the user wrote, `arguments` the
    words after them."""

    values: Mapping[str, Any]
    given: frozenset[str] = field(default_factory=frozenset)
    arguments: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> Any:
        return self.values[name]


@dataclass(frozen=True)
class Io:
    """A run's surroundings: its flags, its streams, its stop signal."""

    tool: Tool
    args: Args
    out: Output
    stop: Stop

    @property
    def can_ask(self) -> bool:
        """True when somebody is there to answer: stdin is a terminal, prompts are not off."""
        return is_terminal(sys.stdin) and bool(self.args.values.get("interactive", True))


Options = TypeVar("Options")


def run(
    tool: Tool,
    options: Callable[[Args, "Io"], Options],
    work: Callable[[Options, "Io"], int],
    argv: Sequence[str] | None = None,
) -> int:
    """Parse `argv`, check it, do the work, return the exit code; an error becomes one line."""
    _use_utf8()
    out = Output(tool.name)
    try:
        args = parse(tool, sys.argv[1:] if argv is None else argv)
        if args["h"]:
            out.line(help_text(tool))
            out.flush()
            return DONE
        if args["version"]:
            out.line(version.line(tool.name))
            out.flush()
            return DONE
        out = Output(
            tool.name,
            style=args.values.get("output", "text"),
            show_progress=not args.values.get("no-progress", False),
            show_debug=bool(args.values.get("debug") or args.values.get("verbose")),
        )
        io = Io(tool, args, out, Stop())
        io.stop.install()
        code = work(options(args, io), io)
        out.flush()
        return code
    except BaseException as error:
        return _report(error, out)


def chosen(tool: Tool, argv: Sequence[str] | None = None) -> tuple[Tool, Sequence[str]]:
    """The command of `tool` that the first word of `argv` names, and the words behind it; the tool
    itself with all words where it names none."""
    words = sys.argv[1:] if argv is None else argv
    for command in tool.commands:
        if words and words[0] == command.command:
            return command, words[1:]
    return tool, words


def parse(tool: Tool, argv: Sequence[str]) -> Args:
    """The flags of `argv`. Raises UsageError for anything the tool does not take."""
    parsed = goflags.parse(tool.all_flags, argv)
    if parsed.arguments and not tool.arguments:
        raise UsageError(
            f"unexpected argument {parsed.arguments[0]!r}",
            "Flags are written -name value; see -h.",
        )
    style = parsed.values.get("output", "text")
    if style not in tool.output_styles:
        raise UsageError(f"-output {style!r} is not one of {', '.join(tool.output_styles)}")
    return Args(parsed.values, parsed.given, parsed.arguments)


def is_terminal(stream: TextIO | None) -> bool:
    """True for an open stream that a person reads or writes."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False


def require_text(args: Args, io: Io, flag: str, prompt: str) -> str:
    """The value of a text flag, asked for on a terminal when it is missing, as the Go tools do.

    Raises UsageError when nobody can be asked or stdin ends.
    """
    text = str(args[flag]).strip()
    while not text:
        answer = io.out.ask(f"{prompt}: ") if io.can_ask else None
        if answer is None:
            raise UsageError(f"-{flag} is missing", f"Give -{flag} VALUE.")
        text = answer.strip()
    return text


# ---- help ------------------------------------------------------------------------------------


def help_text(tool: Tool) -> str:
    """What -h prints: 80 columns, the flags in the order of the manual."""
    lines = [f"{tool.title}: {tool.summary}", "", f"Usage: {tool.usage}"]
    if tool.commands:
        width = max(len(one.command) for one in tool.commands)
        lines += ["", "Commands, each with -h:"]
        lines += [f"  {one.command.ljust(width)}  {one.summary}" for one in tool.commands]
    lines += ["", "Flags:"]
    for flag in (*tool.flags, *HELP_FLAGS):
        lines += _flag_lines(flag)
    lines += ["", "Examples:", *(f"  {example}" for example in tool.examples)]
    return "\n".join(lines)


def flag_label(flag: Flag) -> str:
    """`-limit integer`; a switch takes no value."""
    return f"-{flag.name}" if flag.kind.is_switch else f"-{flag.name} {flag.kind.name}"


def flag_note(flag: Flag) -> str:
    """A flag's help with its default, unless that is off, nothing or told by the help itself."""
    is_plain = flag.default in ("", None, False, ()) or "default" in flag.help
    return flag.help if is_plain else f"{flag.help} (default {_shown(flag.default)})"


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    return str(value)


def _flag_lines(flag: Flag) -> list[str]:
    column = 26
    label = f"  {flag_label(flag)}"
    note = textwrap.wrap(flag_note(flag), WIDTH - column, break_on_hyphens=False)
    if len(label) > column - 2:
        return [label, *(" " * column + part for part in note)]
    return [label.ljust(column) + note[0], *(" " * column + part for part in note[1:])]


# ---- errors ----------------------------------------------------------------------------------


def _use_utf8() -> None:
    # Windows consoles and minimal containers still start with other encodings.
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(encoding="utf-8", errors="backslashreplace")


def _report(error: BaseException, out: Output) -> int:
    if isinstance(error, Interrupted):
        out.info("stopped")
        return error.exit_code
    if isinstance(error, BrokenPipeError):
        _drop_stdout()
        return CLOSED_PIPE
    if not isinstance(error, Exception):
        raise error
    if out.show_debug:
        out.error("".join(traceback.format_exception(error)).rstrip())
    if isinstance(error, OSError) and error.filename == STDOUT:
        _drop_stdout()
    told = explain(error)
    out.error(str(told))
    return told.exit_code


def _drop_stdout() -> None:
    # Python writes what is left at exit: where that failed once it would only fail again.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def explain(error: Exception) -> ToolError:
    """Any exception as one line for the user, with a next step."""
    if isinstance(error, ToolError):
        return error
    if type(error).__module__.startswith(("botocore", "boto3")):
        from common import awserrors

        return awserrors.translate(error)
    if isinstance(error, OSError):
        return _explain_os_error(error)
    return ToolError(
        f"internal error: {type(error).__name__}: {error}", "Run again with -debug and report it."
    )


def _explain_os_error(error: OSError) -> ToolError:
    steps = {
        errno.ENOSPC: "Free space on that disk and run the same command again.",
        errno.EDQUOT: "Free space in your quota and run the same command again.",
        errno.EFBIG: "Raise the limit (ulimit -f) and run the same command again.",
        errno.EACCES: "Choose another place or change the permissions.",
        errno.EROFS: "Choose a place that can be written to.",
        errno.ENOENT: "Check the path.",
        errno.ENOTDIR: "Check the path.",
        errno.EISDIR: "Name a file.",
    }
    reason = error.strerror or str(error)
    if not error.filename:
        return ToolError(f"the system refused: {reason}", steps.get(error.errno or 0, ""))
    verb = "read" if error.errno == errno.EISDIR else "write"
    return ToolError(f"cannot {verb} {error.filename}: {reason}", steps.get(error.errno or 0, ""))
