import subprocess
import sys
from pathlib import Path

import pytest

from build import later, recipe

HOOK = Path(later.__file__).parent / "hooks" / "runtime.py"
DYNLOAD = "python3.11/lib-dynload"


def extension(module):
    return f"{DYNLOAD}/{module}.cpython-311-x86_64-linux-gnu.so"


# What is bundled, and what each file needs.
BUNDLED = {
    "libpython3.11.so.1.0": ["libc.so.6", "libz.so.1"],
    "libssl.so.3": ["libcrypto.so.3"],
    "libcrypto.so.3": ["libc.so.6", "libz.so.1", "libssl.so.3"],
    "libz.so.1": [],
    "libstray.so": [],
    extension("_ssl"): ["libssl.so.3", "libcrypto.so.3"],
    extension("_hashlib"): ["libcrypto.so.3"],
    extension("_json"): [],
    "orjson/orjson.cpython-311-x86_64-linux-gnu.so": [],
}
BINARIES = [(name, f"/here/{name}", "BINARY") for name in BUNDLED]
DATAS = [
    ("botocore/cacert.pem", "/here/c", "DATA"),
    ("botocore/data/s3/1/service-2.json.gz", "/here/s", "DATA"),
    ("base_library.zip", "/here/b", "DATA"),
]


def needs(source):
    return BUNDLED[source.removeprefix("/here/")]


def test_extension_brings_the_libraries_that_only_late_ones_need():
    assert later.choose(BINARIES, DATAS, needs) == {
        "_ssl": ["libcrypto.so.3", "libssl.so.3", extension("_ssl")],
        "_hashlib": ["libcrypto.so.3", "libssl.so.3", extension("_hashlib")],
        "orjson.orjson": ["orjson/orjson.cpython-311-x86_64-linux-gnu.so"],
        "botocore": ["botocore/cacert.pem", "botocore/data/s3/1/service-2.json.gz"],
    }


def test_library_that_an_early_extension_needs_too_does_not_wait():
    early = {**BUNDLED, extension("_json"): ["libcrypto.so.3"]}
    chosen = later.choose(BINARIES, [], lambda source: early[source.removeprefix("/here/")])
    assert chosen["_ssl"] == [extension("_ssl")]


def test_links_between_files_stay():
    link = ("libssl.so", "libssl.so.3", "SYMLINK")
    assert later.choose([*BINARIES, link], DATAS, needs) == later.choose(BINARIES, DATAS, needs)


def test_what_comes_later_leaves_the_tables_and_nothing_else_does():
    chosen = later.choose(BINARIES, DATAS, needs)
    assert [name for name, *_ in recipe.without(BINARIES, chosen)] == [
        "libpython3.11.so.1.0", "libz.so.1", "libstray.so", extension("_json"),
    ]  # fmt: skip
    assert [name for name, *_ in recipe.without(DATAS, chosen)] == ["base_library.zip"]


@pytest.fixture
def frozen(tmp_path):
    """A bundle folder, and modules that carry two files for two imports."""
    sources = {"a.dat": str(tmp_path / "a"), "lib/deep/b.dat": str(tmp_path / "b")}
    (tmp_path / "a").write_bytes(bytes(range(256)) * 40)
    (tmp_path / "b").write_bytes(b"")
    wanted = {"first": ["a.dat"], "second": ["a.dat", "lib/deep/b.dat"]}
    modules = later.write(wanted, sources, tmp_path / "modules", strip=False)
    assert sorted(name for name, *_ in modules) == [
        "panther_later", "panther_later_0", "panther_later_1",
    ]  # fmt: skip
    (tmp_path / "bundle").mkdir()
    for name in ("first", "second", "third"):
        (tmp_path / "modules" / f"{name}.py").touch()
    return tmp_path


def run_hooked(frozen, code, **env):
    script = f"import sys; sys._MEIPASS = {str(frozen / 'bundle')!r}\n{HOOK.read_text()}\n{code}"
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=frozen / "modules", env=env, capture_output=True, text=True,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def unpacked(frozen):
    bundle = frozen / "bundle"
    return sorted(path.relative_to(bundle).as_posix() for path in bundle.rglob("*.*"))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import third", []),
        ("import first", ["a.dat"]),
        ("import second", ["a.dat", "lib/deep/b.dat"]),
        ("import first, second, third", ["a.dat", "lib/deep/b.dat"]),
    ],
)
def test_files_are_written_at_the_import_that_needs_them(frozen, code, expected):
    run_hooked(frozen, code)
    assert unpacked(frozen) == expected
    for name, source in (("a.dat", "a"), ("lib/deep/b.dat", "b")):
        if name in expected:
            assert (frozen / "bundle" / name).read_bytes() == (frozen / source).read_bytes()
            assert (frozen / "bundle" / name).stat().st_mode & 0o777 == 0o700


def test_file_that_two_threads_need_at_once_is_written_whole(frozen):
    code = """
import threading
names = ["first", "second"] * 3
threads = [threading.Thread(target=__import__, args=(name,)) for name in names]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
"""
    run_hooked(frozen, code)
    assert unpacked(frozen) == ["a.dat", "lib/deep/b.dat"]
    assert (frozen / "bundle" / "a.dat").read_bytes() == (frozen / "a").read_bytes()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"LD_LIBRARY_PATH": "/bundle"}, None),
        ({"LD_LIBRARY_PATH": "/bundle", "LD_LIBRARY_PATH_ORIG": ""}, None),
        ({"LD_LIBRARY_PATH": "/bundle", "LD_LIBRARY_PATH_ORIG": "/own"}, "/own"),
        ({}, None),
    ],
)
def test_programs_that_the_tool_starts_get_the_users_library_path(frozen, before, after):
    code = (
        "import os; print(os.environ.get('LD_LIBRARY_PATH'), 'LD_LIBRARY_PATH_ORIG' in os.environ)"
    )
    assert run_hooked(frozen, code, **before) == f"{after} False\n"
