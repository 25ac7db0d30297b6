"""The control interface under /_sandbox: fault plan, request counts, bulk data, full inspection.

No AWS client sends such a path. Requests and replies are JSON; see `ROUTES` for what there is.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from moto.s3.models import FakeDeleteMarker, s3_backends
from moto.sqs.models import Message, Queue, sqs_backends

from scripts.sandbox import faults
from scripts.sandbox.aws import sqs_store
from scripts.sandbox.aws.identity import ACCOUNT
from scripts.sandbox.calls import Call, Reply

ROOT = "/_sandbox"


def respond(sandbox: Any, call: Call) -> Reply:
    """Answers one control request: 404 for an unknown one, 400 for one that makes no sense."""
    handler = ROUTES.get((call.method, call.path.removeprefix(ROOT)))
    if handler is None:
        known = ", ".join(f"{method} {ROOT}{path}" for method, path in ROUTES)
        return _json({"error": f"no such control request; there are: {known}"}, 404)
    if handler is _reset:
        return _json(_reset(sandbox, {}, {}))  # seeding sends requests of its own: no lock here
    try:
        given = json.loads(call.body) if call.body else {}
        with sandbox.lock:
            result = handler(sandbox, given, call.arguments)
            sandbox.lock.notify_all()
            return _json(result)
    except (ValueError, KeyError, TypeError) as error:
        return _json({"error": f"{type(error).__name__}: {error}"}, 400)


def _json(value: Any, status: int = 200) -> Reply:
    return Reply(status, json.dumps(value).encode(), {"content-type": "application/json"})


def _set_faults(sandbox: Any, given: Any, arguments: dict[str, str]) -> Any:
    rules = faults.parse(given["rules"] if isinstance(given, dict) else given)
    sandbox.plan = faults.Plan(rules)
    return {"rules": len(rules)}


def _get_faults(sandbox: Any, given: Any, arguments: dict[str, str]) -> Any:
    return sandbox.plan.counts()


def _get_calls(sandbox: Any, given: Any, arguments: dict[str, str]) -> Any:
    return sandbox.counts()


def _reset_calls(sandbox: Any, given: Any, arguments: dict[str, str]) -> Any:
    sandbox.reset_counts()
    return {}


def _reset(sandbox: Any, given: Any, arguments: dict[str, str]) -> Any:
    """Back to what the process started with: nothing but the seed, no faults, no counts."""
    sandbox.restart()
    return {}


def _put_objects(sandbox: Any, given: Any, arguments: dict[str, str]) -> Any:
    """{"bucket", "keys": [...], "size" or "body" or "body_base64", "last_modified",
    "storage_class"} -> {"version_ids": [...]} in the order of the keys."""
    backend = s3_backends[ACCOUNT]["aws"]
    backend.get_bucket(given["bucket"])
    if "body_base64" in given:
        body = base64.b64decode(given["body_base64"])
    else:
        body = given.get("body", "x" * given.get("size", 1)).encode()
    when = _time(given.get("last_modified"))
    version_ids = []
    for key in given["keys"]:
        made = backend.put_object(
            given["bucket"],
            key,
            body,
            storage=given.get("storage_class"),
            disable_notification=not given.get("notify", False),
        )
        if when:
            made.last_modified = when
        version_ids.append(made.version_id)
    return {"version_ids": version_ids}


def _delete_objects(sandbox: Any, given: Any, arguments: dict[str, str]) -> Any:
    """{"bucket", "keys": [...], "last_modified"} -> {"version_ids": [...]}: one delete marker
    each in a versioned bucket."""
    backend = s3_backends[ACCOUNT]["aws"]
    bucket = backend.get_bucket(given["bucket"])
    when = _time(given.get("last_modified"))
    version_ids = []
    for key in given["keys"]:
        _, made = backend.delete_object(given["bucket"], key)
        version_ids.append(made.get("version-id"))
        if when and "version-id" in made:
            bucket.keys.getlist(key)[-1].last_modified = when
    return {"version_ids": version_ids}


def _get_objects(sandbox: Any, given: Any, arguments: dict[str, str]) -> Any:
    """?bucket=...&prefix=... -> every version and delete marker, by key, newest first."""
    bucket = s3_backends[ACCOUNT]["aws"].get_bucket(arguments["bucket"])
    prefix = arguments.get("prefix", "")
    found = []
    for key in sorted(key for key in bucket.keys if key.startswith(prefix)):
        versions = list(reversed(bucket.keys.getlist(key)))
        for version in versions:
            marker = isinstance(version, FakeDeleteMarker)
            found.append(
                {
                    "key": key,
                    "version_id": version.version_id,
                    "is_marker": marker,
                    "is_latest": version is versions[0],
                    "size": 0 if marker else version.size,
                    "last_modified": version.last_modified_ISO8601,
                }
            )
    return found


def _queue(text: str, region: str = "us-east-1") -> Queue:
    return sqs_backends[ACCOUNT][region].get_queue(text.rpartition("/")[2])


def _put_messages(sandbox: Any, given: Any, arguments: dict[str, str]) -> Any:
    """{"queue": name or URL, "bodies": [...]} or "messages": [{"body", "attributes", "group_id",
    "deduplication_id", "trace_header", "receive_count"}] -> {"message_ids": [...]}"""
    region = given.get("region", "us-east-1")
    backend, queue = sqs_backends[ACCOUNT][region], _queue(given["queue"], region)
    messages = given.get("messages") or [{"body": body} for body in given["bodies"]]
    message_ids = []
    for message in messages:
        trace = message.get("trace_header")
        made = sqs_store.send(
            backend,
            queue.name,
            message["body"],
            message_attributes=_attributes_in(message.get("attributes", {})),
            group_id=message.get("group_id"),
            deduplication_id=message.get("deduplication_id"),
            system_attributes={"AWSTraceHeader": {"DataType": "String", "StringValue": trace}}
            if trace
            else None,
        )
        made.approximate_receive_count = message.get("receive_count", 0)
        if "sent" in message:
            made.sent_timestamp = int(_time(message["sent"]).replace(tzinfo=UTC).timestamp() * 1000)
        if "dead_letter_source" in message:
            made.dead_letter_source = message["dead_letter_source"]
        message_ids.append(made.id)
    return {"message_ids": message_ids}


def _get_messages(sandbox: Any, given: Any, arguments: dict[str, str]) -> Any:
    """?queue=NAME or URL[&region=...] -> all messages in order of arrival, also those in flight
    and delayed, untouched."""
    queue = _queue(arguments["queue"], arguments.get("region", "us-east-1"))
    now = datetime.now(UTC).timestamp() * 1000
    return [_message_out(message, now) for message in queue._messages]


def _message_out(message: Message, now: float) -> dict[str, Any]:
    trace = (message.system_attributes or {}).get("AWSTraceHeader", {}).get("StringValue")
    return {
        "id": message.id,
        "body": message.body,
        "attributes": _attributes_out(message.message_attributes),
        "in_flight": message.visible_at > now,
        "delayed": message.delayed_until > now,
        "receive_count": message.approximate_receive_count,
        "sent": message.sent_timestamp,
        "group_id": message.group_id,
        "deduplication_id": message.deduplication_id,
        "sequence_number": message.sequence_number,
        "trace_header": trace,
        "dead_letter_source": getattr(message, "dead_letter_source", None),
    }


def _attributes_in(attributes: dict[str, dict[str, str]]) -> dict[str, dict[str, Any]]:
    return {
        name: {**value, "BinaryValue": base64.b64decode(value["BinaryValue"])}
        if "BinaryValue" in value
        else value
        for name, value in attributes.items()
    }


def _attributes_out(attributes: dict[str, Any]) -> dict[str, dict[str, str]]:
    # Values come as the SDK takes them; bytes travel as base64.
    def text(value: Any) -> str:
        return base64.b64encode(value).decode() if isinstance(value, bytes) else str(value)

    kept = ("DataType", "StringValue", "BinaryValue")
    return {
        name: {field: text(value[field]) for field in kept if value.get(field) is not None}
        for name, value in attributes.items()
    }


def _time(text: str | None) -> Any:
    # moto's times are naive and in UTC.
    if not text:
        return None
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)


ROUTES: dict[tuple[str, str], Callable[[Any, Any, dict[str, str]], Any]] = {
    ("GET", "/faults"): _get_faults,
    ("POST", "/faults"): _set_faults,
    ("GET", "/calls"): _get_calls,
    ("POST", "/calls/reset"): _reset_calls,
    ("POST", "/reset"): _reset,
    ("GET", "/objects"): _get_objects,
    ("POST", "/objects"): _put_objects,
    ("POST", "/deletes"): _delete_objects,
    ("GET", "/messages"): _get_messages,
    ("POST", "/messages"): _put_messages,
}
