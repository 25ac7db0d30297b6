"""Each rule of the two extractions from free-form JSON, and what they leave out."""

import json

import pytest
from msgspec import Raw

from common.logs.found import ACCOUNT_ID, ARN, DOMAIN, EMAIL, INSTANCE_ID, IP, TAG, Found
from common.logs.native import aws_extract

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/reader"
INSTANCE = f"arn:aws:ec2:us-west-2:{ACCOUNT}:instance/i-0abc"
PROFILE = f"arn:aws:ec2:us-west-2:{ACCOUNT}:instance/profile/p-1"
BUCKET = "arn:aws:s3:::bucket/a:b"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/ann@example.com"
TAGS = [{"key": "env", "value": "prod"}, {"key": "team", "value": ""}]


def found_by(collect, value):
    found = Found()
    collect(Raw(json.dumps(value).encode()), found)
    return {name: values for name, values in found.items() if values}


ANYWHERE = [
    ({"a": ROLE}, {ARN: {ROLE}, ACCOUNT_ID: {ACCOUNT}}),
    ([[ROLE]], {ARN: {ROLE}, ACCOUNT_ID: {ACCOUNT}}),
    (ROLE, {ARN: {ROLE}, ACCOUNT_ID: {ACCOUNT}}),
    ({"a": INSTANCE}, {ARN: {INSTANCE}, ACCOUNT_ID: {ACCOUNT}, INSTANCE_ID: {"i-0abc"}}),
    ({"a": PROFILE}, {ARN: {PROFILE}, ACCOUNT_ID: {ACCOUNT}}),
    ({"a": BUCKET}, {ARN: {BUCKET}}),
    ({"a": SESSION}, {ARN: {SESSION}, ACCOUNT_ID: {ACCOUNT}}),
    ({"domain": ROLE, "accountId": BUCKET}, {ARN: {ROLE, BUCKET}, ACCOUNT_ID: {ACCOUNT}}),
    ({"domain": "arn:short", "a": "arn:a:b:c:d"}, {}),
    ({"a": " " + ROLE, ROLE: "a"}, {}),
    ({"instanceId": "i-1", "x": {"someInstanceId": "i-2"}}, {INSTANCE_ID: {"i-1", "i-2"}}),
    ({"instanceId": "1", "instance-id": "i-3", "instanceid": "i-4"}, {}),
    ({"accountId": ACCOUNT}, {ACCOUNT_ID: {ACCOUNT}}),
    ({"ownerAccountId": ACCOUNT}, {ACCOUNT_ID: {ACCOUNT}}),
    ({"accountId": "12345678901", "account": ACCOUNT}, {}),
    ({"accountId": [ACCOUNT]}, {}),
    ({"accountId": int(ACCOUNT)}, {}),
    ({"tags": TAGS}, {TAG: {"env:prod", "team:"}}),
    ({"tags": [{"key": "a"}, {"value": "b"}, "c", None, {"key": 1, "value": "d"}]}, {}),
    ({"tags": {"key": "a", "value": "b"}}, {}),
    ({"tagSet": TAGS}, {}),
    ({"tags": [{"key": "role", "value": ROLE}]},
     {TAG: {f"role:{ROLE}"}, ARN: {ROLE}, ACCOUNT_ID: {ACCOUNT}}),
    ({"ipv6Addresses": ["2001:db8::1", "x", None, 5]}, {IP: {"2001:db8::1"}}),
    ({"ipv6Addresses": "2001:db8::1"}, {}),
    ({"publicIp": "1.2.3.4", "privateIpAddress": "10.0.0.1"}, {IP: {"1.2.3.4", "10.0.0.1"}}),
    ({"ipAddressV4": "1.2.3.4"}, {IP: {"1.2.3.4"}}),
    ({"publicIp": "1.2.3", "ipAddressV4": " 1.2.3.4", "sourceIPAddress": "1.2.3.4"}, {}),
    ({"publicDnsName": "a.example", "privateDnsName": "b.example", "domain": " c "},
     {DOMAIN: {"a.example", "b.example", " c "}}),
    ({"domain": "", "publicDnsName": None}, {}),
]  # fmt: skip

BY_KEY = [
    ({"a": ROLE}, {ARN: {ROLE}, ACCOUNT_ID: {ACCOUNT}}),
    ({"arn": ROLE, "ARN": BUCKET, "aws:SourceArn": INSTANCE},
     {ARN: {ROLE, BUCKET, INSTANCE}, ACCOUNT_ID: {ACCOUNT}, INSTANCE_ID: {"i-0abc"}}),
    ({"a": SESSION}, {ARN: {SESSION}, ACCOUNT_ID: {ACCOUNT}, EMAIL: {"ann@example.com"}}),
    ([[ROLE]], {ARN: {ROLE}, ACCOUNT_ID: {ACCOUNT}}),
    (ROLE, {ARN: {ROLE}, ACCOUNT_ID: {ACCOUNT}}),
    ({"arn": "arn:aws", "a": "x" + ROLE}, {}),
    ({"accountId": ROLE, "someInstanceId": ROLE, "ipv6Addresses": ROLE}, {}),
    ({"domain": ROLE}, {DOMAIN: {ROLE}}),
    ({"instanceId": "i-1", "instance-id": "i-2", "someInstanceId": "i-3"},
     {INSTANCE_ID: {"i-1", "i-2", "i-3"}}),
    ({"instanceId": ["i-1", ["i-2"], {"a": "i-3"}]}, {INSTANCE_ID: {"i-1", "i-2"}}),
    ({"accountId": ACCOUNT}, {ACCOUNT_ID: {ACCOUNT}}),
    ({"account": ACCOUNT}, {ACCOUNT_ID: {ACCOUNT}}),
    ({"ownerAccountId": [ACCOUNT]}, {ACCOUNT_ID: {ACCOUNT}}),
    ({"accountid": ACCOUNT, "accountId": "1"}, {}),
    ({"accountId": int(ACCOUNT)}, {}),
    ({"tags": ["a", "", ["b"]]}, {TAG: {"a", "b"}}),
    ({"tags": "a"}, {TAG: {"a"}}),
    ({"tags": TAGS}, {TAG: {"env:prod"}}),
    ({"tags": TAGS[0]}, {TAG: {"env:prod"}}),
    ({"tags": {"env": "prod", "role": ROLE, "more": {"accountId": ACCOUNT}}}, {}),
    ({"tags": [{"key": "role", "value": ROLE}]}, {TAG: {f"role:{ROLE}"}}),
    ({"tags": [{"key": "a", "value": 1}, {"key": "", "value": "b"}]}, {}),
    ({"key": "a", "value": "b", "tagSet": TAGS}, {}),
    ({"ipv6Addresses": ["2001:db8::1", " 1.2.3.4 ", "x"]}, {IP: {"2001:db8::1", "1.2.3.4"}}),
    ({"publicIp": "1.1.1.1", "privateIpAddress": "1.1.1.2", "ipAddressV4": "1.1.1.3",
      "sourceIPAddress": "1.1.1.4", "ip": "1.1.1.5"},
     {IP: {"1.1.1.1", "1.1.1.2", "1.1.1.3", "1.1.1.4"}}),
    ({"publicDnsName": "a.example", "privateDnsName": " b", "domain": "xn--c", "host": "d"},
     {DOMAIN: {"a.example", " b", "xn--c"}}),
    ({"domain": "", "publicDnsName": None}, {}),
]  # fmt: skip


@pytest.mark.parametrize(("value", "expected"), ANYWHERE)
def test_anywhere(value, expected):
    assert found_by(aws_extract.collect_anywhere, value) == expected
    assert found_by(aws_extract.collect_anywhere, {"x": [{"y": value}]}) == expected


@pytest.mark.parametrize(("value", "expected"), BY_KEY)
def test_by_key(value, expected):
    assert found_by(aws_extract.collect_by_key, value) == expected
    assert found_by(aws_extract.collect_by_key, {"x": [{"y": value}]}) == expected


@pytest.mark.parametrize("collect", [aws_extract.collect_anywhere, aws_extract.collect_by_key])
def test_json_nested_as_deep_as_it_can_be_decoded_is_walked(collect):
    deep = {"a": ROLE}
    for _ in range(200):
        deep = {"a": [deep]}
    assert found_by(collect, deep)[ARN] == {ROLE}
    found = Found()
    with pytest.raises(ValueError, match="nested too deeply"):
        collect(Raw(b'{"a":[' * 100_000 + b"]}" * 100_000), found)


@pytest.mark.parametrize("collect", [aws_extract.collect_anywhere, aws_extract.collect_by_key])
def test_an_arn_of_any_length_counts_each_time_it_comes(collect):
    long = BUCKET + "/x" * 2048
    for _ in range(2):
        assert found_by(collect, [long, ROLE]) == {ARN: {long, ROLE}, ACCOUNT_ID: {ACCOUNT}}


@pytest.mark.parametrize("collect", [aws_extract.collect_anywhere, aws_extract.collect_by_key])
def test_plain_values_hold_nothing(collect):
    for value in (None, 1, True, "text", [], {}, [None, 1], {"a": None}):
        assert found_by(collect, value) == {}
