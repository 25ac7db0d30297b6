"""What tests of logprocessor process: schemas, lines, and the objects that come of them."""

import gzip
import json

import pytest

SCHEMA = """\
schema: {name}
fields:
- {{name: at, type: timestamp, timeFormat: rfc3339, isEventTime: true}}
- {{name: {field}, type: string, required: true}}
"""
MESSAGE = (
    '{"Records":[{"eventVersion":"2.0","eventSource":"aws:s3","awsRegion":"",'
    '"eventTime":"0001-01-01T00:00:00Z","eventName":"ObjectCreated:Put",'
    '"userIdentity":{"principalId":""},"requestParameters":{"sourceIPAddress":""},'
    '"responseElements":null,"s3":{"s3SchemaVersion":"","configurationId":"",'
    '"bucket":{"name":"BUCKET","ownerIdentity":{"principalId":""},"arn":""},'
    '"object":{"key":"KEY","size":SIZE,"urlDecodedKey":"","versionId":"","eTag":"",'
    '"sequencer":""}}}]}'
)
APP, WEB = "Custom.App", "Custom.Web"
DAY = "year=2021/month=02/day=05"


def app(clock, name="a", **more):
    """A line of Custom.App at a time of 2021-02-05."""
    return json.dumps({"at": f"2021-02-05T{clock}Z", "app": name, **more})


def web(clock, page="/"):
    """A line of Custom.Web."""
    return json.dumps({"at": f"2021-02-05T{clock}Z", "page": page})


def cloudtrail(number):
    """The least that a record of AWS.CloudTrail has."""
    return {
        "awsRegion": "us-east-1", "eventID": f"e{number}", "eventName": "GetObject",
        "eventSource": "s3.amazonaws.com", "eventTime": "2021-02-05T09:10:11Z",
        "eventType": "AwsApiCall", "eventVersion": "1.08", "sourceIPAddress": "192.0.2.1",
        "userIdentity": {"type": "IAMUser"},
    }  # fmt: skip


def text(*lines):
    return "".join(line + "\n" for line in lines)


def events_of(data):
    """Events of data-lake lines without what differs from run to run, in a fixed order."""
    events = [json.loads(line) for line in data.splitlines()]
    for event in events:
        assert event.pop("p_row_id") and event.pop("p_parse_time")
    return sorted(events, key=lambda event: json.dumps(event, sort_keys=True))


def objects_in(folder):
    """Key -> content of every object below a folder; no other file but the notifications."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != "notifications.jsonl":
            assert path.name.endswith(".json.gz")
            content = gzip.decompress(path.read_bytes())
            assert content.endswith(b"\n")
            found[path.relative_to(folder).as_posix()] = content
    return found


def message(bucket, key, size):
    """The notification of an object, byte for byte."""
    return MESSAGE.replace("BUCKET", bucket).replace("KEY", key).replace("SIZE", str(size))


def hours_of(keys):
    """(table, hour) of keys."""
    return sorted((key.split("/")[1], key.split("/hour=")[1][:2]) for key in keys)


@pytest.fixture
def schemas(tmp_path):
    """A folder with the schemas of Custom.App and Custom.Web."""
    folder = tmp_path / "schemas"
    folder.mkdir()
    for name, field in ((APP, "app"), (WEB, "page")):
        (folder / f"{name}.yml").write_text(SCHEMA.format(name=name, field=field))
    return folder


@pytest.fixture
def process(run_tool, schemas):
    """Runs logprocessor with Custom.App and Custom.Web only."""

    def run(*words, **options):
        types = ("-schemas", str(schemas), "-logtype", f"{APP},{WEB}")
        return run_tool("logprocessor", *types, *map(str, words), **options)

    return run
