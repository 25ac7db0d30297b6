"""What tests of s3sns work on: a topic with a listener, processed objects, log types."""

import base64
import gzip
import json
import uuid

import pytest

PARTITION = "year=2021/month=02/day=05/hour=09"
LOGS = f"logs/aws_cloudtrail/{PARTITION}/f.json.gz"
RULES = f"rules/aws_cloudtrail/{PARTITION}/rule_id=AWS.Console.RootLogin/f.json.gz"
RULE_ERRORS = f"rule_errors/aws_cloudtrail/{PARTITION}/rule_id=AWS.Console.RootLogin/f.json.gz"
CLOUD = f"cloud_security/resource_history/{PARTITION}/f.json.gz"


class Topic:
    """A new topic and a queue that gets everything published to it, as Snowflake does."""

    def __init__(self, sandbox, region="us-east-1"):
        self._sandbox = sandbox
        self.name = f"topic-{uuid.uuid4().hex[:12]}"
        self.queue = sandbox.create_queue()
        self._sns = sandbox.client("sns", region)
        self.arn = self._sns.create_topic(Name=self.name)["TopicArn"]
        self.subscribe(self.queue)

    def subscribe(self, queue, policy=None):
        """Let a queue of us-east-1 listen, raw, to all messages or to those that `policy` takes."""
        attributes = {"RawMessageDelivery": "true"}
        if policy:
            attributes["FilterPolicy"] = json.dumps(policy)
        self._sns.subscribe(
            TopicArn=self.arn, Protocol="sqs", Attributes=attributes,
            Endpoint=f"arn:aws:sqs:us-east-1:123456789012:{queue}",
        )  # fmt: skip

    @property
    def bodies(self):
        """The messages that were published."""
        return self._sandbox.bodies(self.queue)

    @property
    def keys(self):
        """The key that each published message is about."""
        return [json.loads(body)["Records"][0]["s3"]["object"]["key"] for body in self.bodies]

    @property
    def attributes(self):
        """Key -> attributes of its message, as plain text."""
        return {
            json.loads(message["body"])["Records"][0]["s3"]["object"]["key"]: {
                name: value["StringValue"] for name, value in message["attributes"].items()
            }
            for message in self._sandbox.messages(self.queue)
        }


def new_log_type(sandbox, name="Custom.T", deleted=False):
    """Add a log type that no other test has: `name` and a random part."""
    log_type = f"{name}{uuid.uuid4().hex[:8]}"
    put_log_type(sandbox, log_type, deleted)
    return log_type


def put_log_type(sandbox, log_type, deleted=False):
    """Make Panther know a log type."""
    sandbox.client("dynamodb").put_item(
        TableName="panther-logtypes",
        Item={
            "RecordKind": {"S": "schema"}, "RecordID": {"S": log_type}, "name": {"S": log_type},
            "disabled": {"BOOL": deleted}, "managed": {"BOOL": False}, "revision": {"N": "1"},
        },
    )  # fmt: skip


def put_events(sandbox, bucket, keys, *events):
    """Store the same gzip file of events under each key."""
    lines = "".join(json.dumps(event) + "\n" for event in events)
    content = base64.b64encode(gzip.compress(lines.encode())).decode()
    sandbox.bulk_objects(bucket, keys, body_base64=content)


@pytest.fixture
def topic(sandbox):
    return Topic(sandbox)


@pytest.fixture
def publish(run_tool, bucket, topic):
    """Runs s3sns from the test's bucket to the test's topic."""

    def run(*flags, path="", **options):
        place = ("-s3path", f"s3://{bucket}/{path}", "-topic", topic.name)
        return run_tool("s3sns", *place, *flags, **options)

    return run
