"""Runs before a frozen tool: the environment of programs that it starts, and files for later."""

# pathlib takes longer to import than this may take.
# ruff: noqa: PTH103, PTH105, PTH110, PTH118, PTH120, PTH123

import os
import sys

try:
    import panther_later
except ImportError:
    # Executables of other systems unpack everything as they start.
    panther_later = None


def restore_library_path():
    """The executable's first process points the loader at the bundled libraries. Inherited by a
    credential_process, that would load our OpenSSL into the user's program."""
    for name in ("LD_LIBRARY_PATH", "LIBPATH"):
        if name in os.environ:
            original = os.environ.get(name + "_ORIG")
            if original:
                os.environ[name] = original
            else:
                del os.environ[name]
        os.environ.pop(name + "_ORIG", None)


class Unpacker:
    """Finds no modules; writes out the files that an import is about to need (build/later.py)."""

    def __init__(self, files):
        self.files = files

    def find_spec(self, name, path=None, target=None):
        """Called for every import before the finders that look into files."""
        if name in self.files:
            for holder, place in self.files[name]:
                unpack(holder, os.path.join(sys._MEIPASS, *place.split("/")))
            for finder in sys.path_importer_cache.values():
                if hasattr(finder, "invalidate_caches"):
                    finder.invalidate_caches()
            del self.files[name]


def unpack(holder, target):
    """Write one file, whole or not at all: another thread may need it at the same time."""
    if os.path.exists(target):
        return
    os.makedirs(os.path.dirname(target), exist_ok=True)
    part = f"{target}.{os.getpid()}.{id(sys._getframe())}"
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o700), "wb") as file:
        file.write(__import__(holder).CONTENT)
    os.replace(part, target)
    # The module has served: its content need not stay in memory.
    sys.modules.pop(holder, None)


restore_library_path()
if panther_later:
    sys.meta_path.insert(0, Unpacker(panther_later.FILES))
