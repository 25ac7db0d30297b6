"""CloudTrail lines fall into records, and AWS types collect what their schemas cannot declare."""

import json

import pytest

from common.logs.found import ACCOUNT_ID, ARN, DOMAIN, INSTANCE_ID, IP, TAG
from common.logs.native.json_types import HOOKS
from tests.common.logs.native.json_events import found_in

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/reader"
split = HOOKS["AWS.CloudTrail"].split
split_insights = HOOKS["AWS.CloudTrailInsight"].split


@pytest.mark.parametrize(
    ("line", "records"),
    [
        (b'{"Records":[{"a":1.0},{"b": [1 ,2]}]}', [b'{"a":1.0}', b'{"b": [1 ,2]}']),
        (b'{"x":[{}], "Records" : [ {"a":1} ] ,"y":2}', [b'{"a":1}']),
        (b'{"Records":[]}', []),
        (b'{"Records":[1,null]}', [b"1", b"null"]),
    ],
)
def test_records_are_split_as_they_are_written(line, records):
    assert list(split(line)) == records
    assert list(split_insights(line)) == records


def test_half_a_surrogate_pair_in_a_record_leaves_the_records_apart():
    line = rb'{"Records":[{"userAgent":"a\ud83d"},{"b":"\ud83d\ude00"}]}'
    records = [rb'{"userAgent":"a\ufffd"}', rb'{"b":"\ud83d\ude00"}']
    assert list(split(line)) == list(split_insights(line)) == records


@pytest.mark.parametrize(
    "line",
    [
        b'{"eventVersion":"1.05"}',
        b'{"eventName":"ListRecords","p":{"Records":[{}]}}',
        b'{"Records":{"a":1}}',
        b'{"Records":null}',
        b'{"Records":[{"a":1}',
        b'["Records"]',
        b'"Records"',
        b"Records",
        b'{"Records":' + b"[" * 100_000,
    ],
)
def test_a_line_without_a_list_of_records_stays_whole_or_is_no_insight(line):
    assert list(split(line)) == [line]
    with pytest.raises(ValueError, match=r"^Records: a list is needed$"):
        split_insights(line)


@pytest.mark.parametrize(
    "member",
    ["requestParameters", "responseElements", "additionalEventData", "serviceEventDetails"],
)
def test_free_members_of_cloudtrail_are_collected_from(member):
    found = found_in("AWS.CloudTrail", {member: {"tags": [{"key": "a", "value": "b"}], "r": ROLE}})
    assert found == {TAG: {"a:b"}, ARN: {ROLE}, ACCOUNT_ID: {ACCOUNT}}


def test_attributes_of_a_federated_identity_are_collected_from():
    federation = {"webIdFederationData": {"attributes": {"accountId": ACCOUNT}}}
    found = found_in("AWS.CloudTrail", {"userIdentity": {"sessionContext": federation}})
    assert found == {ACCOUNT_ID: {ACCOUNT}}


@pytest.mark.parametrize(
    "identity", [None, {}, {"sessionContext": {}}, {"sessionContext": {"webIdFederationData": {}}}]
)
def test_a_record_without_free_members_gives_nothing(identity):
    assert found_in("AWS.CloudTrail", {"userIdentity": identity, "eventName": ROLE}) == {}


@pytest.mark.parametrize(
    ("members", "found"),
    [
        ({"account": ACCOUNT}, {ACCOUNT_ID: {ACCOUNT}}),
        ({"account": "1234"}, {}),
        ({"resources": [ROLE, "anything", "", None]}, {ARN: {ROLE, "anything"}}),
        ({"detail": {"instance-id": "i-1", "instanceId": "i-2"}}, {INSTANCE_ID: {"i-2"}}),
        ({"source": ROLE, "id": ROLE}, {}),
        ({}, {}),
    ],
)
def test_cloudwatch_events(members, found):
    assert found_in("AWS.CloudWatchEvents", members) == found


@pytest.mark.parametrize(
    ("members", "found"),
    [
        ({"arn": "unchecked", "accountId": ACCOUNT}, {ARN: {"unchecked"}, ACCOUNT_ID: {ACCOUNT}}),
        ({"resource": {"instanceId": "i-1"}}, {INSTANCE_ID: {"i-1"}}),
        ({"service": {"additionalInfo": {"domain": "a.example"}}}, {DOMAIN: {"a.example"}}),
        ({"service": {"action": {"x": {"ipAddressV4": "1.2.3.4"}}}}, {IP: {"1.2.3.4"}}),
        ({"service": {"detectorId": ROLE}, "title": ROLE}, {}),
        ({}, {}),
    ],
)
def test_guardduty(members, found):
    assert found_in("AWS.GuardDuty", members) == found


def answer(kind, data):
    return {"Type": kind, "Rdata": data, "Class": "IN"}


@pytest.mark.parametrize(
    ("members", "found"),
    [
        ({"query_name": "a.example."}, {DOMAIN: {"a.example"}}),
        ({"query_name": "xn--mnchen-3ya.example."}, {DOMAIN: {"m\u00fcnchen.example"}}),
        ({"query_name": "."}, {}),
        ({"query_name": ""}, {}),
        ({"answers": [answer("A", " 1.2.3.4"), answer("AAAA", "::1")]}, {IP: {"1.2.3.4", "::1"}}),
        ({"answers": [answer("A", "x."), answer("TXT", "1.2.3.4"), answer(None, "a.")]}, {}),
        ({"answers": [answer("CNAME", "a."), answer("MX", "b."), answer("NS", "c."),
                      answer("PTR", "d.")]}, {DOMAIN: {"a", "b", "c", "d"}}),
        ({"answers": [answer("NS", "."), answer("NS", ""), answer("NS", None), None]}, {}),
        ({}, {}),
    ],
)  # fmt: skip
def test_vpc_dns_names_lose_their_last_dot(members, found):
    assert found_in("AWS.VPCDns", members) == found


def test_one_record_is_not_decoded_to_be_split():
    line = json.dumps({"eventName": "x" * 100_000}).encode()
    assert split(line)[0] is line
