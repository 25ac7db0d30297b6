"""Builds a small Panther in an empty sandbox, through its AWS endpoint like anybody else."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from scripts.sandbox import seed_catalog, seed_logs
from scripts.sandbox import seed_names as names
from scripts.sandbox.seed_clients import Clients, of_account
from scripts.sandbox.seed_logs import LogFile

_DAY = 86_400
_TRY = (
    ".venv/bin/python tools/sources/main.py -validate",
    f".venv/bin/python tools/s3queue/main.py -dry-run -s3path s3://{names.CLOUDTRAIL_BUCKET}/",
    f".venv/bin/python tools/requeue/main.py -to.q {names.INPUT_QUEUE}",
)


def deployment(url: str) -> str:
    """Seeds everything and gives a text that says what there is."""
    panther = Clients(url, {})
    customer = Clients(url, of_account(panther, names.SOURCE_ACCOUNT))
    key_id = panther("kms").create_key(Description="queues")["KeyMetadata"]["KeyId"]
    source_key = customer("kms").create_key(Description="logs")["KeyMetadata"]["Arn"]
    roles(panther("iam"), names.ROLES[names.PANTHER_ACCOUNT])
    roles(customer("iam"), names.ROLES[names.SOURCE_ACCOUNT])
    for bucket in names.BUCKET_OUTPUTS.values():
        create_bucket(panther("s3"), bucket, tags=names.TAGS)
    topics = {name: create_topic(panther("sns"), name) for name in names.TOPICS}
    queues(panther("sqs"), key_id)
    source_queue = create_queue(panther("sqs"), f"panther-source-{names.SQS_SOURCE_ID}")
    subscriptions(panther("sns"), topics)
    stack(panther("cloudformation"), topics, key_id)
    tables(panther("dynamodb"))
    put_items(
        panther("dynamodb"),
        "panther-source-integrations",
        names.sources(source_key, source_queue),
    )
    put_items(panther("dynamodb"), "panther-logtypes", _log_types())
    catalog(panther("glue"))
    customer_data(customer)
    put_objects(panther("s3"), names.INPUT_BUCKET, seed_logs.own_input())
    processed_data(panther("s3"))
    dead_letters(panther("sqs"))
    return overview()


def roles(iam: Any, role_names: Iterable[str]) -> None:
    """Roles that Panther's account may assume."""
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{names.PANTHER_ACCOUNT}:root"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    for name in role_names:
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))


def create_bucket(
    s3: Any, name: str, *, region: str = "", tags: dict[str, str] | None = None
) -> None:
    """A versioned bucket."""
    place = {"CreateBucketConfiguration": {"LocationConstraint": region}} if region else {}
    s3.create_bucket(Bucket=name, **place)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    if tags:
        pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
        s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": pairs})


def create_topic(sns: Any, name: str) -> str:
    """A topic; gives its ARN."""
    return str(sns.create_topic(Name=name)["TopicArn"])


def create_queue(sqs: Any, name: str, **attributes: str) -> str:
    """A queue of the size limit that Panther's queues have; gives its URL."""
    attributes.setdefault("MaximumMessageSize", "262144")
    if name.endswith(".fifo"):
        attributes["FifoQueue"] = "true"
    return str(sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"])


def queues(sqs: Any, key_id: str) -> None:
    """Panther's queues with their dead-letter queues."""
    for spec in names.QUEUES:
        create_queue(
            sqs,
            spec.dead_letter,
            VisibilityTimeout="60",
            MessageRetentionPeriod=str(14 * _DAY),
        )
        redrive = {
            "deadLetterTargetArn": queue_arn(spec.dead_letter),
            "maxReceiveCount": spec.max_receive,
        }
        create_queue(
            sqs,
            spec.name,
            VisibilityTimeout=str(spec.visibility_seconds),
            MessageRetentionPeriod=str(spec.retention_days * _DAY),
            KmsMasterKeyId=key_id,
            RedrivePolicy=json.dumps(redrive),
        )


def queue_arn(name: str) -> str:
    """The ARN of a queue of Panther's account."""
    return f"arn:aws:sqs:{names.REGION}:{names.PANTHER_ACCOUNT}:{name}"


def subscriptions(sns: Any, topics: dict[str, str]) -> None:
    """Who listens to Panther's topics."""
    for queue, policy in names.SUBSCRIPTIONS.items():
        attributes = {"RawMessageDelivery": "true", "FilterPolicy": json.dumps(policy)}
        subscribe(sns, topics[names.PROCESSED_TOPIC], queue, attributes)
    subscribe(sns, topics[names.INPUT_TOPIC], names.INPUT_QUEUE, {})


def subscribe(sns: Any, topic_arn: str, queue: str, attributes: dict[str, str]) -> None:
    """One queue listens to one topic."""
    sns.subscribe(
        TopicArn=topic_arn,
        Protocol="sqs",
        Endpoint=queue_arn(queue),
        Attributes=attributes,
    )


def stack(cloudformation: Any, topics: dict[str, str], key_id: str) -> None:
    """The bootstrap stack, whose outputs tell tools the generated names."""
    outputs = {
        **names.BUCKET_OUTPUTS,
        "ProcessedDataTopicArn": topics[names.PROCESSED_TOPIC],
        "InputDataTopicArn": topics[names.INPUT_TOPIC],
        "AlarmTopicArn": topics[names.ALARM_TOPIC],
        "QueueEncryptionKeyId": key_id,
        "OutputsEncryptionKeyId": key_id,
        "GraphQLApiEndpoint": "https://api.panther.example/graphql",
        "GraphQLApiId": "sandboxgraphqlapi",
        "UserPoolId": "us-east-1_sandbox01",
        "LoadBalancerUrl": "panther.example",
    }
    template = {
        "Resources": {"Marker": {"Type": "AWS::SNS::Topic", "Properties": {}}},
        "Outputs": {name: {"Value": value} for name, value in outputs.items()},
    }
    cloudformation.create_stack(
        StackName=names.STACK,
        TemplateBody=json.dumps(template),
        Tags=[{"Key": key, "Value": value} for key, value in names.TAGS.items()],
    )


def tables(dynamodb: Any) -> None:
    """Panther's DynamoDB tables, empty."""
    for name, keys in names.TABLES.items():
        indexes = names.INDEXES.get(name, {})
        attributes = {*keys, *(key for index in indexes.values() for key in index)}
        more: dict[str, Any] = {}
        if indexes:
            more["GlobalSecondaryIndexes"] = [
                {
                    "IndexName": index,
                    "KeySchema": _key_schema(index_keys),
                    "Projection": {"ProjectionType": "ALL"},
                }
                for index, index_keys in indexes.items()
            ]
        dynamodb.create_table(
            TableName=name,
            KeySchema=_key_schema(keys),
            AttributeDefinitions=[
                {"AttributeName": key, "AttributeType": "S"} for key in sorted(attributes)
            ],
            BillingMode="PAY_PER_REQUEST",
            **more,
        )


def _key_schema(keys: tuple[str, ...]) -> list[dict[str, str]]:
    kinds = ("HASH", "RANGE")
    return [{"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, kinds, strict=False)]


def put_items(dynamodb: Any, table: str, items: list[dict[str, Any]]) -> None:
    """Items given as plain Python values."""
    from boto3.dynamodb.types import TypeSerializer

    serialize = TypeSerializer().serialize
    for start in range(0, len(items), 25):
        requests = [
            {"PutRequest": {"Item": {name: serialize(value) for name, value in item.items()}}}
            for item in items[start : start + 25]
        ]
        dynamodb.batch_write_item(RequestItems={table: requests})


def _log_types() -> list[dict[str, Any]]:
    return [
        {
            "RecordKind": "schema",
            "RecordID": name.lower(),
            "name": name,
            "managed": not name.startswith("Custom."),
            "disabled": name in names.DELETED_LOG_TYPES,
            "revision": 1,
        }
        for name in (*names.LOG_TYPES, *names.DELETED_LOG_TYPES)
    ]


def catalog(glue: Any) -> None:
    """Databases, tables and the partitions of the hours that have data."""
    for name, description in seed_catalog.DATABASES.items():
        glue.create_database(DatabaseInput={"Name": name, "Description": description})
    for database, table in seed_catalog.tables():
        glue.create_table(DatabaseName=database, TableInput=table)
    for database, table_name, inputs in seed_catalog.partitions():
        glue.batch_create_partition(
            DatabaseName=database, TableName=table_name, PartitionInputList=inputs
        )


def put_objects(s3: Any, bucket: str, files: Iterable[LogFile]) -> None:
    """Uploads a few files."""
    for file in files:
        s3.put_object(Bucket=bucket, Key=file.key, Body=file.content)


def customer_data(customer: Clients) -> None:
    """A customer's buckets, with raw logs and the notifications that Panther sets up."""
    s3 = customer("s3")
    topic_arn = create_topic(customer("sns"), names.CUSTOMER_TOPIC)
    create_bucket(s3, names.CLOUDTRAIL_BUCKET)
    create_bucket(s3, names.FLOWLOG_BUCKET)
    create_bucket(customer("s3", "eu-west-1"), names.EUROPEAN_BUCKET, region="eu-west-1")
    rule = {"Key": {"FilterRules": [{"Name": "prefix", "Value": "AWSLogs/"}]}}
    s3.put_bucket_notification_configuration(
        Bucket=names.CLOUDTRAIL_BUCKET,
        NotificationConfiguration={
            "TopicConfigurations": [
                {"TopicArn": topic_arn, "Events": ["s3:ObjectCreated:*"], "Filter": rule}
            ]
        },
    )
    put_objects(s3, names.CLOUDTRAIL_BUCKET, seed_logs.raw_cloudtrail())
    put_objects(s3, names.FLOWLOG_BUCKET, seed_logs.raw_flow_logs())
    put_objects(customer("s3", "eu-west-1"), names.EUROPEAN_BUCKET, seed_logs.raw_app_logs())


def processed_data(s3: Any) -> None:
    """What Panther has stored, and a few objects that somebody deleted."""
    put_objects(s3, names.PROCESSED_BUCKET, seed_logs.processed())
    lost = seed_logs.deleted_by_mistake()
    put_objects(s3, names.PROCESSED_BUCKET, lost)
    s3.delete_objects(
        Bucket=names.PROCESSED_BUCKET,
        Delete={"Objects": [{"Key": file.key} for file in lost]},
    )


def dead_letters(sqs: Any) -> None:
    """Notifications that the log processor gave up on."""
    url = sqs.get_queue_url(QueueName=f"{names.INPUT_QUEUE}-dlq")["QueueUrl"]
    bodies = [
        seed_logs.notification(names.CLOUDTRAIL_BUCKET, file.key, len(file.content))
        for file in seed_logs.raw_cloudtrail()[:5]
    ]
    entries = [{"Id": str(number), "MessageBody": body} for number, body in enumerate(bodies)]
    sqs.send_message_batch(QueueUrl=url, Entries=entries)


def overview() -> str:
    """What there is, and three commands to begin with."""
    commands = "\n".join(f"  {command}" for command in _TRY)
    return (
        "\n"
        f"Panther {names.VERSION}, stack {names.STACK}, account {names.PANTHER_ACCOUNT}; "
        f"its customer is account {names.SOURCE_ACCOUNT}.\n"
        f"  processed data  s3://{names.PROCESSED_BUCKET}/ (logs/ rules/ rule_errors/ ...)\n"
        f"  raw logs        s3://{names.CLOUDTRAIL_BUCKET}/ s3://{names.FLOWLOG_BUCKET}/\n"
        f"                  s3://{names.EUROPEAN_BUCKET}/ (in eu-west-1)\n"
        f"  queues          {len(names.QUEUES)} with dead-letter queues; 5 messages wait in "
        f"{names.INPUT_QUEUE}-dlq\n"
        f"  topics          {', '.join(names.TOPICS)}\n"
        f"  Glue            {', '.join(seed_catalog.DATABASES)}\n"
        f"  sources         6 (aws-s3, aws-sqs, aws-scan, one of an unknown type)\n"
        "\nExport the lines above in another shell, then try:\n"
        f"{commands}\n"
        "\nStop with Ctrl-C. Nothing is kept.\n"
    )
