"""The decision about one key: shown by examples and by random version stacks."""

import random

import pytest

from common.s3xml import Version
from tools.s3undelete.decide import Outcome, Rules, decide, marker_of


def stack(shape):
    """`m` is a marker, `d` is data, newest first; the newest was made last."""
    return [
        Version("k", f"v{place}", place == 0, f"2021-02-05T{23 - place:02}:00:00.000Z",
                0 if kind == "m" else 5, kind == "m")
        for place, kind in enumerate(shape)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("shape", "rules", "outcome", "removed"),
    [
        ("d", Rules(), Outcome.LIVE, []),
        ("dm", Rules(), Outcome.LIVE, []),
        ("dmd", Rules(all_markers=True), Outcome.LIVE, ["v1"]),
        ("md", Rules(), Outcome.RESTORED, ["v0"]),
        ("mmmd", Rules(), Outcome.RESTORED, ["v0", "v1", "v2"]),
        ("mdmd", Rules(), Outcome.RESTORED, ["v0"]),
        ("mdmd", Rules(all_markers=True), Outcome.RESTORED, ["v0", "v2"]),
        ("m", Rules(), Outcome.ORPHAN, []),
        ("mm", Rules(include_orphans=True), Outcome.ORPHAN, ["v0", "v1"]),
        ("mmd", Rules(start="2021-02-05T23:00:00.000Z"), Outcome.OUTSIDE_WINDOW, []),
        ("mmd", Rules(end="2021-02-05T23:00:00.000Z"), Outcome.OUTSIDE_WINDOW, []),
        ("md", Rules(start="2021-02-05T23:00:00.000Z"), Outcome.RESTORED, ["v0"]),
    ],
)
def test_examples(shape, rules, outcome, removed):
    decision = decide(stack(shape), rules)
    assert decision.outcome == outcome
    assert [marker.version_id for marker in decision.markers] == removed


@pytest.mark.parametrize("seed", range(40))
def test_removing_what_is_decided_restores_exactly_what_is_said(seed):
    dice = random.Random(seed)
    for _ in range(50):
        entries = stack("".join(dice.choices("md", k=dice.randint(1, 7))))
        hour = dice.choice(["", *(entry.last_modified for entry in entries)])
        rules = Rules(hour, "", dice.random() < 0.3, dice.random() < 0.3)
        decision = decide(entries, rules)
        removed = {marker.version_id for marker in decision.markers}
        left = [entry for entry in entries if entry.version_id not in removed]
        data = [entry for entry in entries if not entry.is_marker]
        assert [entry for entry in left if not entry.is_marker] == data
        assert all(rules.covers(e) for e in entries if e.version_id in removed)
        is_visible = bool(left) and not left[0].is_marker
        if decision.outcome == Outcome.RESTORED:
            assert left[0] == data[0] == decision.restored
        elif decision.outcome == Outcome.LIVE:
            assert is_visible
        else:
            assert not is_visible


def test_data_is_never_a_marker():
    with pytest.raises(ValueError, match="is data"):
        marker_of(stack("d")[0])
    with pytest.raises(ValueError, match="no version id"):
        marker_of(stack("m")[0]._replace(version_id=""))
