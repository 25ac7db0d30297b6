"""Starts the embedded deployment and says how to use it: `python -m scripts.sandbox`."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
from pathlib import Path

ENVIRONMENT = {
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "sandbox-has-no-secrets",
    "AWS_EC2_METADATA_DISABLED": "true",
}


def parser() -> argparse.ArgumentParser:
    """The command line."""
    flags = argparse.ArgumentParser(prog="sandbox", description=__doc__)
    flags.add_argument("-port", type=int, default=4566, help="port on loopback; 0 takes a free one")
    flags.add_argument("-faults", type=Path, help="JSON file with the fault plan to begin with")
    flags.add_argument("-no-seed", action="store_true", help="start empty, without Panther")
    flags.add_argument("-ready-file", type=Path, help="write the environment here (JSON) when up")
    return flags


def main(argv: list[str] | None = None) -> int:
    """Runs until SIGINT or SIGTERM. 2 for a bad fault plan, 1 when the port is taken."""
    options = parser().parse_args(argv)
    rules = []
    if options.faults:
        from scripts.sandbox import faults

        try:
            rules = faults.parse(json.loads(options.faults.read_text()))
        except (OSError, ValueError) as error:
            return _fail(f"-faults {options.faults}: {error}", 2)
    # moto reads these when it is imported.
    os.environ.setdefault("MOTO_SQS_ENFORCE_STRICT_QUEUE_PURGE_BEHAVIOUR", "false")
    os.environ.update(ENVIRONMENT)
    from scripts.sandbox.app import Sandbox
    from scripts.sandbox.faults import Plan
    from scripts.sandbox.server import Server

    sandbox = Sandbox(lambda: "" if options.no_seed else _seed(server.url))
    try:
        server = Server("127.0.0.1", options.port, sandbox.respond)
    except OSError as error:
        return _fail(f"port {options.port}: {error.strerror}. Give another with -port.", 1)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    os.environ["MOTO_PORT"] = server.url.rpartition(":")[2]
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    overview = sandbox.restart()
    sandbox.plan = Plan(rules)
    environment = {"AWS_ENDPOINT_URL": server.url, **ENVIRONMENT}
    _announce(environment, overview)
    if options.ready_file:
        _write_whole(options.ready_file, json.dumps(environment, indent=1))
    stopped.wait()
    server.shutdown()
    return 0


def _seed(url: str) -> str:
    from scripts.sandbox import seed

    return seed.deployment(url)


def _announce(environment: dict[str, str], overview: str) -> None:
    exports = "\n".join(f"export {name}={value}" for name, value in environment.items())
    sys.stdout.write(f"{exports}\n{overview}")
    sys.stdout.flush()


def _write_whole(path: Path, text: str) -> None:
    # A reader that polls for the file must never see half of it.
    part = path.with_name(path.name + ".part")
    part.write_text(text)
    part.replace(path)


def _fail(message: str, code: int) -> int:
    sys.stderr.write(f"sandbox: {message}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
