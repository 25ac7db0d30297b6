import itertools
import platform

import pytest

from build import names, registry
from build.names import Target

TARGETS = [Target(*pair) for pair in itertools.product(names.SYSTEMS, names.MACHINES)]


@pytest.mark.parametrize("target", TARGETS, ids=str)
@pytest.mark.parametrize("tool", [*registry.read().tools, "analytics-backfiller"])
def test_zip_name_of_every_tool_and_target_reads_back(target, tool):
    name = names.tool_zip(target, tool)
    assert names.parse_tool_zip(name) == (target, tool)
    assert not names.is_bundle_zip(name)


def test_zip_name_is_what_the_documentation_links_to():
    assert names.folder("1.27.0") == "v1.27.0/tools"
    assert names.tool_zip(Target("darwin", "amd64"), "snowconfig") == "darwin-amd64-snowconfig.zip"


@pytest.mark.parametrize(
    "name",
    [
        "linux-amd64.zip",
        "linux-arm-s3queue.zip",
        "linux-amd64-.zip",
        "linux-amd64--x.zip",
        "linux-amd64-S3queue.zip",
        "linux-amd64-s3queue.zip.part",
        "x-linux-amd64-s3queue.zip",
        "linux-amd64-s3_queue.zip",
        "linux-amd64-s3queue.zip\n",
    ],
)
def test_other_names_are_not_zips_of_tools(name):
    assert names.parse_tool_zip(name) is None


def test_bundles_have_five_names_and_no_more():
    made = [f"{os}-{arch}.zip" for os in names.SYSTEMS for arch in ("amd64", "arm", "arm64")]
    assert sorted(name for name in made if names.is_bundle_zip(name)) == sorted(
        f"{bundle}.zip" for bundle in names.BUNDLES
    )
    # 32-bit ARM on macOS never existed.
    assert not names.is_bundle_zip("darwin-arm.zip")


@pytest.mark.parametrize("version", ["1.27.0", "1.17.0-RC", "10.0.1-rc.2"])
def test_folder_takes_semantic_versions(version):
    assert names.folder(version) == f"v{version}/tools"


@pytest.mark.parametrize("version", ["", "v1.27.0", "1.27", "1.27.0/..", "1.27.0 "])
def test_folder_refuses_what_is_no_version(version):
    with pytest.raises(ValueError, match="not a version"):
        names.folder(version)


def test_executables_have_no_target_in_their_names():
    assert Target("linux", "arm64").executable("s3queue") == "s3queue"
    assert Target("windows", "amd64").executable("s3queue") == "s3queue.exe"


@pytest.mark.parametrize(
    ("system", "machine", "target"),
    [
        ("Linux", "x86_64", "linux-amd64"),
        ("Linux", "aarch64", "linux-arm64"),
        ("Darwin", "arm64", "darwin-arm64"),
        ("Darwin", "x86_64", "darwin-amd64"),
        ("Windows", "AMD64", "windows-amd64"),
        ("Windows", "ARM64", "windows-arm64"),
    ],
)
def test_machines_have_targets(monkeypatch, system, machine, target):
    monkeypatch.setattr(platform, "system", lambda: system)
    monkeypatch.setattr(platform, "machine", lambda: machine)
    assert str(names.host()) == target


def test_machine_that_nothing_is_published_for_is_refused(monkeypatch):
    monkeypatch.setattr(platform, "machine", lambda: "armv7l")
    with pytest.raises(ValueError, match=r"no target for .* on armv7l"):
        names.host()
