"""The fault plan by itself: when rules fire and which entries they choose."""

import threading
from typing import Any

import pytest

from scripts.sandbox.faults import Plan, Subject, parse

SEND = Subject("sqs", "SendMessageBatch", "orders", entries=[f"m{n}" for n in range(10)])


def _fires(rule: dict[str, Any], count: int, subject: Subject = SEND) -> list[bool]:
    plan = Plan(parse([{"kind": "throttle", **rule}]))
    return [plan.decide(subject).refusal is not None for _ in range(count)]


def _chosen(rule: dict[str, Any], count: int = 1) -> list[list[int]]:
    plan = Plan(parse([{"kind": "fail_entries", **rule}]))
    return [sorted(plan.decide(SEND).entries) for _ in range(count)]


def test_a_rule_without_conditions_fires_always() -> None:
    assert _fires({}, 3) == [True, True, True]


def test_every_counts_matching_requests() -> None:
    assert _fires({"every": 3}, 7) == [False, False, True, False, False, True, False]


def test_skip_lets_the_first_pass() -> None:
    assert _fires({"skip": 2}, 4) == [False, False, True, True]


def test_times_ends_a_rule() -> None:
    assert _fires({"times": 2}, 4) == [True, True, False, False]


def test_skip_every_and_times_combine() -> None:
    assert _fires({"skip": 1, "every": 2, "times": 1}, 6) == [
        False, False, True, False, False, False,
    ]  # fmt: skip


def test_percent_is_about_right_and_the_same_every_time() -> None:
    first = _fires({"percent": 20}, 1000)
    assert first == _fires({"percent": 20}, 1000)
    assert 150 < sum(first) < 250
    assert first != _fires({"percent": 20, "seed": 1}, 1000)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"service": "sqs"}, True),
        ({"service": "sns"}, False),
        ({"operation": "SendMessageBatch"}, True),
        ({"operation": "SendMessage"}, False),
        ({"resource": "order"}, True),
        ({"resource": "orders-dlq"}, False),
        ({"role": "Reader"}, False),
    ],
)
def test_a_rule_looks_at_service_operation_resource_and_role(
    rule: dict[str, Any], expected: bool
) -> None:
    assert _fires(rule, 1) == [expected]


def test_other_requests_are_not_counted() -> None:
    plan = Plan(parse([{"kind": "throttle", "operation": "SendMessageBatch", "every": 2}]))
    other = Subject("sqs", "ReceiveMessage", "orders")
    fired = [plan.decide(s).refusal is not None for s in (SEND, other, other, SEND)]
    assert fired == [False, False, False, True]
    assert plan.counts() == [{"matched": 2, "fired": 1}]


def test_entries_are_chosen_by_position() -> None:
    assert _chosen({"entries": [3, 7, 12]}) == [[3, 7]]


def test_entries_are_chosen_by_content() -> None:
    assert _chosen({"contains": "m4"}) == [[4]]


def test_entries_are_all_chosen_by_default() -> None:
    assert _chosen({}) == [list(range(10))]


def test_percent_chooses_entries_one_by_one() -> None:
    chosen = _chosen({"percent": 30}, 100)
    assert 200 < sum(map(len, chosen)) < 400
    assert len({tuple(positions) for positions in chosen}) > 50
    assert chosen == _chosen({"percent": 30}, 100)


def test_times_counts_requests_that_lost_an_entry() -> None:
    rules = parse([{"kind": "fail_entries", "contains": "m4", "times": 1}])
    plan = Plan(rules)
    spared = Subject("sqs", "SendMessageBatch", entries=["m1"])
    assert [len(plan.decide(s).entries) for s in (spared, SEND, SEND)] == [0, 1, 0]


def test_delays_add_up_and_the_first_refusal_wins() -> None:
    plan = Plan(
        parse(
            [
                {"kind": "latency", "milliseconds": 5},
                {"kind": "deny"},
                {"kind": "throttle"},
                {"kind": "latency", "milliseconds": 7},
            ]
        )
    )
    decision = plan.decide(SEND)
    assert decision.milliseconds == 12
    assert decision.refusal is not None
    assert decision.refusal.kind == "deny"


def test_an_entry_meets_the_first_rule_that_chooses_it() -> None:
    rules = [
        {"kind": "omit_entries", "entries": [1, 2]},
        {"kind": "fail_entries", "entries": [2, 3]},
    ]
    decision = Plan(parse(rules)).decide(SEND)
    assert {i: rule.kind for i, rule in decision.entries.items()} == {
        1: "omit_entries",
        2: "omit_entries",
        3: "fail_entries",
    }


def test_threads_share_one_count() -> None:
    plan = Plan(parse([{"kind": "throttle", "every": 10}]))
    threads = [
        threading.Thread(target=lambda: [plan.decide(SEND) for _ in range(250)]) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert plan.counts() == [{"matched": 1000, "fired": 100}]


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"kind": "explode"}, "rule 0: kind must be one of"),
        ({"kind": "deny", "colour": "red"}, "rule 0: unknown field colour"),
        ({"kind": "drop", "when": "later"}, "when must be before or after"),
        ({"kind": "deny", "every": 0}, "every must be at least 1"),
        ({"kind": "code", "code": "X"}, "needs status and code"),
    ],
)
def test_a_rule_that_makes_no_sense_is_named(rule: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse([rule])
