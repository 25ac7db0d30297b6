"""Profiles are what pprof reads, and say where time and memory went."""

import gzip
import signal
import subprocess
import sys
import threading
import time
import tracemalloc
import zlib
from collections import Counter

import pytest

from tools.logprocessor import pprof
from tools.logprocessor.pprof import CpuSampler, Frame, Sample

OUTER = Frame("outer", "a.py", 10, 12)
INNER = Frame("outer.locals.inner", "b.py", 20, 300)


# A reader of its own: it shares nothing with the encoder but profile.proto.


def varint(data, place):
    value = shift = 0
    while True:
        value |= (data[place] & 127) << shift
        shift += 7
        place += 1
        if data[place - 1] < 128:
            return value, place


def fields(data):
    """Fields of a message: a list of (number, value), where a value is a number or bytes."""
    place, found = 0, []
    while place < len(data):
        key, place = varint(data, place)
        value, place = varint(data, place)
        if key & 7 == 2:
            value, place = data[place : place + value], place + value
        else:
            assert key & 7 == 0
        found.append((key >> 3, value))
    return found


def numbers(data):
    place, found = 0, []
    while place < len(data):
        value, place = varint(data, place)
        found.append(value)
    return found


def all_of(message, number):
    return [value for field, value in message if field == number]


def decoded(profile):
    """A profile with its samples spelled out as the encoder was given them."""
    message = fields(gzip.decompress(profile))
    texts = [text.decode() for text in all_of(message, 6)]
    assert texts[0] == "" and len(set(texts)) == len(texts)

    def pair(data):
        return tuple(texts[index] for _, index in fields(data))

    functions = {}
    for function in map(dict, map(fields, all_of(message, 5))):
        assert function[2] == function[3]
        functions[function[1]] = (texts[function[2]], texts[function[4]], function[5])
    locations = {}
    for location in map(dict, map(fields, all_of(message, 4))):
        line = dict(fields(location[4]))
        locations[location[1]] = Frame(*functions[line[1]], line[2])
    samples = []
    for sample in map(fields, all_of(message, 2)):
        stack = tuple(locations[id_] for id_ in numbers(dict(sample)[1]))
        labels = tuple(pair(label) for label in all_of(sample, 3))
        samples.append(Sample(stack, tuple(numbers(dict(sample)[2])), labels))
    assert 0 not in functions and 0 not in locations
    one = dict(message)
    return {
        "types": [pair(type_) for type_ in all_of(message, 1)],
        "period": (pair(one[11]), one[12]),
        "times": (one[9], one[10]),
        "functions": len(functions),
        "samples": samples,
    }


def test_a_profile_reads_back_as_it_was_given():
    samples = [
        Sample((INNER, OUTER), (3, 30_000_000)),
        Sample((OUTER,), (0, 1 << 62), (("worker", "1"), ("kind", "ü"))),
        Sample((), (1, 2)),
    ]
    assert decoded(pprof.cpu_profile(samples, 100, 1 << 60, 5)) == {
        "types": [("samples", "count"), ("cpu", "nanoseconds")],
        "period": (("cpu", "nanoseconds"), 10_000_000),
        "times": (1 << 60, 5),
        "functions": 2,
        "samples": samples,
    }


def test_lines_of_one_function_share_it():
    samples = [Sample((INNER, INNER._replace(line=7)), (1, 1)), Sample((INNER,), (1, 1))]
    profile = decoded(pprof.cpu_profile(samples))
    assert profile["functions"] == 1 and profile["samples"] == samples


def test_the_same_samples_give_the_same_bytes():
    samples = [Sample((INNER, OUTER), (3, 30))]
    assert pprof.cpu_profile(samples) == pprof.cpu_profile(samples)


def test_an_unencodable_file_name_does_no_harm():
    profile = pprof.cpu_profile([Sample((Frame("f", "\udcff.py", 1, 1),), (1, 1))])
    assert decoded(profile)["samples"][0].stack[0].file == "?.py"


def test_workers_are_told_apart_by_a_label():
    samples = pprof.of_workers({0: [Sample((OUTER,), (1, 10))], 3: [Sample((OUTER,), (2, 20))]})
    assert decoded(pprof.cpu_profile(samples))["samples"] == [
        Sample((OUTER,), (1, 10), (("worker", "0"),)),
        Sample((OUTER,), (2, 20), (("worker", "3"),)),
    ]


def burn(seconds):
    """Takes CPU time, mostly in an inner function."""

    def spin():
        for _ in range(5000):
            pass

    # Not process_time: a busy system likes to take the processor away in that call, and the sample
    # is taken where the thread goes on.
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        spin()


def sampled(work):
    """Samples taken while a function worked, and the CPU time (ns) that it took."""
    began = time.process_time_ns()
    with CpuSampler(hz=200) as sampler:
        work()
    return sampler.samples(), time.process_time_ns() - began


def in_a_thread(work):
    results = []
    thread = threading.Thread(target=lambda: results.append(sampled(work)))
    thread.start()
    thread.join()
    return results[0]


@pytest.mark.parametrize("run", [sampled, in_a_thread])
def test_samples_add_up_to_the_cpu_time_and_name_the_hottest_function(run):
    samples, taken_ns = run(lambda: burn(0.4))
    profile = decoded(pprof.cpu_profile(samples, hz=200))
    assert sum(one.values[1] for one in profile["samples"]) == pytest.approx(taken_ns, rel=0.2)
    assert all(one.values[1] == one.values[0] * 5_000_000 for one in profile["samples"])
    leaves, callers = Counter(), Counter()
    for one in profile["samples"]:
        leaves[one.stack[0].function] += one.values[0]
        for frame in {frame.function: frame for frame in one.stack}.values():
            callers[frame.function, frame.file, frame.first_line] += one.values[0]
    assert leaves.most_common(1)[0][0] == "burn.locals.spin"
    code = burn.__code__
    assert callers["burn", code.co_filename, code.co_firstlineno] > 0.8 * leaves.total()


def test_a_long_call_into_c_counts_for_its_whole_time():
    data = bytes(range(256)) * 120_000
    samples, taken_ns = sampled(lambda: zlib.compress(data, 9))
    assert taken_ns > 20_000_000
    assert sum(values[1] for _, values, _ in samples) == pytest.approx(taken_ns, abs=8_000_000)


def test_waiting_takes_no_samples():
    samples, _ = sampled(lambda: time.sleep(0.2))
    assert sum(values[0] for _, values, _ in samples) <= 2


def test_no_samples_are_taken_after_the_end():
    with CpuSampler(hz=1000) as sampler:
        burn(0.05)
    seen = sampler.samples()
    burn(0.05)
    assert seen and sampler.samples() == seen


@pytest.mark.skipif(not hasattr(signal, "SIGPROF"), reason="this system has no profiling timer")
def test_the_process_outlives_a_late_signal():
    code = (
        "import os, signal; from tools.logprocessor.pprof import CpuSampler\n"
        "with CpuSampler(): pass\n"
        "os.kill(os.getpid(), signal.SIGPROF)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def hoard():
    def fill():
        return [bytes(100_000 + number) for number in range(7)]

    return fill()


def test_memory_is_told_by_the_functions_that_took_it():
    tracemalloc.start(pprof.TRACED_FRAMES)
    try:
        kept = hoard()
        snapshot = tracemalloc.take_snapshot()
    finally:
        tracemalloc.stop()
    profile = decoded(pprof.memory_profile(snapshot, time_ns=3, duration_ns=4))
    assert profile["types"] == [("inuse_objects", "count"), ("inuse_space", "bytes")]
    assert profile["period"] == (("space", "bytes"), 1)
    assert profile["times"] == (3, 4)
    assert sum(one.values[0] for one in profile["samples"]) == len(snapshot.traces)
    assert sum(one.values[1] for one in profile["samples"]) == sum(t.size for t in snapshot.traces)
    largest = max(profile["samples"], key=lambda one: one.values[1])
    assert largest.values[0] >= len(kept) and largest.values[1] > 700_000
    names = [frame.function for frame in largest.stack]
    assert names[0].startswith("hoard.locals.fill") and "hoard" in names
    assert names.index("hoard") < names.index("test_memory_is_told_by_the_functions_that_took_it")
    assert len(largest.stack) <= pprof.TRACED_FRAMES


def test_code_outside_of_functions_is_called_module():
    trace = (0, 64, ((__file__, 1),), 1)
    snapshot = tracemalloc.Snapshot([trace], 1)
    assert decoded(pprof.memory_profile(snapshot))["samples"] == [
        Sample((Frame("module", __file__, 0, 1),), (1, 64))
    ]
