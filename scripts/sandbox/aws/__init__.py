"""What moto's services lack: one module per service, registered here by service and operation."""

from collections.abc import Callable
from typing import Any

from scripts.sandbox.aws import (
    dynamodb,
    glue,
    lambdas,
    s3,
    s3_store,
    secretsmanager,
    sns,
    sqs,
    sqs_moves,
    sqs_store,
)
from scripts.sandbox.calls import Call, Reply

Extension = Callable[[Any, Call], Reply]

EXTENSIONS: dict[tuple[str, str], Extension] = {
    ("dynamodb", "BatchWriteItem"): dynamodb.batch_write_item,
    ("glue", "BatchCreatePartition"): glue.limited_batch,
    ("glue", "BatchDeletePartition"): glue.limited_batch,
    ("glue", "BatchDeleteTable"): glue.limited_batch,
    ("glue", "BatchGetPartition"): glue.limited_batch,
    ("glue", "BatchUpdatePartition"): glue.limited_batch,
    ("glue", "GetPartitions"): glue.get_partitions,
    ("glue", "GetTables"): glue.get_tables,
    ("glue", "UpdatePartition"): glue.update_partition,
    ("lambda", "Invoke"): lambdas.invoke,
    ("s3", "DeleteObjects"): s3.delete_objects,
    ("s3", "ListObjectVersions"): s3.list_object_versions,
    ("s3", "ListObjectsV2"): s3.list_objects_v2,
    ("secretsmanager", "GetSecretValue"): secretsmanager.get_secret_value,
    ("sns", "Publish"): sns.publish,
    ("sns", "PublishBatch"): sns.publish_batch,
    ("sqs", "CancelMessageMoveTask"): sqs_moves.cancel,
    ("sqs", "DeleteMessageBatch"): sqs.delete_message_batch,
    ("sqs", "ListMessageMoveTasks"): sqs_moves.list_tasks,
    ("sqs", "ReceiveMessage"): sqs.receive_message,
    ("sqs", "StartMessageMoveTask"): sqs_moves.start,
}
# What a service refuses before it looks at the operation.
CHECKS: dict[str, Callable[[Call], Reply | None]] = {"s3": s3.refused}


def install() -> None:
    """Puts our stores in the place of moto's."""
    s3_store.install()
    sqs_store.install()
