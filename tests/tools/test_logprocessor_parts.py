"""Parts of logprocessor without the tool: batching, keys, sorting, writing, counting parses."""

import gzip
import random
import threading
import time
import tracemalloc
from dataclasses import replace

import pytest

from common.errors import ToolError, UsageError
from common.logs import registry
from common.logs.classifier import Classifier
from common.logs.engine import Engine, Spec
from common.logs.unread import Block
from tools.logprocessor import batching, destinations, objects
from tools.logprocessor.batching import Buffers, Limits
from tools.logprocessor.destinations import Unannounced
from tools.logprocessor.objects import LakeObject
from tools.logprocessor.sorting import Group, Keep, part_of
from tools.logprocessor.spool import SLOT_BYTES, Spool
from tools.logprocessor.writers import WriteFailed, Writers

HOUR = 447_921  # 2021-02-05T09:00Z in hours since 1970
GITLAB = (
    b'{"time":"2021-02-05T09:10:11.123Z","severity":"INFO","duration_s":1.5,"db_duration_s":0.5,'
    b'"view_duration_s":1.0,"status":200,"method":"GET","path":"/api","params":[],"host":"h",'
    b'"route":"/r","remote_ip":"192.0.2.1","ua":"Ruby"}'
)


def noise(number, size=100_000):
    """Bytes that no compressor makes smaller, different for each number."""
    return random.Random(number).randbytes(size)


class Clock:
    """A clock that is set by hand."""

    now = 0.0

    def __call__(self):
        return self.now


# ---- batching --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ({"a": 9, "b": 3}, []),
        ({"a": 10, "b": 3}, [("a", batching.SIZE)]),
        ({"a": 3, "b": 30}, []),
        ({"a": 1, "b": 2, "c": 3}, []),
        ({"a": 1, "b": 2, "c": 3, "d": 2, "e": 0}, [("c", batching.COUNT), ("b", batching.COUNT)]),
        ({"a": 9, "b": 20, "c": 30}, [("c", batching.MEMORY)]),
        ({"a": 9, "b": 20, "c": 21}, []),
        ({"a": 10, "b": 90}, [("a", batching.SIZE)]),
    ],
)
def test_what_is_due_when_a_buffer_has_grown(sizes, expected):
    limits = Limits(object_bytes=10, buffers=4, total_bytes=50)
    assert batching.due(limits, sizes, "a") == expected


def test_of_257_buffers_the_128_largest_are_due():
    sizes = {number: number for number in range(257)}
    found = batching.due(Limits(), sizes, 0)
    assert sorted(place for place, _ in found) == list(range(129, 257))


@pytest.mark.parametrize(
    ("limits", "cause"),
    [
        (Limits(object_bytes=150_000), batching.SIZE),
        (Limits(total_bytes=250_000), batching.MEMORY),
        (Limits(buffers=2), batching.COUNT),
    ],
)
def test_a_full_buffer_gives_back_its_events_and_begins_anew(limits, cause):
    buffers = Buffers(limits)
    given = []
    for number in range(12):
        place = ("T", number % 3)
        given += buffers.add(place, Group(1, noise(number)))
    assert given and {full.cause for full in given} == {cause}
    given += buffers.rest()
    assert list(buffers.rest()) == []
    assert sum(full.events for full in given) == 12
    for hour in range(3):
        found = b"".join(gzip.decompress(one.data) for one in given if one.place == ("T", hour))
        assert found == b"".join(noise(number) for number in range(hour, 12, 3))


def test_a_buffer_counts_what_the_compressor_has_put_out():
    buffers = Buffers(Limits(object_bytes=100_000))
    assert list(buffers.add(("T", 1), Group(1, b"x" * 10_000_000))) == []
    assert [full.cause for full in buffers.add(("T", 1), Group(1, noise(1, 200_000)))] == ["size"]


def test_old_buffers_are_sent_and_young_ones_are_not():
    clock = Clock()
    buffers = Buffers(Limits(age_seconds=60), clock)
    buffers.add(("T", 1), Group(1, b"old\n"))
    clock.now = 59.9
    assert list(buffers.aged()) == []
    buffers.add(("T", 2), Group(1, b"young\n"))
    clock.now = 60
    assert [(full.place, full.cause) for full in buffers.aged()] == [(("T", 1), batching.AGE)]
    clock.now = 119.95
    assert list(buffers.aged()) == [], "ages are looked at once in 60 seconds"
    clock.now = 120
    assert [full.place for full in buffers.aged()] == [("T", 2)]


def test_buffers_that_are_due_at_once_are_ended_one_after_the_other():
    clock = Clock()
    buffers = Buffers(Limits(age_seconds=60), clock)
    for hour in range(3):
        buffers.add(("T", hour), Group(1, b"old\n"))
    clock.now = 120
    assert next(buffers.aged()).place == ("T", 0)
    assert [full.place for full in buffers.rest()] == [("T", 1), ("T", 2)]


@pytest.mark.parametrize("has_room", [True, False])
def test_what_buffers_hold_is_on_disk_as_long_as_there_is_room(monkeypatch, has_room):
    if not has_room:
        monkeypatch.setattr("tempfile.TemporaryFile", no_room)
    tracemalloc.start()
    buffers = Buffers(Limits())
    for number in range(12):
        buffers.add(("T", number % 2), Group(1, noise(number, 1_000_000)))
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (held < 2_000_000) == has_room
    for hour, full in enumerate(buffers.rest()):
        given = b"".join(noise(number, 1_000_000) for number in range(hour, 12, 2))
        assert gzip.decompress(full.data) == given
    buffers.close()


def no_room(*_, **__):
    raise OSError(28, "No space left on device")


def test_slots_of_a_spool_are_used_again():
    spool = Spool()
    for number in range(5):
        slots = [spool.put(bytes([number, place]) * (SLOT_BYTES // 2)) for place in range(3)]
        assert sorted(slots) == [0, 1, 2]
        for place, slot in enumerate(slots):
            assert spool.take(slot) == bytes([number, place]) * (SLOT_BYTES // 2)
    spool.close()


def test_a_rest_of_nothing_is_nothing():
    assert list(Buffers(Limits()).rest()) == []


@pytest.mark.parametrize(("size_mb", "total_mb"), [(605, 5), (1024, 424), (3008, 2408)])
def test_memory_left_for_buffers(size_mb, total_mb):
    assert batching.limits_of(size_mb, 60).total_bytes == total_mb << 20


def test_too_little_memory_is_refused():
    message = "available memory too small for log processing, increase lambda size from 604MB"
    with pytest.raises(UsageError, match=message):
        batching.limits_of(604, 60)


# ---- keys and notifications ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("log_type", "hour", "key"),
    [
        (
            "AWS.CloudTrail", HOUR,
            "logs/aws_cloudtrail/year=2021/month=02/day=05/hour=09/20210205T090000Z-u.json.gz",
        ),
        (
            "Custom.A.B", -1,
            "logs/custom_a_b/year=1969/month=12/day=31/hour=23/19691231T230000Z-u.json.gz",
        ),
        (
            "Resource.History", -17_259_888,
            "cloud_security/resource_history/year=0001/month=01/day=01/hour=00/"
            "00010101T000000Z-u.json.gz",
        ),
    ],
)  # fmt: skip
def test_the_key_of_an_object(log_type, hour, key):
    assert objects.key_of(log_type, hour, "u") == key


def test_objects_of_one_place_have_different_names():
    full = batching.Full(("T.A", HOUR), 1, b"x", "end")
    assert objects.object_of(full).key != objects.object_of(full).key


@pytest.mark.parametrize(
    ("log_type", "kind"),
    [("AWS.ALB", "LogData"), ("Compliance.History", "CloudSecurity")],
)
def test_attributes_of_a_notification(log_type, kind):
    assert objects.attributes(log_type) == {"type": kind, "id": log_type}


@pytest.mark.parametrize("arn", ["t", "arn:aws:sqs:r:1:t", "arn:aws:sns::1:t", "arn:aws:sns:r:1"])
def test_what_is_no_topic(arn):
    with pytest.raises(UsageError):
        destinations.topic_region(arn)
    assert destinations.topic_region("arn:aws-cn:sns:cn-north-1:1:t") == "cn-north-1"


# ---- writing ---------------------------------------------------------------------------------


def lake_object(name):
    return LakeObject(f"k/{name}", "T.A", 1, b"data", "end")


def test_a_file_is_whole_or_not_there(tmp_path, monkeypatch):
    path = tmp_path / "a" / "file"
    destinations.write_whole(path, b"one")
    assert path.read_bytes() == b"one"

    def fail(*_):
        raise OSError("no")

    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(OSError, match="no"):
        destinations.write_whole(path, b"two")
    assert [(one.name, one.read_bytes()) for one in path.parent.iterdir()] == [("file", b"one")]


def test_no_more_objects_are_taken_than_there_are_writers():
    gate = threading.Event()
    writers = Writers(lambda _: gate.wait(20) and None, number=2)
    taken = []

    def give():
        for number in range(4):
            writers.take(lake_object(number))
            taken.append(number)

    giver = threading.Thread(target=give)
    giver.start()
    time.sleep(0.2)
    assert taken == [0, 1]
    gate.set()
    giver.join(20)
    writers.finish()
    assert sorted(one.key for one in writers.written) == [f"k/{number}" for number in range(4)]


def test_after_a_failure_nothing_more_is_written():
    def write(made):
        if made.key == "k/1":
            raise ToolError("no", "Do something.")

    writers = Writers(write, number=1)
    with pytest.raises(WriteFailed, match=r"no\. Do something\."):
        for number in range(9):
            writers.take(lake_object(number))
    with pytest.raises(WriteFailed):
        writers.finish()
    assert [one.key for one in writers.written] == ["k/0"]


def test_an_object_that_is_not_announced_is_written_all_the_same():
    def write(_):
        raise Unannounced("no")

    writers = Writers(write)
    writers.take(lake_object(0))
    with pytest.raises(WriteFailed):
        writers.finish()
    assert [(one.key, one.is_announced) for one in writers.written] == [("k/0", False)]


# ---- sorting ---------------------------------------------------------------------------------


def counted(engine):
    """The names of the types whose parsers were called, one for each call."""
    calls = []

    def counting(one):
        def new():
            parse = one.new()
            return lambda line: calls.append(one.name) or parse(line)

        return replace(one, new=new)

    engine.types = [counting(one) for one in engine.types]
    return calls


def test_a_uniform_stream_settles_on_one_parse_for_each_line():
    engine = Engine(Spec(tuple(map(registry.schema, registry.names())), is_lake=True))
    calls = counted(engine)
    classifier = Classifier(engine.types)
    first = part_of(Keep.SORTED, 0, engine, classifier, Block(1, [GITLAB]))
    assert list(first.groups) == [("GitLab.API", HOUR)]
    calls.clear()
    part_of(Keep.SORTED, 0, engine, classifier, Block(2, [GITLAB] * 1009))
    assert calls == ["GitLab.API"] * 1009


@pytest.mark.parametrize("keep", list(Keep))
def test_a_part_holds_what_is_wanted_of_events(keep):
    engine = Engine(Spec((registry.schema("GitLab.API"),), is_lake=True, now_ns=1612517400 * 10**9))
    records = [GITLAB, b"", GITLAB.replace(b"T09", b"T08"), b"no", GITLAB]
    part = part_of(keep, 0, engine, Classifier(engine.types), Block(11, records))
    counts = {place: group.events for place, group in part.groups.items()}
    by_hour = {("GitLab.API", HOUR): 2, ("GitLab.API", HOUR - 1): 1}
    assert counts == ({("", 0): 3} if keep is Keep.ORDERED else by_hour)
    assert set(part.places) == set(by_hour)
    lines = b"".join(group.lines for group in part.groups.values())
    assert lines.count(b"\n") == (0 if keep is Keep.NOTHING else 3)
    assert [number for number, _ in part.failures] == [14]
    assert part.blank == 1
    ages_ms = [1612517400_000 - 1612516211_123 + late for late in (0, 3_600_000, 0)]
    assert part.latency_ns == sum(ages_ms) * 10**6


def test_events_are_given_the_time_that_the_caller_knows():
    engine = Engine(Spec((registry.schema("GitLab.API"),), is_lake=True))
    block = Block(1, [GITLAB])
    ((_, line),) = next(engine.parse(Classifier(engine.types), block, HOUR * 3600 * 10**9)).events
    assert b'"p_parse_time":"2021-02-05 09:00:00.000000000"' in line
