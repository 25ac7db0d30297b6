"""Whole files, and all files that a folder holds."""

import os

import pytest

from common.files import files_below


def test_files_of_all_folders_are_found_in_order(tmp_path):
    for name in ("b", "a/c", "a/b/d", "empty/"):
        path = tmp_path / name
        (path if name.endswith("/") else path.parent).mkdir(parents=True, exist_ok=True)
        if not name.endswith("/"):
            path.write_text("")
    (tmp_path / "gone").symlink_to("nowhere")
    found = [file.relative_to(tmp_path).as_posix() for file in files_below(tmp_path)]
    assert found == ["a/b/d", "a/c", "b"]


def test_a_folder_that_may_not_be_read_is_an_error(tmp_path, monkeypatch):
    (tmp_path / "closed").mkdir()
    scan = os.scandir

    def refuse(path):
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(PermissionError):
        files_below(tmp_path)
