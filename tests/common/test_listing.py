"""Key ranges list every key exactly once, however the keys look and wherever ranges are cut."""

import random
import string
import threading
import time
from bisect import bisect_right
from dataclasses import dataclass

import pytest

from common.listing import Range, Walk, cut, split_points, spread
from common.s3xml import Object
from common.stop import Stop

PAGE = 10


@dataclass(frozen=True)
class Keys:
    """A prefix in memory that answers as S3 does, PAGE keys at a time."""

    keys: tuple[str, ...]
    prefix: str = ""
    pause: float = 0.0

    def _behind(self, prefix, after):
        return [
            key for key in self.keys[bisect_right(self.keys, after) :] if key.startswith(prefix)
        ]

    def fetch(self, position):
        after, token = position
        time.sleep(self.pause)
        found = self._behind(self.prefix, token or after)
        page = [Object(key, "", "", 1, "") for key in found[:PAGE]]
        following = (page[-1].key, page[-1].key) if len(found) > PAGE else None
        return lambda: (page, following)

    def folders(self, prefix, after):
        found = (key[len(prefix) :] for key in self._behind(prefix, after))
        return sorted({prefix + key.partition("/")[0] + "/" for key in found if "/" in key})[:PAGE]

    def first(self, after):
        return next(iter(self._behind(self.prefix, after)), None)


def layouts():
    dice = random.Random(7)
    letters = string.ascii_letters + string.digits + "/-_. \u00e9\U0001f600"
    yield "nothing", ()
    yield "one", ("a",)
    yield "flat numbers", tuple(f"k{number:04}" for number in range(317))
    yield "flat hex", tuple(sorted(f"{dice.getrandbits(64):016x}" for _ in range(409)))
    yield "folders", tuple(sorted(f"d{n % 13}/e{n % 5}/k{n}" for n in range(503)))
    yield "one deep folder", tuple(f"a/b/c/d/{number:04}" for number in range(211))
    yield "partitions", tuple(sorted(
        f"logs/t{t}/year=2021/month={m:02}/day={d:02}/x{d}.gz"
        for t in range(3) for m in range(1, 7) for d in range(1, 29)))  # fmt: skip
    yield "folder markers", tuple(sorted({f"d{n % 7}/" for n in range(7)} | {f"d{n % 7}/{n}"
                                         for n in range(99)}))  # fmt: skip
    yield (
        "skewed",
        tuple(sorted([f"big/{n:05}" for n in range(400)] + [f"s{n}/x" for n in range(9)])),
    )
    for seed in range(6):
        dice = random.Random(seed)
        made = {"".join(dice.choices(letters, k=dice.randint(1, 9))) for _ in range(307)}
        yield f"random {seed}", tuple(sorted(made))


LAYOUTS = list(layouts())


@pytest.mark.parametrize(("name", "keys"), LAYOUTS, ids=[name for name, _ in LAYOUTS])
@pytest.mark.parametrize("workers", [1, 2, 8])
def test_every_key_is_listed_once_with_any_number_of_workers(name, keys, workers):
    walk = Walk(Keys(keys), workers, Stop())
    lock, found = threading.Lock(), []

    def take(_range, entries, _is_end):
        with lock:
            found.extend(entry.key for entry in entries)

    walk.run(take)
    assert sorted(found) == list(keys)


@pytest.mark.parametrize("workers", [1, 4])
def test_iterator_gives_the_same_pages(workers):
    keys = dict(LAYOUTS)["folders"]
    pages = Walk(Keys(keys), workers, Stop()).pages()
    assert sorted(entry.key for _, entries, _ in pages for entry in entries) == list(keys)


def test_pages_of_a_range_come_in_key_order_and_end_once():
    keys = dict(LAYOUTS)["partitions"]
    seen, ends = {}, []
    for part, entries, is_end in Walk(Keys(keys), 4, Stop()).pages():
        for entry in entries:
            assert entry.key > seen.get(id(part), "")
            seen[id(part)] = entry.key
        if is_end:
            ends.append(id(part))
    assert len(ends) == len(set(ends))


def test_idle_workers_make_a_range_split():
    walk = Walk(Keys(dict(LAYOUTS)["folders"], pause=0.002), 4, Stop())
    names = set()
    walk.run(lambda *_: names.add(threading.current_thread()))
    assert len(walk.ranges) > 4
    assert len(names) > 1


@pytest.mark.parametrize("layout", ["flat hex", "folders", "partitions", "random 3"])
def test_snapshot_at_any_moment_resumes_to_exactly_the_rest(layout):
    keys = dict(LAYOUTS)[layout]
    walk = Walk(Keys(keys), 3, Stop())
    done, marks, snapshots = [], {}, []
    lock = threading.Lock()

    def take(part, entries, is_end):
        with lock:
            done.extend(entry.key for entry in entries)
            if entries:
                marks[id(part)] = entries[-1].key
            if is_end:
                marks[id(part)] = None
            with walk.lock:
                ranges = [(part.after, part.upto, id(part)) for part in walk.ranges]
            rest = [
                Range(marks.get(name, after), upto)
                for after, upto, name in ranges
                if marks.get(name, after) is not None
            ]
            snapshots.append((list(done), rest))

    walk.run(take)
    for before, rest in snapshots[::3]:
        found = []
        for part in rest:
            for _, entries, _ in Walk(Keys(keys), 1, Stop(), [part]).pages():
                found.extend(entry.key for entry in entries)
        assert sorted(before + found) == list(keys)


def test_error_of_a_page_reaches_the_caller():
    class Broken(Keys):
        def fetch(self, position):
            raise OSError("no network")

    with pytest.raises(OSError, match="no network"):
        Walk(Broken(("a",)), 4, Stop()).run(lambda *_: None)
    with pytest.raises(OSError, match="no network"):
        list(Walk(Broken(("a",)), 4, Stop()).pages())


def test_stop_request_ends_the_listing_early():
    stop = Stop()
    walk = Walk(Keys(dict(LAYOUTS)["flat numbers"]), 2, stop)
    pages = walk.pages()
    next(pages)
    stop.request()
    assert len(list(pages)) < 20


def test_closing_the_iterator_ends_its_threads():
    pages = Walk(Keys(dict(LAYOUTS)["flat numbers"]), 4, Stop()).pages()
    next(pages)
    pages.close()
    deadline = time.monotonic() + 10
    while any(thread.name in ("list", "listing") for thread in threading.enumerate()):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_cut_keeps_what_a_range_ends_with():
    entries = [Object(key, "", "", 1, "") for key in "abc"]
    assert [entry.key for entry in cut(entries, "b")[0]] == ["a", "b"]
    assert cut(entries, "b")[1] and not cut(entries, "c")[1] and not cut(entries, "")[1]


def test_split_points_are_the_outermost_folders_behind_the_last_key():
    keys = Keys(tuple(f"logs/t{t}/d{d}/x" for t in range(4) for d in range(3)), prefix="logs/")
    part = Range(last="logs/t1/d0/x")
    assert split_points(keys, part) == ["logs/t2/", "logs/t3/"]
    part = Range(upto="logs/t2/", last="logs/t1/d0/x")
    assert split_points(keys, part) == ["logs/t1/d1/", "logs/t1/d2/"]


def test_flat_prefix_is_split_where_keys_differ_next():
    keys = Keys(("k/a1", "k/a2", "k/a3", "k/b1"), prefix="k/")
    assert split_points(keys, Range(last="k/a1")) == ["k/b"]
    assert split_points(keys, Range(upto="k/b", last="k/a1")) == ["k/a3"]
    assert split_points(keys, Range(last="k/b1")) == []


def test_spread_picks_evenly():
    assert spread(list("abcdef"), 3) == ["a", "c", "e"]
    assert spread(list("ab"), 3) == ["a", "b"]
