import pytest

from build import elf
from build.elf import Demands

FILES = {
    "tool": Demands(frozenset({"libc.so.6", "libz.so.1"}), (2, 14), "/lib64/ld-linux.so.2"),
    "libpython3.so": Demands(frozenset({"libm.so.6", "libc.so.6"}), (2, 35), ""),
    "lib/_ssl.so": Demands(frozenset({"libcrypto.so.3", "libc.so.6"}), (2, 9), ""),
    "libcrypto.so.3": Demands(frozenset({"libz.so.1"}), (2, 35), ""),
    "libz.so.1": Demands(frozenset({"libc.so.6"}), (), ""),
}


def test_floor_is_the_newest_version_and_names_who_needs_it():
    assert elf.floor(FILES) == ((2, 35), ["libcrypto.so.3", "libpython3.so"])
    assert elf.floor({}) == ((), [])


def test_versions_compare_as_numbers():
    assert elf.parse("2.9") < elf.parse("2.28") < elf.parse("2.28.1")
    assert elf.show(elf.parse("2.28")) == "2.28"
    assert elf.show(()) == "none"


@pytest.mark.parametrize("text", ["", "two", "2.x"])
def test_what_is_no_version_is_refused(text):
    with pytest.raises(ValueError):
        elf.parse(text)


def test_system_must_have_what_is_not_brought_and_what_the_start_needs():
    # libz comes along, but the executable needs one before it has unpacked anything.
    assert elf.system_libraries(FILES, "tool") == ["libc.so.6", "libm.so.6", "libz.so.1"]
    assert elf.system_libraries(FILES, "libpython3.so") == ["libc.so.6", "libm.so.6"]


@pytest.mark.parametrize("content", [b"", b"#!/bin/sh\n", b"\xcf\xfa\xed\xfe", b"MZ"])
def test_other_files_make_no_demands(content):
    assert elf.read(content) is None
