import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from build import facts
from build.names import Target
from common import version

ROOT = Path(__file__).resolve().parent.parent.parent
TARGET = Target("linux", "arm64")


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A small project without history."""
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "3.5.7"\n')
    (tmp_path / "common").mkdir()
    (tmp_path / "common" / "a.py").write_text("one\n")
    return tmp_path


@pytest.fixture
def committed(tree):
    """The same, committed at 2021-02-05T09:58:12Z."""
    date = {"GIT_AUTHOR_DATE": "1612519092 +0000", "GIT_COMMITTER_DATE": "1612519092 +0000"}
    who = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    for words in (["init", "-q"], ["add", "."], [*who, "commit", "-q", "-m", "x"]):
        subprocess.run(["git", *words], cwd=tree, check=True, env={"HOME": str(tree), **date})
    return tree


def test_version_of_the_project_file_is_the_version_of_the_build():
    stated = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert facts.version(ROOT) == stated


def test_project_without_a_version_is_refused(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    with pytest.raises(ValueError, match="no line: version"):
        facts.version(tmp_path)


def test_commit_and_its_time_enter_the_build(committed):
    found = facts.gather(committed, TARGET)
    head = subprocess.run(
        ["git", "rev-parse", "--short=7", "HEAD"], cwd=committed, capture_output=True, text=True
    ).stdout.strip()
    assert found == facts.Facts("3.5.7", TARGET, head, 1_612_519_092)


def test_build_of_changed_sources_does_not_pass_for_the_commit(committed):
    (committed / "common" / "a.py").write_text("two\n")
    assert facts.gather(committed, TARGET).commit.endswith("-changed")


def test_changed_text_beside_the_sources_is_no_change(committed):
    (committed / "notes.md").write_text("x\n")
    assert "-" not in facts.gather(committed, TARGET).commit


def test_history_that_git_cannot_read_is_refused(tree):
    (tree / ".git").mkdir()
    with pytest.raises(ValueError, match=r"git log fails here: .*not a git repository"):
        facts.gather(tree, TARGET)


def test_tree_without_history_is_built_as_source_at_the_oldest_time(tree):
    found = facts.gather(tree, TARGET)
    assert (found.commit, found.epoch) == ("source", facts.OLDEST_EPOCH)


def test_given_epoch_replaces_the_commits(tree, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1600000001")
    assert facts.gather(tree, TARGET).epoch == 1_600_000_001


def test_epoch_is_never_older_than_a_zip_can_say(tree, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    assert facts.gather(tree, TARGET).epoch == facts.OLDEST_EPOCH


def test_tools_read_the_facts_that_the_build_wrote(tmp_path, monkeypatch):
    from build import freeze

    text = json.dumps(facts.Facts("3.5.7", TARGET, "0a1b2c3", 0).to_dict())
    (tmp_path / freeze.BUILD_FILE).write_text(text)
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    assert freeze.BUILD_FILE == version.BUILD_FILE
    assert version.line("requeue") == "requeue 3.5.7 (linux/arm64, 0a1b2c3)"
    assert version.number() == "3.5.7"
    assert set(json.loads(text)) == {"version", "os", "arch", "commit"}
