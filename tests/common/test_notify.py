"""Notification messages are byte for byte what Panther's own producers and the Go tools write."""

import json
from urllib.parse import unquote, unquote_plus

import pytest

from common import notify

# Copied from the description of the platform, not made by the code under test.
RAW_EVENT = (
    '{"Records":[{"eventVersion":"","eventSource":"","awsRegion":"","eventTime":'
    '"0001-01-01T00:00:00Z","eventName":"","userIdentity":{"principalId":""},"requestParameters":'
    '{"sourceIPAddress":""},"responseElements":null,"s3":{"s3SchemaVersion":"","configurationId":'
    '"","bucket":{"name":"BUCKET","ownerIdentity":{"principalId":""},"arn":""},"object":{"key":'
    '"KEY","size":123,"urlDecodedKey":"","versionId":"","eTag":"","sequencer":""}}}]}'
)
RAW_ENVELOPE = (
    r'{"Signature":"","MessageId":"","Type":"Notification","TopicArn":"arn:aws:sns:us-east-1:'
    r'ACCOUNT:panther-fake-s3queue-topic","MessageAttributes":null,"SignatureVersion":"",'
    r'"Timestamp":"0001-01-01T00:00:00Z","SigningCertUrl":"","Message":"{\"Records\":[{'
    r"\"eventVersion\":\"\",\"eventSource\":\"\",\"awsRegion\":\"\",\"eventTime\":"
    r"\"0001-01-01T00:00:00Z\",\"eventName\":\"\",\"userIdentity\":{\"principalId\":\"\"},"
    r"\"requestParameters\":{\"sourceIPAddress\":\"\"},\"responseElements\":null,\"s3\":{"
    r"\"s3SchemaVersion\":\"\",\"configurationId\":\"\",\"bucket\":{\"name\":\"BUCKET\","
    r"\"ownerIdentity\":{\"principalId\":\"\"},\"arn\":\"\"},\"object\":{\"key\":\"KEY\","
    r"\"size\":123,\"urlDecodedKey\":\"\",\"versionId\":\"\",\"eTag\":\"\",\"sequencer\":\"\"}}}]}"
    r'","UnsubscribeUrl":"","Subject":""}'
)
PROCESSED_EVENT = (
    '{"Records":[{"eventVersion":"2.0","eventSource":"aws:s3","awsRegion":"","eventTime":'
    '"0001-01-01T00:00:00Z","eventName":"ObjectCreated:Put","userIdentity":{"principalId":""},'
    '"requestParameters":{"sourceIPAddress":""},"responseElements":null,"s3":{"s3SchemaVersion":'
    '"","configurationId":"","bucket":{"name":"BUCKET","ownerIdentity":{"principalId":""},"arn":'
    '""},"object":{"key":"KEY","size":123,"urlDecodedKey":"","versionId":"","eTag":"","sequencer":'
    '""}}}]}'
)


def test_event_of_raw_data():
    assert notify.raw_event("BUCKET", "KEY", 123) == RAW_EVENT


def test_envelope_around_an_event_of_raw_data():
    assert notify.raw_message("ACCOUNT", "BUCKET", "KEY", 123) == RAW_ENVELOPE


def test_event_of_processed_data():
    assert notify.processed_event("BUCKET", "KEY", 123) == PROCESSED_EVENT


def test_html_characters_are_escaped_as_go_does_and_other_text_is_utf8():
    event = notify.processed_event("b", 'a<b>&c"d\\e/\u00e9\u65e5\u2028.gz', 1)
    assert r'"key":"a\u003cb\u003e\u0026c\"d\\e/' + "\u00e9\u65e5" + r'\u2028.gz"' in event


def test_escapes_survive_the_envelope():
    message = json.loads(notify.raw_message("1", "b", "a&b", 1))["Message"]
    assert r"a\u0026b" in message
    assert json.loads(message)["Records"][0]["s3"]["object"]["key"] == "a&b"


KEYS = {
    "plain/key-1_2.3~4.gz": "plain/key-1_2.3~4.gz",
    "a b+c=d%e/\u00e9.gz": "a%20b%2Bc%3Dd%25e/%C3%A9.gz",
    "100%.log": "100%25.log",
    "a%2Fb": "a%252Fb",
    "year=2021/hour=09/f": "year%3D2021/hour%3D09/f",
    "a//b/": "a//b/",
    "/": "/",
    "no-folder?#&<>": "no-folder%3F%23%26%3C%3E",
    "\x01\n": "%01%0A",
}


@pytest.mark.parametrize(("key", "encoded"), KEYS.items())
def test_keys_of_raw_data_are_percent_encoded(key, encoded):
    assert notify.encoded_key(key) == encoded


@pytest.mark.parametrize("key", KEYS)
def test_encoded_keys_are_the_same_to_every_kind_of_decoder(key):
    assert unquote(notify.encoded_key(key)) == unquote_plus(notify.encoded_key(key)) == key
