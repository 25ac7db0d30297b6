import gzip
import json
from pathlib import Path

import botocore
import pytest
from botocore.loaders import Loader
from botocore.session import Session

from build import prune, registry

DATA = Path(botocore.__file__).parent / "data"
SERVICES = sorted({name for tool in registry.read().tools.values() for name in tool.services})
KEYS = {"aws_access_key_id": "a", "aws_secret_access_key": "b", "region_name": "eu-central-1"}


def session_on(data):
    """An SDK session that sees no data but the folder's."""
    session = Session()
    loader = Loader(extra_search_paths=[str(data)], include_default_search_paths=False)
    session.register_component("data_loader", loader)
    return session


@pytest.fixture(scope="module")
def pruned(tmp_path_factory):
    target = tmp_path_factory.mktemp("data")
    prune.copy(DATA, target, SERVICES)
    return target


@pytest.mark.parametrize("service", sorted({*SERVICES, *prune.LOGIN_SERVICES}))
def test_client_of_a_kept_service_has_every_operation_and_the_same_endpoint(pruned, service):
    client = session_on(pruned).create_client(service, **KEYS)
    whole = Session().create_client(service, **KEYS)
    model = client.meta.service_model
    assert model.operation_names == whole.meta.service_model.operation_names
    assert client.meta.endpoint_url == whole.meta.endpoint_url
    assert client.waiter_names == whole.waiter_names
    for name, operation in client.meta.method_to_api_mapping.items():
        assert client.can_paginate(name) == whole.can_paginate(name)
        shape = model.operation_model(operation).input_shape
        expected = whole.meta.service_model.operation_model(operation).input_shape
        assert (shape and list(shape.members)) == (expected and list(expected.members))


@pytest.mark.parametrize("region", ["us-east-1", "cn-north-1", "us-gov-west-1", "eu-south-2"])
def test_endpoints_of_all_partitions_stay(pruned, region):
    keys = {**KEYS, "region_name": region}
    ours = session_on(pruned).create_client("s3", **keys).meta.endpoint_url
    assert ours == Session().create_client("s3", **keys).meta.endpoint_url
    known = session_on(pruned).get_available_regions("sqs", "aws-cn")
    assert known == Session().get_available_regions("sqs", "aws-cn")


def test_service_that_no_tool_calls_is_gone(pruned):
    assert "ec2" not in session_on(pruned).get_available_services()
    assert set(session_on(pruned).get_available_services()) == {*SERVICES, *prune.LOGIN_SERVICES}


def test_only_the_newest_version_of_a_service_stays(pruned):
    assert [path.name for path in (pruned / "dynamodb").iterdir()] == ["2012-08-10"]


def test_data_is_a_small_part_of_what_it_was(pruned):
    def size(folder):
        return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())

    assert size(pruned) < size(DATA) / 50


def test_copying_again_gives_the_same_bytes(pruned, tmp_path):
    prune.copy(DATA, tmp_path, reversed(SERVICES))
    files = {path.relative_to(pruned): path.read_bytes() for path in pruned.rglob("*.gz")}
    again = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*.gz")}
    assert files == again


def test_compressed_files_hold_no_time_and_no_name():
    header = prune.gzipped(b"x" * 100)[:10]
    assert header[4:8] == b"\0\0\0\0"
    assert header[3] == 0
    assert gzip.decompress(prune.gzipped(b"abc")) == b"abc"


def test_descriptions_stay_only_where_the_sdk_reads_them(pruned):
    for path in pruned.rglob("*.json.gz"):
        texts = list(descriptions(json.loads(gzip.decompress(path.read_bytes()))))
        assert all("clientContextParams" in place for place in texts), path
    s3 = next(pruned.glob("s3/*/service-2.json.gz"))
    assert list(descriptions(json.loads(gzip.decompress(s3.read_bytes()))))


def descriptions(value, place=()):
    if isinstance(value, dict):
        for key, item in value.items():
            if key == "documentation" and isinstance(item, str):
                yield place
            yield from descriptions(item, (*place, key))
    elif isinstance(value, list):
        for item in value:
            yield from descriptions(item, place)


@pytest.mark.parametrize(
    ("model", "left"),
    [
        ({"documentation": "text", "type": "string"}, {"type": "string"}),
        ({"a": [{"documentation": "text"}]}, {"a": [{}]}),
        ({"a": {"documentation": {"shape": "S"}}}, {"a": {"documentation": {"shape": "S"}}}),
        (
            {"clientContextParams": {"Fast": {"documentation": "text", "type": "boolean"}}},
            {"clientContextParams": {"Fast": {"documentation": "text", "type": "boolean"}}},
        ),
    ],
)  # fmt: skip
def test_descriptions_are_told_from_members_of_that_name(model, left):
    assert prune.without_documentation(model) == left


def test_service_that_the_sdk_does_not_know_is_refused(tmp_path):
    with pytest.raises(prune.PruneError, match=r"no service 's4'; correct build/registry\.toml"):
        prune.copy(DATA, tmp_path, ["s4"])
