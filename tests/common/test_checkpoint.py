"""A checkpoint is whole or refused, and belongs to one command line."""

import json
import stat

import pytest

from common import checkpoint
from common.errors import UsageError

ARGUMENTS = {"s3path": "s3://b/", "limit": 0}


def save(path, records=({"after": "a"},)):
    checkpoint.save(path, "s3queue", ARGUMENTS, records)


def test_what_was_saved_is_loaded(tmp_path):
    path = tmp_path / "progress"
    save(path, [{"after": "k\u00e9\n"}, {"complete": False}])
    assert checkpoint.load(path, "s3queue", ARGUMENTS) == [
        {"after": "k\u00e9\n"},
        {"complete": False},
    ]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["progress"]


def test_no_file_is_no_checkpoint(tmp_path):
    assert checkpoint.load(tmp_path / "none", "s3queue", ARGUMENTS) is None


def test_every_truncation_is_noticed(tmp_path):
    path = tmp_path / "progress"
    save(path, [{"after": str(number)} for number in range(3)])
    whole = path.read_bytes()
    for length in range(len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(UsageError, match="damaged or no checkpoint"):
            checkpoint.load(path, "s3queue", ARGUMENTS)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"[]\n[]\n", b'{"end":0}\n', b"1\n2\n3\n"])
def test_other_files_are_refused(tmp_path, content):
    path = tmp_path / "progress"
    path.write_bytes(content)
    with pytest.raises(UsageError, match="damaged or no checkpoint"):
        checkpoint.load(path, "s3queue", ARGUMENTS)


def test_other_tools_and_arguments_are_refused(tmp_path):
    path = tmp_path / "progress"
    save(path)
    with pytest.raises(UsageError, match="belongs to s3queue"):
        checkpoint.load(path, "s3sns", ARGUMENTS)
    with pytest.raises(UsageError, match="other arguments: -limit, -queue"):
        checkpoint.load(path, "s3queue", {"s3path": "s3://b/", "limit": 5, "queue": "q"})


def test_failed_write_leaves_the_old_checkpoint(tmp_path, monkeypatch):
    path = tmp_path / "progress"
    save(path)
    before = path.read_bytes()
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError(28, "full")))
    with pytest.raises(OSError, match="full"):
        save(path, [{"after": "b"}])
    assert path.read_bytes() == before
    assert json.loads(before.splitlines()[1]) == {"after": "a"}
