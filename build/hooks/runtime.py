"""Runs before a frozen tool: programs that the tool starts get the user's own environment."""

import os

# The executable's first process points the loader at the bundled libraries. Inherited by a
# credential_process, that would load our OpenSSL into the user's program.
for name in ("LD_LIBRARY_PATH", "LIBPATH"):
    if name in os.environ:
        original = os.environ.get(name + "_ORIG")
        if original:
            os.environ[name] = original
        else:
            del os.environ[name]
    os.environ.pop(name + "_ORIG", None)
