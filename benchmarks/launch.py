"""Runs one command and writes what it cost: `python -I -S launch.py RESULT COMMAND...`.

The kernel counts what the parent held at its largest as memory of a child, so the parent must be
smaller than anything that is measured. This one imports next to nothing.
"""

import os
import sys
import time


def main() -> int:
    """Run the command to its end and write wall seconds, CPU seconds, peak memory, exit code."""
    result, *command = sys.argv[1:]
    began = time.perf_counter()
    process = os.posix_spawn(command[0], command, os.environ)
    _, status, usage = os.wait4(process, 0)
    wall = time.perf_counter() - began
    peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    code = os.waitstatus_to_exitcode(status)
    with open(result, "w") as file:  # noqa: PTH123
        file.write(f"{wall} {usage.ru_utime + usage.ru_stime} {peak} {code}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
