"""Row ids say which host and process made them, and no two are the same."""

import subprocess
import sys
import threading

import pytest

from common.logs import rowid

NODE = bytes.fromhex("0a1b2c3d4e5f")


def decoded(row_id):
    """Node, start in microseconds since 2020 and counter of a row id."""
    data = bytes.fromhex(row_id)
    assert data.hex() == row_id
    numbers, shift = [0], 0
    for byte in data[6:]:
        numbers[-1] |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            numbers.append(0)
            shift = 0
    assert len(numbers) == 3 and not shift
    return data[:6], *numbers[:2]


@pytest.fixture
def interfaces(monkeypatch):
    """Sets the network interfaces of the host: their addresses in the system's order."""
    monkeypatch.setattr(sys, "platform", "linux")

    def have(addresses):
        names = [(place + 1, name) for place, name in enumerate(addresses)]
        monkeypatch.setattr(rowid.socket, "if_nameindex", lambda: names)
        monkeypatch.setattr(rowid, "_address_of", lambda name: bytes.fromhex(addresses[name]))

    return have


def test_an_id_is_the_node_the_start_and_the_count(interfaces):
    interfaces({"eth0": NODE.hex()})
    next_id = rowid.row_ids(start_us=300)
    assert next_id() == "0a1b2c3d4e5fac0201"
    assert next_id() == "0a1b2c3d4e5fac0202"


def test_the_count_goes_on_across_every_length_of_its_bytes(monkeypatch):
    edges = [1, 127, 128, 16_383, 16_384, 32_768, 2_097_151, (1 << 28) - 1, 1 << 35]
    numbers = [number + step for number in edges for step in (0, 1)]
    monkeypatch.setattr(rowid, "count", lambda start: iter(numbers))
    next_id = rowid.row_ids(start_us=5)
    assert [decoded(next_id())[1:] for _ in numbers] == [(5, number) for number in numbers]


def test_the_start_is_now_in_microseconds_since_2020(monkeypatch):
    monkeypatch.setattr(rowid.time, "time_ns", lambda: 1_595_257_966_369_000_999)
    assert rowid.now_us() == 17_421_166_369_000
    assert decoded(rowid.row_ids()())[1] == 17_421_166_369_000


def test_workers_that_start_within_one_microsecond_differ():
    first, third = (rowid.row_ids(worker, start_us=7_000_000)() for worker in (0, 2))
    assert decoded(first)[1:] == (7_000_000, 1)
    assert decoded(third)[1:] == (7_000_002, 1)


@pytest.mark.parametrize(
    "addresses",
    [{"lo": "00" * 6, "eth0": NODE.hex(), "eth1": "02" * 6}, {"ib0": NODE.hex() + "01" * 14},
     {"tunl0": "01020304", "sit0": "", "eth0": NODE.hex()}],
)  # fmt: skip
def test_the_node_is_the_first_hardware_address(interfaces, addresses):
    interfaces(addresses)
    assert rowid.node_id() == NODE


@pytest.mark.parametrize("addresses", [{}, {"lo": "00" * 6}, {"tunl0": "01020304"}])
def test_a_host_without_hardware_address_has_a_random_node(interfaces, addresses):
    interfaces(addresses)
    nodes = {rowid.node_id() for _ in range(5)}
    assert len(nodes) == 5 and {len(node) for node in nodes} == {6}


def test_the_node_of_other_systems_is_the_one_that_python_finds(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(rowid.uuid, "getnode", lambda: int.from_bytes(NODE))
    assert rowid.node_id() == NODE


@pytest.mark.skipif(sys.platform != "linux", reason="reads /sys")
def test_the_node_of_this_host_stays_the_same_when_it_has_an_address():
    if not rowid._first_address():
        pytest.skip("no interface has a hardware address")
    assert rowid.node_id() == rowid.node_id()


def test_an_interface_that_went_away_has_no_address():
    assert rowid._address_of("no-such-interface") == b""


def test_ids_of_four_processes_are_distinct():
    code = (
        "import sys; from common.logs.rowid import row_ids; next_id = row_ids(int(sys.argv[1])); "
        "sys.stdout.write(' '.join(next_id() for _ in range(20_000)))"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(worker)], stdout=subprocess.PIPE, text=True
        )
        for worker in range(4)
    ]
    ids = [process.communicate()[0].split() for process in processes]
    assert len({row_id for some in ids for row_id in some}) == 80_000
    starts = set()
    for some in ids:
        parts = [decoded(row_id) for row_id in some]
        assert [number for *_, number in parts] == [*range(1, 20_001)]
        starts |= {(node, start) for node, start, _ in parts}
    assert len(starts) == 4


def test_threads_share_one_count():
    next_id = rowid.row_ids()
    ids = []
    threads = [
        threading.Thread(target=lambda: ids.extend([next_id() for _ in range(5000)]))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(decoded(row_id)[2] for row_id in ids) == [*range(1, 20_001)]
