import os
import stat
import subprocess
import time
import zipfile

import pytest

from build import pack
from build.pack import Member

EPOCH = 1_612_519_093  # 2021-02-05T09:58:13Z, an odd second


@pytest.fixture
def frozen(tmp_path):
    """What freezing leaves of a one-folder tool."""
    folder = tmp_path / "frozen"
    (folder / "t.lib" / "b").mkdir(parents=True)
    (folder / "t").write_text("#!/bin/sh\necho works\n")
    (folder / "t.lib" / "b" / "x.so.1").write_bytes(b"\x7fELF")
    (folder / "t.lib" / "x.so").symlink_to("b/x.so.1")
    return folder


@pytest.fixture
def packed(tmp_path, frozen):
    target = tmp_path / "out" / "linux-amd64-t.zip"
    texts = {"README.md": b"# t\n", "LICENSE": b"free\n"}
    pack.write(target, pack.members_of(frozen, frozen / "t", texts), EPOCH)
    return target


def test_entries_are_sorted_and_carry_nothing_beside_their_content(packed):
    with zipfile.ZipFile(packed) as archive:
        entries = archive.infolist()
        assert archive.comment == b""
    assert [entry.filename for entry in entries] == [
        "LICENSE", "README.md", "t", "t.lib/b/x.so.1", "t.lib/x.so",
    ]  # fmt: skip
    for entry in entries:
        assert (entry.extra, entry.comment, entry.create_system) == (b"", b"", 3)
        assert entry.compress_type == zipfile.ZIP_DEFLATED


def test_entries_have_the_commits_time_in_even_seconds(packed):
    with zipfile.ZipFile(packed) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(2021, 2, 5, 9, 58, 12)}


def test_mode_bits_say_what_is_executable(packed):
    with zipfile.ZipFile(packed) as archive:
        modes = {entry.filename: entry.external_attr >> 16 for entry in archive.infolist()}
    assert modes == {
        "LICENSE": 0o100644,
        "README.md": 0o100644,
        "t": 0o100755,
        "t.lib/b/x.so.1": 0o100644,
        "t.lib/x.so": 0o120777,
    }


def test_unzip_restores_a_program_that_runs(packed, tmp_path):
    place = tmp_path / "unpacked"
    subprocess.run(["unzip", "-q", str(packed), "-d", str(place)], check=True)
    assert stat.S_IMODE((place / "t").stat().st_mode) == 0o755
    assert (place / "t.lib" / "x.so").readlink().as_posix() == "b/x.so.1"
    done = subprocess.run([str(place / "t")], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "works\n")


@pytest.mark.parametrize("zone", ["UTC", "America/St_Johns"])
def test_packing_again_elsewhere_and_later_gives_the_same_bytes(
    packed, frozen, tmp_path, monkeypatch, zone
):
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    for path in frozen.rglob("*"):
        if not path.is_symlink():
            os.utime(path, (1, 1))
    again = tmp_path / "again.zip"
    texts = {"LICENSE": b"free\n", "README.md": b"# t\n"}
    size = pack.write(again, pack.members_of(frozen, frozen / "t", texts), EPOCH)
    assert again.read_bytes() == packed.read_bytes()
    assert size == packed.stat().st_size
    monkeypatch.undo()
    time.tzset()


def test_names_are_sorted_by_bytes_and_not_by_language(tmp_path):
    target = tmp_path / "x.zip"
    pack.write(target, {name: pack.plain(b"") for name in ("b", "B", "a/z", "a.b")}, EPOCH)
    with zipfile.ZipFile(target) as archive:
        assert archive.namelist() == ["B", "a.b", "a/z", "b"]


@pytest.mark.parametrize("name", ["m\u00fcll", "a\\b", "/etc/passwd", "../x", "a//b", ""])
def test_names_that_do_not_unpack_everywhere_are_refused(tmp_path, name):
    with pytest.raises(pack.PackError, match="cannot be the name"):
        pack.write(tmp_path / "x.zip", {name: Member(b"", 0o100644)}, EPOCH)
    assert list(tmp_path.iterdir()) == []


def test_text_that_would_replace_the_executable_is_refused(frozen):
    with pytest.raises(pack.PackError, match="two files are called t"):
        pack.members_of(frozen, frozen / "t", {"t": b""})
