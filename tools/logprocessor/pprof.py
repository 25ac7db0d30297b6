"""CPU and memory profiles in the format that `go tool pprof` and its relatives open.

The format: profile.proto of github.com/google/pprof, gzip-compressed. Numbers in the encoder are
the field numbers of its messages. Texts are indexes into one table, ids start at 1, and a stack
runs from the innermost call (the leaf) outwards.
"""

from __future__ import annotations

import gc
import gzip
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import CodeType, FrameType, FunctionType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import tracemalloc

Unit = tuple[str, str]
"""What is counted, and in which unit."""

CPU_TYPES: tuple[Unit, ...] = (("samples", "count"), ("cpu", "nanoseconds"))
MEMORY_TYPES: tuple[Unit, ...] = (("inuse_objects", "count"), ("inuse_space", "bytes"))

TRACED_FRAMES = 16
"""How deep tracemalloc should look: `tracemalloc.start(TRACED_FRAMES)`."""


class Frame(NamedTuple):
    """A call: in which function, of which file, and at which line. Lines begin at 1."""

    function: str
    file: str
    first_line: int
    line: int


class Sample(NamedTuple):
    """A stack, leaf first, and its value for each of a profile's types."""

    stack: tuple[Frame, ...]
    values: tuple[int, ...]
    labels: tuple[tuple[str, str], ...] = ()


# ---- the format -----------------------------------------------------------


def encode(
    sample_types: Sequence[Unit],
    samples: Iterable[Sample],
    period_type: Unit,
    period: int,
    time_ns: int = 0,
    duration_ns: int = 0,
) -> bytes:
    """A profile: gzip-compressed profile.proto.

    `period` is how many of `period_type` lie between two samples; `time_ns` is when the profile
    began, since 1970.
    """
    texts = {"": 0}
    functions: dict[Frame, int] = {}
    locations: dict[Frame, int] = {}
    body = [_message(1, _unit(unit, texts)) for unit in sample_types]
    for one in samples:
        ids = [locations.setdefault(frame, len(locations) + 1) for frame in one.stack]
        labels = [_message(3, _label(key, text, texts)) for key, text in one.labels]
        body.append(_message(2, _packed(1, ids) + _packed(2, one.values) + b"".join(labels)))
    for frame, location in locations.items():
        function = functions.setdefault(frame._replace(line=0), len(functions) + 1)
        line = _number(1, function) + _number(2, frame.line)
        body.append(_message(4, _number(1, location) + _message(4, line)))
    body += [_message(5, _function(id_, frame, texts)) for frame, id_ in functions.items()]
    body.append(_number(9, time_ns) + _number(10, duration_ns))
    body.append(_message(11, _unit(period_type, texts)) + _number(12, period))
    body += [_message(6, text.encode(errors="replace")) for text in texts]
    return gzip.compress(b"".join(body), mtime=0)


def _unit(unit: Unit, texts: dict[str, int]) -> bytes:
    return _number(1, _index(unit[0], texts)) + _number(2, _index(unit[1], texts))


def _label(key: str, text: str, texts: dict[str, int]) -> bytes:
    return _number(1, _index(key, texts)) + _number(2, _index(text, texts))


def _function(id_: int, frame: Frame, texts: dict[str, int]) -> bytes:
    name, file = _index(frame.function, texts), _index(frame.file, texts)
    names = _number(2, name) + _number(3, name) + _number(4, file)
    return _number(1, id_) + names + _number(5, frame.first_line)


def _index(text: str, texts: dict[str, int]) -> int:
    return texts.setdefault(text, len(texts))


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _message(field: int, data: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(data)) + data


def _packed(field: int, values: Iterable[int]) -> bytes:
    return _message(field, b"".join(map(_varint, values)))


def _varint(value: int) -> bytes:
    data = bytearray()
    while value >= 0x80:
        data.append(value & 0x7F | 0x80)
        value >>= 7
    data.append(value)
    return bytes(data)


# ---- CPU ------------------------------------------------------------------


class CpuSampler:
    """Looks at the stack of the thread that started it, `hz` times in each second of CPU time that
    the process takes; also as a context manager.

    In the main thread of a system that has it, the profiling timer interrupts the program;
    elsewhere a thread looks at it from outside.
    """

    def __init__(self, hz: int = 100) -> None:
        self.period_ns = 1_000_000_000 // hz
        self._counts: Counter[tuple[Frame, ...]] = Counter()
        self._settled_ns = 0
        self._watcher: threading.Thread | None = None
        self._is_over = threading.Event()

    def start(self) -> None:
        """Begin to take samples."""
        self._settled_ns = time.process_time_ns()
        is_main = threading.current_thread() is threading.main_thread()
        if is_main and hasattr(signal, "setitimer"):
            signal.signal(signal.SIGPROF, lambda _, frame: self._take(frame))
            signal.setitimer(signal.ITIMER_PROF, self.period_ns / 1e9, self.period_ns / 1e9)
        else:
            arguments = (threading.get_ident(),)
            self._watcher = threading.Thread(target=self._watch, args=arguments, daemon=True)
            self._watcher.start()

    def stop(self) -> None:
        """Take no more samples."""
        self._is_over.set()
        if self._watcher is not None:
            self._watcher.join()
        elif hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_PROF, 0)
            # By default the signal ends the process, and one may still be under way.
            signal.signal(signal.SIGPROF, signal.SIG_IGN)

    def __enter__(self) -> CpuSampler:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def samples(self) -> list[Sample]:
        """What was seen, once the sampler has stopped: plain data, which a worker can send to the
        process that started it."""
        return [Sample(stack, (n, n * self.period_ns)) for stack, n in self._counts.items()]

    def drained(self) -> list[Sample]:
        """What was seen since this was last asked, also while the sampler is at work."""
        counts, self._counts = self._counts, Counter()
        return [Sample(stack, (n, n * self.period_ns)) for stack, n in counts.items()]

    def _take(self, frame: FrameType | None) -> None:
        # A signal waits until a call into C returns, and several that wait are one. So a sample
        # counts as many times as periods of CPU time have passed.
        passed = round((time.process_time_ns() - self._settled_ns) / self.period_ns)
        # Less than nothing has passed when a signal came while another one was being handled.
        if passed > 0 and frame is not None:
            self._settled_ns += passed * self.period_ns
            self._counts[tuple(_walk(frame))] += passed

    def _watch(self, thread_id: int) -> None:
        while not self._is_over.wait(self.period_ns / 1e9):
            self._take(sys._current_frames().get(thread_id))


def cpu_profile(
    samples: Iterable[Sample], hz: int = 100, time_ns: int = 0, duration_ns: int = 0
) -> bytes:
    """The profile of the samples of a `CpuSampler`, or of those of all workers together."""
    period_ns = 1_000_000_000 // hz
    return encode(CPU_TYPES, samples, CPU_TYPES[1], period_ns, time_ns, duration_ns)


def of_workers(samples: Mapping[int, Iterable[Sample]]) -> list[Sample]:
    """The samples of several workers by their numbers, each labelled `worker`."""
    return [
        one._replace(labels=(*one.labels, ("worker", str(worker))))
        for worker, some in samples.items()
        for one in some
    ]


def _walk(frame: FrameType | None) -> Iterator[Frame]:
    while frame is not None:
        # A frame between two lines has none.
        yield _call(frame.f_code, frame.f_lineno or frame.f_code.co_firstlineno)
        frame = frame.f_back


def _call(code: CodeType, line: int) -> Frame:
    # pprof takes what stands in angle brackets for template arguments and drops it.
    name = code.co_qualname.replace("<", "").replace(">", "")
    return Frame(name, code.co_filename, code.co_firstlineno, line)


# ---- memory ---------------------------------------------------------------


def memory_profile(snapshot: tracemalloc.Snapshot, time_ns: int = 0, duration_ns: int = 0) -> bytes:
    """The profile of what was allocated and not yet freed when the snapshot was taken. Functions
    have their names as long as they live in this process; code of modules is called `module`."""
    objects: Counter[tuple[tuple[str, int], ...]] = Counter()
    sizes: Counter[tuple[tuple[str, int], ...]] = Counter()
    for trace in snapshot.traces:
        place = tuple((frame.filename, frame.lineno) for frame in reversed(trace.traceback))
        objects[place] += 1
        sizes[place] += trace.size
    frames = _frames_of({line for place in objects for line in place})
    samples = [
        Sample(tuple(frames[line] for line in place), (n, sizes[place]))
        for place, n in objects.items()
    ]
    return encode(MEMORY_TYPES, samples, ("space", "bytes"), 1, time_ns, duration_ns)


def _frames_of(lines: set[tuple[str, int]]) -> dict[tuple[str, int], Frame]:
    """The calls that lines belong to; tracemalloc tells only where they are."""
    frames = {(file, line): Frame("module", file, 0, line) for file, line in lines}
    files = {file for file, _ in lines}
    # Not isinstance: it runs code of objects that pass themselves off as others.
    functions: list[FunctionType] = [one for one in gc.get_objects() if type(one) is FunctionType]
    for function in functions:
        for inner in _nested(function.__code__) if function.__code__.co_filename in files else ():
            for _, _, line in inner.co_lines():
                if line is not None and (inner.co_filename, line) in frames:
                    frames[inner.co_filename, line] = _call(inner, line)
    return frames


def _nested(code: CodeType) -> Iterator[CodeType]:
    """A function's code, and after it that of the functions defined in it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _nested(constant)
