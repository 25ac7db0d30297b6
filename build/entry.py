"""Where a frozen tool starts. The build fills in the tool's package and the text of its help.

The help is looked up and not made: importing a tool takes longer than a person waits without
noticing. The self-check compares the text with what the tool itself prints.
"""

import os
import sys

HELP = "{help}"


def help_is_all(words: list[str]) -> bool:
    """True when the command line asks for the help and nothing else."""
    return words in (["-h"], ["--h"])


def print_help() -> bool:
    """Print the help; False when stdout does not take it, which the tool knows how to report."""
    if sys.stdout is None:
        return False
    rest = (HELP + "\n").replace("\n", os.linesep).encode()
    try:
        # Past sys.stdout, which would keep what it cannot write and fail again at exit.
        while rest:
            rest = rest[os.write(1, rest) :]
    except OSError:
        return False
    return True


def run_tool() -> int:
    """The tool itself; what it imports is bundled because of this line."""
    from tools.PACKAGE.main import main

    return main()


if __name__ == "__main__":
    if not (help_is_all(sys.argv[1:]) and print_help()):
        sys.exit(run_tool())
