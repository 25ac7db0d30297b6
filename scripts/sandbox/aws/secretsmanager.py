"""Secrets Manager: a secret asked for without a version is the one labelled AWSCURRENT."""

from __future__ import annotations

import json
from typing import Any

from scripts.sandbox.calls import Call, Reply


def get_secret_value(sandbox: Any, call: Call) -> Reply:
    """GetSecretValue."""
    given = call.params
    if not given.get("VersionId") and not given.get("VersionStage"):
        call = call.replaced(json.dumps({**given, "VersionStage": "AWSCURRENT"}).encode())
    return sandbox.forward(call)
