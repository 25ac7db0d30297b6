"""The part of botocore's data that a tool needs, in bytes that depend on nothing else."""

import gzip
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

# Logging in, by whatever the user's profile says, calls these whichever tool runs.
LOGIN_SERVICES = ("signin", "sso", "sso-oidc", "sts")
SHARED_FILES = ("_retry.json", "partitions.json", "sdk-default-configuration.json")
ENDPOINTS_FILE = "endpoints.json"

_KEPT_KINDS = ("service-2", "endpoint-rule-set-1", "paginators-1", "waiters-2")
# botocore reads the documentation of these and fails without it.
_DOCUMENTED = "clientContextParams"


class PruneError(Exception):
    """The registry names a service that this botocore does not know."""


def copy(data: Path, target: Path, services: Iterable[str]) -> list[Path]:
    """Write what `services` need of botocore's folder `data` to `target`; returns the files.

    Raises PruneError for a service that is not there.
    """
    wanted = sorted({*services, *LOGIN_SERVICES})
    written = []
    prefixes = set(wanted)
    for service in wanted:
        for source in _files(data, service):
            content = _read(source)
            if _kind(source) == "service-2":
                prefixes.add(content.get("metadata", {}).get("endpointPrefix", service))
            written.append(
                _write(target / source.relative_to(data), without_documentation(content))
            )
    written += [_write(target / name, _read(data / name)) for name in SHARED_FILES]
    endpoints = only_endpoints(_read(data / ENDPOINTS_FILE), prefixes)
    written.append(_write(target / ENDPOINTS_FILE, endpoints))
    return written


def without_documentation(value: Any, parent: str = "", above: str = "") -> Any:
    """A model without its descriptions. A member that merely is called `documentation` stays,
    since that one is a table and no text."""
    if isinstance(value, Mapping):
        keep_text = above == _DOCUMENTED
        return {
            key: without_documentation(item, key, parent)
            for key, item in value.items()
            if keep_text or key != "documentation" or not isinstance(item, str)
        }
    if isinstance(value, list):
        return [without_documentation(item, parent, above) for item in value]
    return value


def only_endpoints(endpoints: Mapping[str, Any], prefixes: Iterable[str]) -> dict[str, Any]:
    """endpoints.json with the services of `prefixes` alone; regions and partitions stay."""
    wanted = set(prefixes)
    partitions = []
    for partition in endpoints["partitions"]:
        services = {
            name: service for name, service in partition["services"].items() if name in wanted
        }
        partitions.append({**partition, "services": services})
    return {**endpoints, "partitions": partitions}


def gzipped(content: bytes) -> bytes:
    """Deflated with a header that holds neither time nor name."""
    return gzip.compress(content, 9, mtime=0)


def _files(data: Path, service: str) -> Iterator[Path]:
    """The files of a service's newest API version that the SDK reads at run time."""
    folder = data / service
    versions = [item.name for item in folder.iterdir()] if folder.is_dir() else []
    if not versions:
        raise PruneError(f"botocore has no service {service!r}; correct build/registry.toml")
    newest = folder / max(versions)
    for path in sorted(newest.iterdir()):
        if _kind(path) in _KEPT_KINDS:
            yield path


def _kind(path: Path) -> str:
    """`service-2` for service-2.json.gz and for the additions service-2.sdk-extras.json."""
    return path.name.split(".")[0]


def _read(path: Path) -> Any:
    content = path.read_bytes()
    return json.loads(gzip.decompress(content) if path.suffix == ".gz" else content)


def _write(path: Path, content: Any) -> Path:
    """JSON without blanks, gzipped, which botocore's loader finds as well as a plain file."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    if path.suffix != ".gz":
        path = path.with_name(path.name + ".gz")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzipped(text))
    return path
