"""From request to reply: control interface, fault plan, extensions, moto; in that order."""

from __future__ import annotations

import functools
import io
import sys
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from moto.moto_api._internal.models import moto_api_backend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.test import run_wsgi_app

from scripts.sandbox import batches, control, wording
from scripts.sandbox.aws import CHECKS, EXTENSIONS, identity, install, sqs_moves
from scripts.sandbox.calls import Call, Reply
from scripts.sandbox.faults import Decision, Plan, Rule, Subject


class Sandbox:
    """The state of one embedded deployment and the function that answers its requests.

    moto is not made for threads and gains nothing from them, so one request runs at a time. A
    waiting request (`lock.wait()`, long polling) lets others pass.
    """

    def __init__(self, seed: Callable[[], str] = str) -> None:
        """`seed` fills an empty deployment and says what it made."""
        install()
        self.plan = Plan()
        self._seed = seed
        self.lock = threading.Condition(threading.RLock())
        self.move_tasks: list[sqs_moves.Task] = []
        self.version_markers: dict[tuple[str, str, str], list[str]] = {}
        self._counting = threading.Lock()
        self._counts: Counter[str] = Counter()
        self._moto = DomainDispatcherApplication(create_backend_app)
        # moto walks its own package folder for each request to find the service.
        self._moto.get_backend_for_host = functools.cache(self._moto.get_backend_for_host)

    def respond(self, call: Call) -> Reply:
        """One request's reply. Never raises: a bug shows as a 500 and a traceback on stderr."""
        try:
            if call.path.startswith(control.ROOT):
                return control.respond(self, call)
            if call.path.startswith("/moto-api"):
                return self.forward(call)
            return self._respond(call)
        except Exception:
            traceback.print_exc(file=sys.stderr)
            return wording.error(call, 500, "InternalFailure", "The sandbox failed; see its log.")

    def counts(self) -> dict[str, int]:
        """Requests per service.operation since the last reset."""
        with self._counting:
            return dict(sorted(self._counts.items()))

    def reset_counts(self) -> None:
        """Starts counting anew."""
        with self._counting:
            self._counts.clear()

    def restart(self) -> str:
        """Forgets everything, seeds anew and gives the seed's account of what there is."""
        self.plan = Plan()
        with self.lock:
            moto_api_backend.reset()
            self.move_tasks.clear()
            self.version_markers.clear()
        overview = self._seed()
        self.reset_counts()
        return overview

    def _respond(self, call: Call) -> Reply:
        with self._counting:
            self._counts[f"{call.service}.{call.operation}"] += 1
        plan = self.plan
        if not plan.rules:
            return self._carry_out(call)
        parts = batches.entries(call)
        caller = identity.caller_arn(call.access_key)
        texts = [entry.text for entry in parts]
        decision = plan.decide(Subject(call.service, call.operation, call.resource, caller, texts))
        decision = _as_s3_denies(call, decision, len(parts))
        if decision.milliseconds:
            time.sleep(decision.milliseconds / 1000)
        rule = decision.refusal
        if rule is not None and rule.when == "before":
            return wording.refusal(rule, call, caller)
        reply = self._without_lost(call, parts, decision)
        return reply if rule is None else wording.refusal(rule, call, caller)

    def _without_lost(self, call: Call, parts: list[batches.Entry], decision: Decision) -> Reply:
        lost = decision.entries
        if not lost:
            return self._carry_out(call)
        if len(lost) == len(parts):
            reply = batches.nothing_done(call)
        else:
            reply = self._carry_out(batches.without(call, lost.keys()))
        failed = [(parts[i], rule) for i, rule in lost.items() if rule.kind != "omit_entries"]
        return batches.with_failures(call, reply, failed)

    def _carry_out(self, call: Call) -> Reply:
        extension = EXTENSIONS.get((call.service, call.operation))
        check = CHECKS.get(call.service)
        with self.lock:
            if check and (refused := check(call)):
                return refused
            reply = extension(self, call) if extension else self.forward(call)
            self.lock.notify_all()
            return reply

    def forward(self, call: Call) -> Reply:
        """moto's own answer."""
        environ = dict(call.environ)
        environ["wsgi.input"] = io.BytesIO(call.body)
        environ["CONTENT_LENGTH"] = str(len(call.body))
        with self.lock:
            chunks, status, headers = run_wsgi_app(self._moto, environ, buffered=True)
            return Reply(int(status.split()[0]), b"".join(chunks), dict(headers.items()))


def _as_s3_denies(call: Call, decision: Decision, count: int) -> Decision:
    # S3 never refuses DeleteObjects as a whole: each entry comes back as AccessDenied.
    rule = decision.refusal
    if call.operation != "DeleteObjects" or rule is None or rule.kind != "deny":
        return decision
    each: Rule = replace(rule, message=rule.message or "Access Denied")
    return replace(decision, refusal=None, entries=dict.fromkeys(range(count), each))
