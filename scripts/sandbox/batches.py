"""Batch requests taken apart and put together: SQS and SNS batches, S3 DeleteObjects (pure)."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from scripts.sandbox.calls import Call, Reply
from scripts.sandbox.faults import Rule

_SQS = ("SendMessageBatch", "DeleteMessageBatch", "ChangeMessageVisibilityBatch")
_SNS_MEMBER = re.compile(r"^PublishBatchRequestEntries\.member\.(\d+)\.(.+)$")
_S3_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"


@dataclass(frozen=True)
class Entry:
    """One entry of a batch: its id (S3: the key), S3's version id and its text."""

    id: str
    text: str
    version_id: str = ""


def entries(call: Call) -> list[Entry]:
    """The entries of a batch request in order, [] for any other request."""
    if call.service == "sqs" and call.operation in _SQS and call.speaks_json:
        found = call.params.get("Entries") or []
        return [Entry(entry.get("Id", ""), json.dumps(entry)) for entry in found]
    if call.service == "sns" and call.operation == "PublishBatch":
        members = _members(call)
        return [Entry(fields.get("Id", ""), json.dumps(fields)) for fields in members.values()]
    if call.service == "s3" and call.operation == "DeleteObjects":
        return [_s3_entry(element) for element in _objects(ElementTree.fromstring(call.body))]
    return []


def is_quiet(call: Call) -> bool:
    """Whether DeleteObjects was asked to report failures alone."""
    return any(
        child.tag.rpartition("}")[2] == "Quiet" and child.text == "true"
        for child in ElementTree.fromstring(call.body)
    )


def without(call: Call, positions: Collection[int]) -> Call:
    """The same request without the entries at `positions`."""
    if call.service == "sqs":
        kept = [e for i, e in enumerate(call.params["Entries"]) if i not in positions]
        return call.replaced(json.dumps({**call.params, "Entries": kept}).encode())
    if call.service == "sns":
        return call.replaced(_sns_body(call, positions))
    root = ElementTree.fromstring(call.body)
    for index, element in enumerate(_objects(root)):
        if index in positions:
            root.remove(element)
    return call.replaced(ElementTree.tostring(root))


def nothing_done(call: Call) -> Reply:
    """The reply to a batch of which no entry reached the service."""
    if call.service == "sqs":
        return Reply(200, b"{}", {"content-type": "application/x-amz-json-1.0"})
    if call.service == "sns":
        body = (
            '<PublishBatchResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">'
            "<PublishBatchResult><Successful/><Failed/></PublishBatchResult>"
            "<ResponseMetadata/></PublishBatchResponse>"
        )
        return Reply(200, body.encode(), {"content-type": "text/xml"})
    body = f'<DeleteResult xmlns="{_S3_NAMESPACE}"></DeleteResult>'
    return Reply(200, body.encode(), {"content-type": "application/xml"})


def with_failures(call: Call, reply: Reply, failures: list[tuple[Entry, Rule]]) -> Reply:
    """The service's reply with these entries added to what failed."""
    if reply.status >= 300 or not failures:
        return reply
    if call.service == "sqs":
        body = reply.json()
        body["Failed"] = (body.get("Failed") or []) + [_failed(*pair) for pair in failures]
        return Reply(reply.status, json.dumps(body).encode(), reply.headers)
    text = reply.body.decode()
    if call.service == "sns":
        members = "".join(_sns_failed(*pair) for pair in failures)
        text = re.sub(r"<Failed\s*/>", "<Failed></Failed>", text)
        if "</Failed>" not in text:
            text = text.replace("</PublishBatchResult>", "<Failed></Failed></PublishBatchResult>")
        return Reply(200, text.replace("</Failed>", members + "</Failed>").encode(), reply.headers)
    text = re.sub(r"<DeleteResult([^>]*)/>", r"<DeleteResult\1></DeleteResult>", text)
    errors = "".join(_s3_failed(*pair) for pair in failures)
    text = text.replace("</DeleteResult>", errors + "</DeleteResult>")
    return Reply(200, text.encode(), reply.headers)


def _code_and_message(rule: Rule) -> tuple[str, str]:
    code = rule.code or ("AccessDenied" if rule.kind == "deny" else "InternalError")
    return code, rule.message or "The sandbox's fault plan says so."


def _failed(entry: Entry, rule: Rule) -> Mapping[str, Any]:
    code, message = _code_and_message(rule)
    return {"Id": entry.id, "Code": code, "Message": message, "SenderFault": rule.sender_fault}


def _sns_failed(entry: Entry, rule: Rule) -> str:
    code, message = _code_and_message(rule)
    return (
        f"<member><Id>{escape(entry.id)}</Id><Code>{escape(code)}</Code>"
        f"<Message>{escape(message)}</Message>"
        f"<SenderFault>{str(rule.sender_fault).lower()}</SenderFault></member>"
    )


def _s3_failed(entry: Entry, rule: Rule) -> str:
    code, message = _code_and_message(rule)
    version = f"<VersionId>{escape(entry.version_id)}</VersionId>" if entry.version_id else ""
    return (
        f"<Error><Key>{escape(entry.id)}</Key>{version}<Code>{escape(code)}</Code>"
        f"<Message>{escape(message)}</Message></Error>"
    )


def _members(call: Call) -> dict[int, dict[str, str]]:
    members: dict[int, dict[str, str]] = {}
    for name, value in call.form.items():
        if match := _SNS_MEMBER.match(name):
            members.setdefault(int(match[1]), {})[match[2]] = value
    return dict(sorted(members.items()))


def _sns_body(call: Call, positions: Collection[int]) -> bytes:
    kept = [n for position, n in enumerate(_members(call)) if position not in positions]
    renumbered = {old: new for new, old in enumerate(kept, start=1)}
    pairs = []
    for name, value in parse_qsl(call.body.decode(), keep_blank_values=True):
        match = _SNS_MEMBER.match(name)
        if match is None:
            pairs.append((name, value))
        elif int(match[1]) in renumbered:
            number = renumbered[int(match[1])]
            pairs.append((f"PublishBatchRequestEntries.member.{number}.{match[2]}", value))
    return urlencode(pairs).encode()


def _objects(root: ElementTree.Element) -> list[ElementTree.Element]:
    return [element for element in root if element.tag.rpartition("}")[2] == "Object"]


def _s3_entry(element: ElementTree.Element) -> Entry:
    fields = {child.tag.rpartition("}")[2]: child.text or "" for child in element}
    version = fields.get("VersionId", "")
    key = fields.get("Key", "")
    return Entry(key, f"{key} {version}".rstrip(), version)
