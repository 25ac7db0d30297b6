"""DynamoDB's batch limit."""

import uuid

from tests.sandbox.helpers import refused
from tests.support import Sandbox


def test_twenty_six_writes_are_refused_and_none_is_made(sandbox: Sandbox) -> None:
    dynamodb = sandbox.client("dynamodb")
    table = f"table-{uuid.uuid4().hex[:12]}"
    dynamodb.create_table(
        TableName=table,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    requests = [{"PutRequest": {"Item": {"id": {"S": str(number)}}}} for number in range(26)]
    with refused() as refusal:
        dynamodb.batch_write_item(RequestItems={table: requests})
    assert refusal.code == "ValidationException"
    assert dynamodb.scan(TableName=table)["Count"] == 0
    dynamodb.batch_write_item(RequestItems={table: requests[:25]})
    assert dynamodb.scan(TableName=table)["Count"] == 25
