"""filegen as a user runs it: which files appear, with which names, bytes and totals."""

import hashlib
import json
import os
import re
import signal
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from common.logs import registry
from tests.support import children_of, finish
from tests.tools.filegen_files import START, content, parsed, schema_of, written

GOLDEN_FLAGS = (
    "-seed", "1", "-start", "2022-03-14T09", "-end", "2022-03-14T10", "-AWS.CloudTrail",
    "-AWS.CloudTrail.numfiles", "2", "-AWS.CloudTrail.file.numrows", "3",
)  # fmt: skip
# The SHA-256 of each file's content, by hour and by the random part of its name.
GOLDEN = {
    ("09", "d234a63902e038f918056489f3c55efc"):
        "c34269ef26f6d5532f55136b635f1de669c6e6af8da54e9e8d044299fd923eaf",
    ("09", "d82445a6eaaa53eaa4e1b8a3a9914a13"):
        "9ade8065d191b92a85e0a478e1f49f730ac4378637e16b224c8d3d991466df43",
    ("10", "370ffdc604ef435fc5f6361e44838034"):
        "ec7ab9fcad705fad42cd041153f8cd69fc894b6671b76a3c1e01bce2dcd5ef43",
    ("10", "97ed8ae4d37c418ae71d3910f7a2b825"):
        "4e975bd380c5c265db72757d198206509b103d927c1311ed3c5ef16107cd5e00",
}  # fmt: skip
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"


@pytest.fixture
def generate(tools, tmp_path):
    """Runs filegen to the folder `logs`; gives the result and the files."""

    def run(*flags, folder="logs", **options):
        done = tools.run("filegen", "-out", str(tmp_path / folder), *flags, **options)
        return done, written(tmp_path / folder)

    return run


# ---- the same files --------------------------------------------------------------------------


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_seed_makes_the_same_files_with_any_number_of_workers(generate, workers):
    done, files = generate(*GOLDEN_FLAGS, "-workers", workers)
    assert done.code == 0
    found = {key: hashlib.sha256(content(key, data).encode()).hexdigest()
             for key, data in files.items()}  # fmt: skip
    assert found == {
        f"AWS.CloudTrail/2022-03-14T{hour}/111122223333_CloudTrail_us-east-2_20220314T{hour}00Z_"
        f"{name}.json.gz": digest
        for (hour, name), digest in GOLDEN.items()
    }
    assert all(data[:10] == b"\x1f\x8b\x08\0\0\0\0\0\0\xff" for data in files.values())


def test_compressed_bytes_do_not_depend_on_the_workers(generate):
    flags = ("-seed", "5", *START, "-logtype", "AWS.ALB,Okta.SystemLog,AWS.VPCFlow",
             "-numfiles", "3", "-file.numrows", "50", "-spread")  # fmt: skip
    runs = [generate(*flags, "-workers", count, folder=count)[1] for count in ("1", "2", "3")]
    assert len(runs[0]) == 9
    assert runs[0] == runs[1] == runs[2]


def test_a_file_depends_on_its_own_type_hour_and_place_only(generate):
    _, few = generate("-seed", "3", *START, "-AWS.ALB", "-numfiles", "1", folder="few")
    _, many = generate("-seed", "3", "-start", "2022-03-14T08", "-end", "2022-03-14T09",
                       "-AWS.ALB", "-AWS.VPCFlow", "-numfiles", "2", folder="many")  # fmt: skip
    assert few.items() <= many.items()
    assert len(many) == 8
    assert len({*many.values()}) == 8


def test_another_seed_makes_other_files_and_a_random_one_is_printed(generate):
    first, one = generate(*START, "-AWS.ALB", "-numfiles", "1", "-file.numrows", "5", folder="a")
    _, other = generate(*START, "-AWS.ALB", "-numfiles", "1", "-file.numrows", "5", folder="b")
    assert not one.keys() & other.keys()
    seed = re.search(r"filegen: seed (\d+)\n", first.stderr)[1]
    _, again = generate(*START, "-AWS.ALB", "-numfiles", "1", "-file.numrows", "5",
                        "-seed", seed, folder="c")  # fmt: skip
    assert again == one


# ---- which files -----------------------------------------------------------------------------


def test_the_last_hour_is_included_and_one_hour_is_a_range(generate):
    flags = ("-Juniper.Audit", "-numfiles", "1", "-file.numrows", "1")
    _, one = generate(*flags, *START, folder="one")
    _, three = generate(*flags, "-start", "2021-12-31T23", "-end", "2022-01-01T01", folder="three")
    assert [key.split("/")[1] for key in one] == ["2022-03-14T09"]
    assert [key.split("/")[1] for key in three] == [
        "2021-12-31T23", "2022-01-01T00", "2022-01-01T01",
    ]  # fmt: skip


def test_the_end_is_the_present_hour_by_default(generate):
    before = datetime.now(UTC)
    _, files = generate("-AWS.ALB", "-numfiles", "1", "-file.numrows", "1",
                        "-start", f"{before:%Y-%m-%dT%H}")  # fmt: skip
    hours = {key.split("/")[1] for key in files}
    assert hours >= {f"{before:%Y-%m-%dT%H}"}
    assert hours <= {f"{before:%Y-%m-%dT%H}", f"{datetime.now(UTC):%Y-%m-%dT%H}"}


def test_types_come_in_the_original_order_then_by_name(generate, tmp_path):
    manifest = tmp_path / "files.jsonl"
    generate("-Zeek.DNS", "-AWS.ALB", "-Gravitational.TeleportAudit", "-AWS.CloudTrail",
             "-AWS.S3ServerAccess", *START, "-numfiles", "2", "-AWS.ALB.numfiles", "1",
             "-Zeek.DNS.numfiles", "0", "-file.numrows", "2", "-AWS.CloudTrail.file.numrows", "7",
             "-manifest", str(manifest))  # fmt: skip
    lines = [json.loads(line) for line in manifest.read_text().splitlines()]
    assert [(line["logType"], line["rows"]) for line in lines] == [
        ("AWS.S3ServerAccess", 2), ("AWS.S3ServerAccess", 2),
        ("AWS.CloudTrail", 7), ("AWS.CloudTrail", 7),
        ("Gravitational.TeleportAudit", 2), ("Gravitational.TeleportAudit", 2), ("AWS.ALB", 2),
    ]  # fmt: skip


@pytest.mark.parametrize("prefix", ["in", "in/", "/in/", "in/deep"])
def test_keys_have_a_prefix_the_type_the_hour_and_a_name(generate, prefix):
    _, files = generate(*START, "-AWS.ALB", "-numfiles", "1", "-file.numrows", "1",
                        "-prefix", prefix)  # fmt: skip
    (key,) = files
    assert re.fullmatch(rf"{prefix.strip('/')}/AWS.ALB/2022-03-14T09/{UUID}\.gz", key)


@pytest.mark.parametrize(
    ("compression", "suffix"), [("zstd", ".zst"), ("none", ""), ("gzip", ".gz")]
)
def test_compressions_hold_the_same_content(generate, compression, suffix):
    _, files = generate(*START, "-AWS.VPCFlow", "-numfiles", "1", "-file.numrows", "11",
                        "-seed", "1", "-compression", compression)  # fmt: skip
    ((key, data),) = files.items()
    assert re.search(rf"{UUID}{re.escape(suffix)}$", key)
    text = content(key, data)
    assert len(text.splitlines()) == 12
    assert text.startswith("version account-id ")
    assert text.endswith("\n")


@pytest.mark.parametrize("level", ["0", "1", "6", "9"])
def test_every_gzip_level_can_be_read(generate, level):
    flags = ("-AWS.ALB", "-numfiles", "1", "-file.numrows", "100", "-seed", "1")
    _, plain = generate(*START, *flags, "-compression", "none", folder="plain")
    _, packed = generate(*START, *flags, "-gzip-level", level, folder="packed")
    ((key, data),) = packed.items()
    assert content(key, data).encode() == plain[key.removesuffix(".gz")]


def test_a_cloudtrail_file_is_one_document_without_a_line_end(generate):
    _, files = generate(*GOLDEN_FLAGS)
    for key, data in files.items():
        text = content(key, data)
        assert text.startswith('{"Records": [{')
        assert text.endswith("}]}")
        assert len(json.loads(text)["Records"]) == 3


# ---- sizes -----------------------------------------------------------------------------------


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("flags", [("-bytes", "1M"), ("-tbPerDay", "0.0000114440918")])
def test_a_size_is_met_to_one_file_in_the_order_of_passes(generate, tmp_path, workers, flags):
    manifest = tmp_path / "files.jsonl"
    done, files = generate("-seed", "2", "-start", "2022-03-14T09", "-end", "2022-03-14T10",
                           "-AWS.ALB", "-AWS.CloudTrail", "-file.numrows", "50", *flags,
                           "-workers", workers, "-manifest", str(manifest),
                           "-output", "json")  # fmt: skip
    lines = [json.loads(line) for line in manifest.read_text().splitlines()]
    total = sum(line["bytes"] for line in lines)
    assert total - lines[-1]["bytes"] < 2**20 <= total
    assert done.records[0]["uncompressedBytes"] == total
    assert done.records[0]["files"] == len(lines) == len(files)
    walk = [("AWS.CloudTrail", "2022-03-14T09"), ("AWS.ALB", "2022-03-14T09"),
            ("AWS.CloudTrail", "2022-03-14T10"), ("AWS.ALB", "2022-03-14T10")]  # fmt: skip
    assert [(line["logType"], line["hour"]) for line in lines] == [
        walk[place % 4] for place in range(len(lines))
    ]


# ---- what is told ----------------------------------------------------------------------------


def test_the_manifest_tells_of_each_file_what_is_in_it(generate, tmp_path):
    manifest = tmp_path / "files.jsonl"
    _, files = generate(*START, "-AWS.VPCFlow", "-numfiles", "3", "-file.numrows", "200",
                        "-malformed", "0.1", "-seed", "4", "-manifest", str(manifest))  # fmt: skip
    lines = [json.loads(line) for line in manifest.read_text().splitlines()]
    assert {line["key"] for line in lines} == files.keys()
    for line in lines:
        data = files[line["key"]]
        text = content(line["key"], data)
        assert line["sha256"] == hashlib.sha256(data).hexdigest()
        assert line["contentSha256"] == hashlib.sha256(text.encode()).hexdigest()
        assert (line["compressedBytes"], line["bytes"]) == (len(data), len(text.encode()))
        found = parsed(registry.schema("AWS.VPCFlow"), text)[1:]
        bad = [number for number, events in enumerate(found, 1) if type(events) is str]
        assert 5 <= len(bad) <= 40
        assert line["malformed"] == bad


def test_totals_are_told_and_recorded(generate, tmp_path):
    done, files = generate(*START, "-AWS.ALB", "-numfiles", "3", "-file.numrows", "7",
                           "-seed", "9", "-output", "json")  # fmt: skip
    raw = sum(len(content(key, data).encode()) for key, data in files.items())
    packed = sum(map(len, files.values()))
    (record,) = done.records
    assert record.pop("seconds") >= 0
    counts = {"files": 3, "rows": 21, "bytes": packed, "uncompressedBytes": raw}
    place = str(tmp_path / "logs")
    assert record == {**counts, "byType": {"AWS.ALB": counts}, "seed": 9, "dest": place}
    assert re.search(
        rf"filegen: wrote 3 files, {packed} total bytes, {raw} total uncompressed bytes"
        rf" in [0-9.]+s to {re.escape(place)}\n",
        done.stderr,
    )


def test_the_list_names_every_log_type(tools):
    shown = tools.run("filegen", "-list")
    assert (shown.code, shown.stderr) == (0, "")
    assert shown.stdout.splitlines() == [*registry.names()]
    as_json = tools.run("filegen", "-list", "-output", "json")
    assert as_json.records == [{"logType": name} for name in registry.names()]


def test_a_dry_run_tells_the_plan_and_writes_nothing(generate, tmp_path):
    flags = ("-start", "2022-03-14T09", "-end", "2022-03-14T11", "-AWS.ALB", "-AWS.CloudTrail",
             "-numfiles", "5", "-seed", "1")  # fmt: skip
    done, files = generate(*flags, "-dry-run", "-output", "json")
    assert (done.code, files) == (0, {})
    assert [(one["logType"], one["files"], one["rows"]) for one in done.records] == [
        ("AWS.CloudTrail", 15, 15_000), ("AWS.ALB", 15, 15_000),
    ]  # fmt: skip
    assert "would write 30 files" in done.stderr
    _, real = generate(*flags, "-file.numrows", "1")
    assert {one["first"] for one in done.records} <= real.keys()


def test_a_dry_run_of_a_size_says_about_how_many_files_it_takes(generate):
    flags = (*START, "-AWS.ALB", "-bytes", "1M", "-seed", "1", "-file.numrows", "100")
    done, files = generate(*flags, "-dry-run", "-output", "json")
    assert files == {}
    assert "would write about" in done.stderr
    _, real = generate(*flags)
    assert abs(done.records[0]["files"] - len(real)) <= 3


# ---- user's schemas --------------------------------------------------------------------------


def test_a_folder_of_schemas_gives_a_generator_for_each(generate, tmp_path):
    folder = tmp_path / "schemas"
    folder.mkdir()
    (folder / "shop.yml").write_text(
        "schema: Custom.Shop\nfields:\n- {name: at, type: timestamp, timeFormat: rfc3339,"
        " isEventTime: true, required: true}\n- {name: who, type: string, indicators: [email]}\n"
    )
    (folder / "door.yml").write_text(
        "schema: Custom.Door\nparser: {csv: {delimiter: ',', hasHeader: true}}\nfields:\n"
        "- {name: at, type: timestamp, timeFormat: unix, required: true}\n"
        "- {name: words, type: string}\n"
    )
    _, files = generate(*START, "-schema", str(folder), "-numfiles", "2", "-file.numrows", "30")
    assert sorted(key.split("/")[0] for key in files) == [
        "Custom.Door", "Custom.Door", "Custom.Shop", "Custom.Shop",
    ]  # fmt: skip
    for key, data in files.items():
        name = key.split("/")[0]
        file = folder / f"{name.removeprefix('Custom.').lower()}.yml"
        lines = parsed(schema_of(name, file), content(key, data))
        assert sum(len(events) for events in lines) == 30
        assert all(type(events) is not str for events in lines)


# ---- trouble ---------------------------------------------------------------------------------


def test_the_same_seed_overwrites_and_leaves_nothing_unfinished(generate):
    flags = (*START, "-AWS.ALB", "-numfiles", "2", "-file.numrows", "3", "-seed", "1")
    first, files = generate(*flags)
    again, same = generate(*flags)
    assert (first.code, again.code) == (0, 0)
    assert files == same
    assert not [key for key in same if key.endswith(".part")]


def test_a_folder_that_cannot_be_written_ends_with_totals_and_exit_code_1(generate, tmp_path):
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "AWS.ALB").write_text("in the way")
    done, _ = generate(*START, "-AWS.ALB", "-numfiles", "2", "-file.numrows", "3")
    assert done.code == 1
    assert "wrote 0 files" in done.stderr
    assert "AWS.ALB" in done.stderr.splitlines()[-1]


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize(("signum", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_finishes_the_files_in_flight_and_tells_totals(
    start_tool, tmp_path, signum, code, workers
):
    folder = tmp_path / "logs"
    process = start_tool("filegen", *START, "-AWS.CloudTrail", "-numfiles", "100000", "-out",
                         str(folder), "-workers", workers, "-output", "json")  # fmt: skip
    deadline = time.monotonic() + 30
    while not [*folder.rglob("*.gz")] and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signum)
    done = finish(process)
    assert done.code == code
    files = written(folder)
    assert done.records[0]["files"] == len(files) >= 1
    assert all(json.loads(content(key, data)) for key, data in files.items())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a full disk is needed")
def test_a_manifest_that_cannot_be_written_ends_with_totals_and_names_it(generate):
    done, _ = generate(*START, "-AWS.ALB", "-numfiles", "1", "-manifest", "/dev/full")
    assert done.code == 1
    totals, error = done.stderr.splitlines()[-2:]
    assert totals.startswith("filegen: wrote 1 files, ")
    assert error.startswith("filegen: cannot write /dev/full: No space left on device")


@pytest.fixture
def endless(start_tool, tmp_path):
    """A run of two workers that has written its first file."""
    folder = tmp_path / "logs"
    process = start_tool("filegen", *START, "-AWS.ALB", "-numfiles", "100000", "-out", str(folder),
                         "-workers", "2")  # fmt: skip
    deadline = time.monotonic() + 30
    while not [*folder.rglob("*.gz")] and time.monotonic() < deadline:
        time.sleep(0.05)
    return process


def test_a_worker_that_is_killed_ends_the_run_with_totals(endless):
    os.kill(children_of(endless.pid)[0], signal.SIGKILL)
    done = finish(endless)
    assert done.code == 1
    assert "filegen: wrote " in done.stderr
    assert "a process that makes files was killed" in done.stderr.splitlines()[-1]


def test_workers_end_with_a_run_that_is_killed(endless):
    workers = children_of(endless.pid)
    assert len(workers) == 2
    endless.kill()
    endless.wait()
    deadline = time.monotonic() + 10
    while any(map(is_running, workers)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not any(map(is_running, workers))


def is_running(pid):
    """Whether a process is there and has not ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
