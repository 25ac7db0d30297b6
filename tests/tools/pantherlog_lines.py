"""What tests of pantherlog share: running it without AWS, and lines, schemas and events."""

import json

from tests import support

NOW = "2022-06-15T12:00:00Z"
TELEPORT = '{"code":"T1000I","ei":0,"event":"user.login","time":"2022-03-14T09:26:53Z","uid":"a1"}'
GITLAB_API = (
    '{"time":"2022-03-14T09:26:53.5Z","severity":"INFO","duration_s":0.25,"status":200,'
    '"method":"GET","path":"/api/v4/jobs","host":"192.0.2.7","route":"/api/:version/jobs"}'
)
GITLAB_PRODUCTION = (
    '{"method":"GET","path":"/kim/box","format":"html","controller":"Box","action":"show",'
    '"status":200,"time":"2022-03-14T09:26:54Z","params":[],"duration_s":0.5}'
)
FLOW_HEADER = (
    "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start "
    "end action log-status"
)
FLOW = (
    "2 123456789012 eni-0a1b2c3d 192.0.2.1 192.0.2.2 443 49152 6 10 840 1647250000 1647250060 "
    "ACCEPT OK"
)
JSON_SCHEMA = """\
version: 0
schema: Custom.Acme
fields:
- name: at
  type: timestamp
  timeFormat: rfc3339
  isEventTime: true
- name: ip
  type: string
  indicators: [ip]
- name: n
  required: true
  type: int
"""
CSV_SCHEMA = """\
version: 0
schema: Custom.Table
parser:
  csv:
    delimiter: ","
    hasHeader: true
fields:
- name: n
  type: int
- name: word
  type: string
"""
GOOD = '{"at":"2022-03-14T09:26:53Z","ip":"192.0.2.1","n":1}'
BAD = '{"at":"2022-03-14T09:26:53Z","n":"secret"}'


class Pantherlog:
    """Runs pantherlog in an empty folder: in.run("parse", ...), write("a.log", ...)."""

    def __init__(self, request, folder):
        executables = request.config.getoption("--exe")
        env = support.tool_env({}, folder)
        self.folder = folder
        self.tools = support.Tools(env, folder, executables.resolve() if executables else None)

    def write(self, name, content):
        """A file in the folder; gives its name."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return name

    def run(self, *args, **options):
        return self.tools.run("pantherlog", *args, **options)

    def start(self, *args, **options):
        return self.tools.start("pantherlog", *args, **options)


def lines(*texts):
    """Text lines, each with its end."""
    return "".join(f"{text}\n" for text in texts)


def events(result):
    """The events on stdout without what is new in each run."""
    return [stable(json.loads(line)) for line in result.stdout.splitlines()]


def stable(event):
    assert event.pop("p_row_id") and event.pop("p_parse_time")
    return event


def values(result, name):
    return [json.loads(line)[name] for line in result.stdout.splitlines()]


def findings(result):
    """The lines on stderr that tell of a place in the input."""
    return [line for line in result.stderr.splitlines() if not line.startswith("pantherlog: ")]


def summary(result):
    return result.stderr.splitlines()[-1].removeprefix("pantherlog: ")
