"""Fault plans: which requests, and which entries of a batch, go wrong, and how (pure).

A plan is a list of rules. Counting is per rule, in order of arrival, and chance is a hash of rule,
seed, request number and entry position: the same requests in the same order meet the same faults.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

REFUSALS = ("deny", "throttle", "error", "code", "expired", "drop", "function_error")
ENTRY_KINDS = ("fail_entries", "omit_entries")
KINDS = (*REFUSALS, "latency", *ENTRY_KINDS)


@dataclass(frozen=True)
class Rule:
    """One fault.

    Where: `service` and `operation` as in the AWS API ("*" for any), `resource` and `role` a part
    of the request's resource and of the caller's ARN.
    When: after the first `skip` matching requests every `every`-th, at most `times` (0: always),
    in `percent` of the cases. For entry kinds `percent`, `entries` (positions) and `contains`
    (a part of the entry's text) choose entries instead.
    What: `kind`, with `status`, `code`, `message`, `sender_fault`, `milliseconds` where they apply;
    `when` "after" lets the request have its effect first.
    """

    kind: str
    service: str = "*"
    operation: str = "*"
    resource: str = ""
    role: str = ""
    skip: int = 0
    every: int = 1
    times: int = 0
    percent: float = 100.0
    seed: int = 0
    entries: tuple[int, ...] = ()
    contains: str = ""
    when: str = "before"
    milliseconds: int = 0
    status: int = 0
    code: str = ""
    message: str = ""
    sender_fault: bool = False


@dataclass(frozen=True)
class Subject:
    """What rules look at. `entries` holds the text of each entry of a batch request."""

    service: str
    operation: str
    resource: str = ""
    caller: str = ""
    entries: Sequence[str] = ()


@dataclass(frozen=True)
class Decision:
    """What happens to one request; `entries` maps positions of a batch to the rule they meet."""

    milliseconds: int
    refusal: Rule | None
    entries: Mapping[int, Rule]


def parse(rules: Iterable[Mapping[str, Any]]) -> list[Rule]:
    """Rules from their JSON form. Raises ValueError that names the rule and the field."""
    known = {field.name for field in fields(Rule)}
    parsed = []
    for number, rule in enumerate(rules):
        if unknown := set(rule) - known:
            raise ValueError(f"rule {number}: unknown field {', '.join(sorted(unknown))}")
        if rule.get("kind") not in KINDS:
            raise ValueError(f"rule {number}: kind must be one of {', '.join(KINDS)}")
        if rule.get("when", "before") not in ("before", "after"):
            raise ValueError(f"rule {number}: when must be before or after")
        if rule.get("every", 1) < 1:
            raise ValueError(f"rule {number}: every must be at least 1")
        if rule["kind"] == "code" and not (rule.get("status") and rule.get("code")):
            raise ValueError(f"rule {number}: kind code needs status and code")
        values = dict(rule)
        values["entries"] = tuple(rule.get("entries", ()))
        parsed.append(Rule(**values))
    return parsed


class Plan:
    """The rules in force and how often each has matched and fired. Safe to share by threads."""

    def __init__(self, rules: Sequence[Rule] = ()) -> None:
        self.rules = list(rules)
        self._lock = threading.Lock()
        self._matched = [0] * len(self.rules)
        self._fired = [0] * len(self.rules)

    def decide(self, subject: Subject) -> Decision:
        """Counts one request and says what happens to it: the first refusal that fires wins,
        delays add up, and an entry meets the first rule that chooses it."""
        milliseconds, refusal = 0, None
        lost: dict[int, Rule] = {}
        with self._lock:
            for index, rule in enumerate(self.rules):
                if not matches(rule, subject):
                    continue
                self._matched[index] += 1
                number = self._matched[index]
                if not _is_due(rule, number) or (rule.times and self._fired[index] >= rule.times):
                    continue
                chosen = chosen_entries(rule, index, number, subject.entries)
                if not (chosen if rule.kind in ENTRY_KINDS else is_hit(rule, index, number)):
                    continue
                self._fired[index] += 1
                if rule.kind == "latency":
                    milliseconds += rule.milliseconds
                elif rule.kind in ENTRY_KINDS:
                    lost = {**dict.fromkeys(chosen, rule), **lost}
                elif refusal is None:
                    refusal = rule
        return Decision(milliseconds, refusal, lost)

    def counts(self) -> list[dict[str, int]]:
        """How often each rule matched a request and how often it fired."""
        with self._lock:
            pairs = zip(self._matched, self._fired, strict=True)
            return [{"matched": matched, "fired": fired} for matched, fired in pairs]


def matches(rule: Rule, subject: Subject) -> bool:
    """Whether a rule is about this request at all."""
    return (
        rule.service in ("*", subject.service)
        and rule.operation in ("*", subject.operation)
        and rule.resource in subject.resource
        and rule.role in subject.caller
    )


def chosen_entries(rule: Rule, index: int, number: int, entries: Sequence[str]) -> list[int]:
    """Positions of the entries that an entry rule takes out of request `number`."""
    if rule.kind not in ENTRY_KINDS:
        return []
    return [
        position
        for position, text in enumerate(entries)
        if (not rule.entries or position in rule.entries)
        and rule.contains in text
        and is_hit(rule, index, number, position)
    ]


def is_hit(rule: Rule, index: int, number: int, position: int = -1) -> bool:
    """Deterministic chance: true in `percent` of all (rule, request, entry) triples."""
    if rule.percent >= 100:
        return True
    text = f"{rule.seed}/{index}/{number}/{position}"
    roll = int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") / 2**32
    return roll * 100 < rule.percent


def _is_due(rule: Rule, number: int) -> bool:
    return number > rule.skip and (number - rule.skip) % rule.every == 0
