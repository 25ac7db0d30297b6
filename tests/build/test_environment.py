import os
import shutil
import sys
import sysconfig
from collections import namedtuple

import pytest

from build import environment

SERIES = f"{sys.version_info[0]}.{sys.version_info[1]}"


def test_nothing_missing_installs_nothing(monkeypatch):
    monkeypatch.setattr(environment, "_run", lambda command: pytest.fail(str(command)))
    environment.provide({})


def test_static_interpreter_lacks_its_library(monkeypatch):
    values = {"Py_ENABLE_SHARED": 0, "INSTSONAME": "libpython3.11.a"}
    monkeypatch.setattr(sysconfig, "get_config_var", values.get)
    assert f"libpython{SERIES}" in environment.missing()


def test_interpreter_whose_library_package_is_not_installed_lacks_it(monkeypatch, tmp_path):
    values = {
        "Py_ENABLE_SHARED": 1, "INSTSONAME": "libpython9.9.so.1.0", "LIBDIR": str(tmp_path),
        "LIBPL": str(tmp_path), "MULTIARCH": "none",
    }  # fmt: skip
    monkeypatch.setattr(sysconfig, "get_config_var", values.get)
    assert f"libpython{SERIES}" in environment.missing()
    (tmp_path / "libpython9.9.so.1.0").touch()
    assert f"libpython{SERIES}" not in environment.missing()


def test_missing_binutils_are_noticed(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert "binutils" in environment.missing()


def test_ordinary_user_is_told_what_to_install(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(environment.NotReady) as caught:
        environment.provide({"binutils": "strips", "libpython3.11": "is bundled"})
    message = str(caught.value)
    assert "missing: binutils (strips); libpython3.11 (is bundled)" in message
    assert message.endswith("--no-install-recommends binutils libpython3.11")
    assert "sudo apt-get install" in message


def test_root_installs_what_is_missing_and_looks_again(monkeypatch):
    commands = []
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(environment, "_run", commands.append)
    monkeypatch.setattr(environment, "missing", lambda: {})
    environment.provide({"binutils": "strips"})
    assert [command[1] for command in commands] == ["update", "install"]
    assert commands[1][-1] == "binutils"


def test_interpreter_that_stays_unfit_is_named(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(environment, "_run", lambda command: None)
    monkeypatch.setattr(environment, "missing", lambda: {"libpython3.11": "is bundled"})
    with pytest.raises(environment.NotReady, match=r"still lacks libpython3\.11.*PYTHON="):
        environment.provide({"libpython3.11": "is bundled"})


def test_old_interpreter_is_refused(monkeypatch, tmp_path):
    old = namedtuple("version_info", "major minor micro")(3, 10, 4)
    monkeypatch.setattr(sys, "version_info", old)
    monkeypatch.setattr(sys, "version", "3.10.4 (main)")
    with pytest.raises(environment.NotReady, match=r"is Python 3\.10\.4; 3\.11 is the oldest"):
        environment.ensure(tmp_path)
