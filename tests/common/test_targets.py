"""Files and folders that flags name to be written."""

import os
from pathlib import Path

import pytest

from common.errors import UsageError
from common.targets import file_to_write, folder_to_fill, naming


def test_a_file_may_be_new_or_there(tmp_path):
    (tmp_path / "old").write_text("")
    assert file_to_write("", "stats") is None
    for name in ("old", "new"):
        assert file_to_write(str(tmp_path / name), "stats") == tmp_path / name
        assert (tmp_path / name).exists() == (name == "old"), "nothing is made yet"


@pytest.mark.parametrize("name", [".", "none/file"])
def test_a_folder_is_no_file_and_is_not_made_for_one(tmp_path, name):
    with pytest.raises(UsageError, match=r"^-stats .* cannot be written\. Name a file"):
        file_to_write(str(tmp_path / name), "stats")


@pytest.mark.parametrize("name", [".", "a", "a/b/c"])
def test_a_folder_may_be_there_or_below_one(tmp_path, monkeypatch, name):
    assert folder_to_fill(str(tmp_path / name), "out") == tmp_path / name
    monkeypatch.chdir(tmp_path)
    assert folder_to_fill(name, "out") == Path(name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("name", "why"), [("file", "is a file"), ("file/a/b", "lies below")])
def test_a_file_is_no_folder(tmp_path, name, why):
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match=why):
        folder_to_fill(str(tmp_path / name), "out")


def test_a_place_without_permission_is_refused(tmp_path, monkeypatch):
    # Not by its mode: root may write anywhere.
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(UsageError, match="may not be written"):
        file_to_write(str(tmp_path / "file"), "stats")
    with pytest.raises(UsageError, match="may not be written"):
        folder_to_fill(str(tmp_path / "a" / "b"), "out")


def test_an_error_without_a_file_is_given_one():
    with pytest.raises(OSError, match="No space") as raised, naming(Path("a")):
        raise OSError(28, "No space")
    assert raised.value.filename == "a"
    with pytest.raises(OSError, match="No space") as raised, naming(Path("a")):
        raise OSError(28, "No space", "b")
    assert raised.value.filename == "b"
