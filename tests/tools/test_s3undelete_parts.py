"""The parts of s3undelete by themselves: stacks, record file, requests and replies, counts."""

import csv
from datetime import UTC, datetime

import pytest

from common.batch import UNANSWERED, Fate, Refusal
from common.errors import ToolError, UsageError
from common.listing import Range
from common.s3xml import Version
from tools.s3undelete import main, record, report, stacks
from tools.s3undelete.decide import Decision, Marker, Outcome, newest_first
from tools.s3undelete.delete_objects import answers, request_body
from tools.s3undelete.record import PLANNED, REMOVED, Row
from tools.s3undelete.removal import batch_entries, end_of
from tools.s3undelete.report import Left, Plan, Tally

NOW = datetime(2021, 2, 5, 9, tzinfo=UTC)


def entry(name, hour, latest=False, key="k"):
    """`m...` is a marker, `d...` is data."""
    made = f"2021-02-05T{hour:02}:00:00.000Z"
    return Version(key, name, latest, made, 0 if name[0] == "m" else 5, name[0] == "m")


# ---- the order of entries --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        ([("d1", 3), ("m1", 4)], "m1 d1"),
        ([("m1", 4), ("d1", 3)], "m1 d1"),
        ([("d2", 3), ("d1", 1), ("m2", 4), ("m1", 2)], "m2 d2 m1 d1"),
        ([("m2", 4), ("m1", 2), ("d2", 3), ("d1", 1)], "m2 d2 m1 d1"),
        # The same second: the list that comes first is newer, but for the latest.
        ([("d2", 1), ("d1", 1), ("m2", 1), ("m1", 1)], "m2 d2 d1 m1"),
        # A multipart upload is dated by its start: one sequence is not sorted by time.
        ([("m2", 9), ("d2", 1), ("m1", 5), ("d1", 0)], "m2 d2 m1 d1"),
        ([("m1", 9), ("d2", 1), ("d1", 3)], "m1 d2 d1"),
    ],
)
def test_entries_are_newest_first_in_one_sequence_or_two_lists(listed, expected):
    head = expected.split()[0]
    entries = [entry(name, hour, name == head) for name, hour in listed]
    assert [found.version_id for found in newest_first(entries)] == expected.split()


def test_key_that_crosses_pages_is_one_stack_in_each_of_several_ranges():
    one, two = Range(), Range()

    def of(key, *names):
        return [entry(name, 1, key=key) for name in names]

    pages = [
        (one, of("a", "m3", "m2"), False),
        (two, of("x", "m1"), False),
        (one, of("a", "m1"), False),
        (one, [], False),
        (two, of("x", "d1") + of("y", "d1"), True),
        (one, of("a", "d1") + of("b", "d1"), False),
        (one, [], True),
    ]
    found = [
        (stack[0].key, " ".join(v.version_id for v in stack)) for stack in stacks.stacks(pages)
    ]
    assert sorted(found) == [("a", "m3 m2 m1 d1"), ("b", "d1"), ("x", "m1 d1"), ("y", "d1")]


# ---- the record file -------------------------------------------------------------------------


@pytest.fixture
def kept(tmp_path):
    """A new record."""
    opened = record.open_record(str(tmp_path / "log.csv"), NOW)
    yield opened
    opened.close()


def markers(*keys):
    return [Marker(key, f"m-{key}", "2021-02-05T09:00:00.000Z", "d", 7) for key in keys]


def test_rows_come_back_as_they_were_added_and_results_are_written_over_them(kept):
    odd = ["plain", "a,b", 'q"q', "two\nlines", "cr\r\n", "\u00e9\U0001f600", " blank "]
    kept.add("bucket", markers(*odd))
    kept.add("bucket", [Marker("buried", "m", "2021-02-05T09:00:00.000Z")])
    kept.seal()
    [batch] = kept.batches(1000)
    found = kept.read(batch)
    assert [(row.key, row.restored_size) for row in found] == [*((key, 7) for key in odd),
                                                               ("buried", None)]  # fmt: skip
    kept.mark(found[1::2], REMOVED)
    with kept.path.open(newline="") as file:
        table = list(csv.DictReader(file))
    assert [row["key"] for row in table] == [*odd, "buried"]
    assert [row["result"] for row in table] == ["planned", "removed"] * 4
    assert table[-1]["restored_version_id"] == table[-1]["restored_size"] == ""


def test_batches_keep_a_keys_rows_together(kept):
    for key, number in [("a", 2), ("b", 2), ("c", 7), ("d", 1), ("e", 3)]:
        kept.add("bucket", markers(key) * number)
    kept.seal()
    found = [" ".join(row.key for row in kept.read(batch)) for batch in kept.batches(4)]
    assert found == ["a a b b", "c c c c c c c", "d e e e"]


def test_discarded_record_is_gone_and_a_continued_one_is_as_before(kept):
    kept.add("bucket", markers("first"))
    kept.seal()
    kept.close()
    before = kept.path.read_bytes()
    again = record.open_record(str(kept.path), NOW)
    again.add("bucket", markers("second"))
    again.seal()
    assert [row.key for batch in again.batches(9) for row in again.read(batch)] == ["second"]
    again.discard()
    assert kept.path.read_bytes() == before


def test_error_while_planning_removes_a_new_record(tmp_path):
    path = tmp_path / "new.csv"
    with pytest.raises(RuntimeError), record.planning(record.open_record(str(path), NOW)) as kept:
        kept.add("bucket", markers("k"))
        raise RuntimeError
    assert not path.exists()


def test_two_runs_of_one_second_have_two_records(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    first, second = record.open_record("", NOW), record.open_record("", NOW)
    names = ["s3undelete-20210205T090000Z.csv", "s3undelete-20210205T090000Z-2.csv"]
    assert [str(first.path), str(second.path)] == names


def test_record_without_its_last_line_end_is_refused_not_cut(kept):
    kept.add("bucket", markers("a", "b"))
    kept.seal()
    kept.close()
    whole = kept.path.read_bytes()
    kept.path.write_bytes(whole[:-1])
    with pytest.raises(UsageError, match="lacks the end of its last line"):
        record.open_record(str(kept.path), NOW)
    assert kept.path.read_bytes() == whole[:-1]


def test_recorded_marker_without_a_version_id_is_refused(kept):
    kept.add("bucket", markers("a"))
    kept.seal()
    kept.path.write_bytes(kept.path.read_bytes().replace(b"m-a", b""))
    [batch] = kept.batches(9)
    with pytest.raises(ValueError, match="no version id"):
        kept.read(batch)


def test_words_of_results_have_one_length():
    assert len({len(PLANNED), len(REMOVED), len(record.REFUSED)}) == 1


# ---- requests and replies --------------------------------------------------------------------


def row(key="k", version_id="v", restored_size=5):
    return Row(key, version_id, restored_size, 0)


def test_request_names_the_version_of_every_key():
    body = request_body([row("a&<b>\r", "1"), row("\u00e9", "null")]).decode()
    assert body == (
        '<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Quiet>false</Quiet>'
        "<Object><Key>a&#38;&#60;b&#62;&#13;</Key><VersionId>1</VersionId></Object>"
        "<Object><Key>\u00e9</Key><VersionId>null</VersionId></Object></Delete>"
    )


def test_request_without_a_version_id_is_never_made():
    with pytest.raises(ValueError, match="no version id"):
        request_body([row(), row(version_id="")])


def test_reply_is_read_entry_by_entry():
    reply = (
        b"<DeleteResult><Deleted><Key>a&amp;b</Key><VersionId>1</VersionId><DeleteMarker>true"
        b"</DeleteMarker><DeleteMarkerVersionId>1</DeleteMarkerVersionId></Deleted>"
        b"<Error><Key>c</Key><VersionId>2</VersionId><Code>AccessDenied</Code><Message>no</Message>"
        b"</Error><Error><Code>SlowDown</Code><Key>d</Key></Error>"
        b"<Error><Key>e</Key><VersionId>4</VersionId><Code>NoSuchVersion</Code></Error>"
        b"<Deleted><Key>g</Key></Deleted></DeleteResult>"
    )
    asked = [row("a&b", "1"), row("c", "2"), row("d", "3"), row("e", "4"), row("f", "5"),
             row("g", "6")]  # fmt: skip
    assert answers(reply, asked) == [
        None,
        Refusal("AccessDenied", "no", is_final=True),
        Refusal("SlowDown", "", is_final=False),
        None,
        UNANSWERED,
        UNANSWERED,
    ]


def test_error_in_place_of_a_reply_answers_nothing():
    reply = b"<Error><Code>InternalError</Code><Message>We had a problem</Message></Error>"
    assert answers(reply, [row()]) == [UNANSWERED]


@pytest.mark.parametrize(
    ("markers", "workers", "expected"),
    [(2500, 16, 1000), (2501, 16, 156), (500_000, 16, 156), (500_000, 2, 1000), (5000, 9999, 1)],
)
def test_many_workers_share_what_is_on_its_way(markers, workers, expected):
    assert batch_entries(markers, workers) == expected


def test_after_a_stop_only_final_refusals_are_failures():
    passing, final = Refusal("SlowDown", ""), Refusal("AccessDenied", "", is_final=True)
    assert end_of(Fate(passing), is_stopped=False) == passing
    assert end_of(Fate(passing), is_stopped=True) is Left.LEFT
    assert end_of(Fate(final), is_stopped=True) == final
    assert end_of(Fate(None), is_stopped=True) is None


# ---- counting and telling --------------------------------------------------------------------


def test_key_is_restored_when_all_markers_in_front_of_its_data_are_gone():
    no = Refusal("AccessDenied", "", is_final=True)
    tally = Tally()
    rows = [row("a"), row("a"), row("b"), row("b"), row("c"), row("c", restored_size=None),
            row("orphan", restored_size=None), row("empty", restored_size=0)]  # fmt: skip
    lines = tally.take(rows, [None, None, None, no, None, no, None, None])
    assert (tally.keys_restored, tally.bytes_restored) == (3, 10)
    assert (tally.markers_removed, tally.failed, len(lines)) == (6, 2, 2)


def test_only_the_first_refusals_are_shown():
    tally = Tally()
    no = Refusal("SlowDown", "")
    shown = [len(tally.take([row()] * 7, [no] * 7)) for _ in range(3)]
    assert shown == [7, 3, 0]
    told = list(report.aftermath(tally, Plan(markers=21), None, is_stopped=False))
    assert told[0] == "21 markers were not removed: SlowDown 21"


def test_keys_are_shown_without_what_moves_the_cursor():
    assert report.shown("a\x1b[2J\nb") == "a\\x1b[2J\\nb"
    assert report.shown("caf\u00e9") == "caf\u00e9"


def decisions(*sizes):
    return [Decision(Outcome.RESTORED, tuple(markers("k") * size)) for size in sizes]


@pytest.mark.parametrize(
    ("sizes", "limit", "taken", "is_cut"),
    [
        ((1, 2, 3), 0, 3, False),
        ((1, 2, 3), 6, 3, True),
        ((1, 2, 3), 7, 3, False),
        ((1, 2, 3), 3, 2, True),
        ((1, 2, 3), 5, 2, True),
        ((3, 1), 2, 0, True),
        ((0, 0, 1, 0, 1), 1, 3, True),
    ],
)
def test_limit_takes_whole_keys_only(sizes, limit, taken, is_cut):
    plan = Plan()
    found = list(main.limited(decisions(*sizes), limit, plan))
    assert (len(found), plan.is_cut) == (taken, is_cut)
    assert plan.markers == sum(sizes[:taken])


def test_plan_counts_what_comes_back_and_what_stays():
    plan = Plan()
    data = entry("d1", 1)
    for decision in (
        Decision(Outcome.RESTORED, tuple(markers("a") * 2), data),
        Decision(Outcome.LIVE, tuple(markers("b"))),
        Decision(Outcome.ORPHAN),
        Decision(Outcome.OUTSIDE_WINDOW),
        Decision(Outcome.LIVE),
    ):
        plan.add(decision)
    assert plan.text == "3 markers on 2 keys, 5 bytes become visible, 2 keys stay deleted"
    assert (plan.orphans, plan.outside, plan.samples) == (1, 1, ["a", "b"])


@pytest.mark.parametrize("reply", [{}, {"Status": ""}])
def test_bucket_without_versions_is_refused(reply):
    with pytest.raises(ToolError, match="bucket b is not versioned"):
        list(main.cautions(reply, "b"))


@pytest.mark.parametrize("status", ["Enabled", "Suspended"])
def test_versioned_buckets_are_accepted_and_mfa_delete_is_warned_about(status):
    assert list(main.cautions({"Status": status, "MFADelete": "Disabled"}, "b")) == []
    [caution] = main.cautions({"Status": status, "MFADelete": "Enabled"}, "b")
    assert "MFA Delete" in caution


@pytest.mark.parametrize(
    ("names", "expected"), [(["a/b1", "a/b2"], "a/b"), (["a", "a/b"], "a"), (["x", "y"], "")]
)
def test_long_key_list_is_listed_from_what_its_keys_have_in_common(names, expected, monkeypatch):
    monkeypatch.setattr(stacks, "LOOKED_UP_KEYS", 1)
    walk = stacks.walk_of(None, "", stacks.Keys(frozenset(names), 0), 1, None)
    assert walk._lister.prefix == expected
    assert [(part.after, part.upto) for part in walk.ranges] == [("", max(names))]
