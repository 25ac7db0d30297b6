"""Log sources: records of every shape, and which source a path belongs to."""

import pytest

from common import sources
from common.cli import Args
from common.errors import UsageError

S3_ITEM = {
    "integrationId": "11111111-1111-4111-8111-111111111111",
    "integrationLabel": "My Logs",
    "integrationType": "aws-s3",
    "createdAtTime": "2021-01-04T10:00:00Z",
    "createdBy": "somebody",
    "pantherVersion": "1.16.0",
    "lastEventReceived": "2021-02-05T09:58:12Z",
    "awsAccountId": "111122223333",
    "s3Bucket": "acme",
    "s3PrefixLogTypes": [
        {"prefix": "a/", "logTypes": ["AWS.ALB", "AWS.CloudTrail"]},
        {"prefix": "b/", "logTypes": []},
    ],
    "kmsKey": "arn:aws:kms:us-east-1:111122223333:key/k",
    "logProcessingRole": "arn:aws:iam::111122223333:role/PantherLogProcessingRole-my-logs",
}
SQS_ITEM = {
    "integrationId": "22222222-2222-4222-8222-222222222222",
    "integrationLabel": "Okta",
    "integrationType": "aws-sqs",
    "sqsConfig": {
        "logTypes": ["Okta.SystemLog"],
        "s3Bucket": "panther-input",
        "logProcessingRole": "arn:aws:iam::123456789012:role/input",
        "queueUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/panther-source-2",
    },
}
SCAN_ITEM = {
    "integrationId": "33333333-3333-4333-8333-333333333333",
    "integrationLabel": "Account",
    "integrationType": "aws-scan",
    "awsAccountId": "111122223333",
    "s3Bucket": "panther-input",
    "logProcessingRole": "arn:aws:iam::123456789012:role/input",
}


def source(bucket="acme", prefixes=("",), created="2021-01-01T00:00:00Z", **more):
    item = {
        "integrationId": more.get("id", "1"),
        "integrationLabel": more.get("label", "One"),
        "integrationType": more.get("type", "aws-s3"),
        "createdAtTime": created,
        "s3Bucket": bucket,
        "s3PrefixLogTypes": [{"prefix": prefix, "logTypes": [prefix]} for prefix in prefixes],
    }
    return sources.parse(item)


# ---- records ---------------------------------------------------------------------------------


def test_s3_source_has_its_bucket_prefixes_role_and_key():
    found = sources.parse(S3_ITEM)
    assert (found.id, found.label, found.type) == (
        S3_ITEM["integrationId"], "My Logs", "aws-s3",
    )  # fmt: skip
    assert (found.bucket, found.account) == ("acme", "111122223333")
    assert found.prefixes == (("a/", ("AWS.ALB", "AWS.CloudTrail")), ("b/", ()))
    assert found.role_arn == S3_ITEM["logProcessingRole"]
    assert found.kms_key == S3_ITEM["kmsKey"]
    assert (found.created_at, found.created_by) == ("2021-01-04T10:00:00Z", "somebody")
    assert (found.panther_version, found.last_event) == ("1.16.0", "2021-02-05T09:58:12Z")
    assert found.queue_url == ""
    assert found.raw is S3_ITEM


def test_sqs_source_reads_what_the_forwarder_wrote_to_the_input_bucket():
    found = sources.parse(SQS_ITEM)
    assert found.bucket == "panther-input"
    assert found.prefixes == (("forwarder", ("Okta.SystemLog",)),)
    assert found.role_arn == "arn:aws:iam::123456789012:role/input"
    assert found.queue_url.endswith("/panther-source-2")


def test_scan_source_reads_cloudsecurity_in_the_input_bucket():
    found = sources.parse(SCAN_ITEM)
    assert found.bucket == "panther-input"
    assert found.prefixes == (("cloudsecurity", ()),)
    assert found.role_arn == "arn:aws:iam::123456789012:role/input"


def test_old_item_has_one_prefix_for_all_its_log_types():
    item = {name: value for name, value in S3_ITEM.items() if name != "s3PrefixLogTypes"}
    found = sources.parse({**item, "s3Prefix": "AWSLogs/", "logTypes": ["AWS.VPCFlow"]})
    assert found.prefixes == (("AWSLogs/", ("AWS.VPCFlow",)),)


def test_old_item_without_a_prefix_reads_the_whole_bucket():
    found = sources.parse({"integrationType": "aws-s3", "s3Bucket": "b", "logTypes": ["A.B"]})
    assert found.prefixes == (("", ("A.B",)),)


@pytest.mark.parametrize(
    "item",
    [
        {},
        {"integrationType": "slack-puller", "integrationLabel": "Slack"},
        {"integrationType": "aws-s3", "s3Bucket": None, "s3PrefixLogTypes": None},
        {"integrationType": "aws-sqs"},
        {"integrationType": "aws-sqs", "sqsConfig": None},
        {"integrationType": "aws-sqs", "sqsConfig": "text"},
        {"integrationType": "aws-scan", "awsAccountId": None},
    ],
)
def test_unknown_types_and_missing_fields_give_empty_values(item):
    found = sources.parse(item)
    assert found.type == item.get("integrationType", "")
    assert (found.bucket, found.prefixes, found.role_arn) == ("", (), "")


@pytest.mark.parametrize("listed", ["text", 7, ["text", None], [{"prefix": None}], {"a": "b"}])
def test_malformed_prefixes_do_not_break_reading(listed):
    found = sources.parse(
        {"integrationType": "aws-s3", "s3Bucket": "b", "s3PrefixLogTypes": listed}
    )
    assert all(isinstance(prefix, str) and types == () for prefix, types in found.prefixes)


@pytest.mark.parametrize(
    ("given", "types"),
    [({"b", "a"}, ("a", "b")), (["b", "a"], ("b", "a")), (None, ()), ("text", ()), (3, ())],
)
def test_log_types_may_be_a_list_or_a_set(given, types):
    found = sources.parse({"integrationType": "aws-s3", "s3Bucket": "b", "logTypes": given})
    assert found.prefixes == (("", types),)


def test_repr_leaves_the_raw_record_out():
    item = {"integrationType": "saas", "config": {"clientSecret": "hunter2"}}
    assert "hunter2" not in repr(sources.parse(item))


@pytest.mark.parametrize(
    ("stored", "plain"),
    [
        ({"S": "text"}, "text"),
        ({"N": "3"}, 3),
        ({"N": "1.5"}, 1.5),
        ({"BOOL": False}, False),
        ({"NULL": True}, None),
        ({"SS": ["b", "a"]}, ["a", "b"]),
        ({"NS": ["10", "9"]}, [9, 10]),
        ({"L": [{"N": "1"}, {"M": {"x": {"S": "y"}}}]}, [1, {"x": "y"}]),
        ({"M": {"prefix": {"S": "a/"}, "logTypes": {"L": [{"S": "A.B"}]}}},
         {"prefix": "a/", "logTypes": ["A.B"]}),
    ],
)  # fmt: skip
def test_dynamodb_values_become_those_of_json(stored, plain):
    assert sources._plain(stored) == plain


# ---- prefixes --------------------------------------------------------------------------------


def test_longest_prefix_and_its_log_types():
    found = source(prefixes=("a/", "a/b/", "c"))
    assert found.longest_prefix("a/b/key") == "a/b/"
    assert found.longest_prefix("a/x") == "a/"
    assert found.longest_prefix("cat") == "c"
    assert found.longest_prefix("x") is None
    assert found.log_types("a/b/") == ("a/b/",)
    assert found.log_types("unknown") == ()


@pytest.mark.parametrize(
    ("prefixes", "kept"),
    [
        ([], []),
        (["a/"], ["a/"]),
        (["a/b/", "a/", "a/b/c/"], ["a/"]),
        (["a/", "b/"], ["a/", "b/"]),
        (["a", "a!", "ab", "b"], ["a", "b"]),
        (["a/b", "a/bc", "a/c"], ["a/b", "a/c"]),
        (["x/", "", "y/"], [""]),
        (["a/", "a/"], ["a/"]),
        (["\U0001f600/", "\U0001f600/b", "\uffff"], ["\uffff", "\U0001f600/"]),
    ],
)
def test_outermost_leaves_no_prefix_below_another(prefixes, kept):
    assert sources.outermost(prefixes) == kept
    assert sources.outermost(reversed(prefixes)) == kept


# ---- whose object it is ----------------------------------------------------------------------


def test_owner_is_the_source_with_the_longest_prefix():
    outer, inner = source(prefixes=("a/",)), source(prefixes=("a/b/", "z/"), label="Two")
    assert sources.owner([outer, inner], "acme", "a/b/key") == (inner, "a/b/")
    assert sources.owner([outer, inner], "acme", "a/key") == (outer, "a/")


def test_older_source_owns_what_two_claim_alike():
    young = source(created="2021-02-01T00:00:00Z", label="Young")
    old = source(created="2021-01-01T00:00:00Z", label="Old")
    assert sources.owner([young, old], "acme", "key") == (old, "")
    assert sources.owner([old, young], "acme", "key") == (old, "")


def test_nobody_owns_an_object_of_another_bucket_or_prefix():
    assert sources.owner([source(prefixes=("a/",))], "acme", "b/key") is None
    assert sources.owner([source()], "other", "key") is None
    assert sources.owner([], "acme", "key") is None


@pytest.mark.parametrize(
    ("prefix", "is_claimed"),
    [("", True), ("a", True), ("a/b/", True), ("a/b/c", True), ("a/x", False), ("b", False)],
)
def test_path_is_claimed_when_a_source_reads_a_part_of_it(prefix, is_claimed):
    known = [source(prefixes=("a/b/",)), source(bucket="other")]
    assert sources.claims(known, "acme", prefix) is is_claimed


def test_path_in_a_bucket_of_no_source_is_unclaimed():
    assert not sources.claims([source()], "other", "")


# ---- choosing --------------------------------------------------------------------------------

KNOWN = [
    source(type="aws-sqs", label="Zeta", id="z"),
    source(type="aws-s3", label="beta", id="b"),
    source(type="aws-s3", label="Alpha", id="a2"),
    source(type="aws-s3", label="Alpha", id="a1"),
]


def choose(**flags):
    values = {"type": "", "label": "", "source-id": ""} | flags
    return [found.id for found in sources.choose(KNOWN, Args(values))]


def test_without_filters_all_are_chosen_by_type_label_and_id():
    assert choose() == ["a1", "a2", "b", "z"]


def test_filters_take_comma_lists_and_labels_ignore_case():
    assert choose(label="ALPHA, zeta") == ["a1", "a2", "z"]
    assert choose(type="aws-sqs,other") == ["z"]
    assert choose(**{"source-id": "b,a2"}) == ["a2", "b"]


def test_filters_narrow_each_other():
    assert choose(type="aws-s3", label="zeta") == []
    assert choose(label="alpha", **{"source-id": "a1"}) == ["a1"]


def test_type_that_no_source_has_chooses_none():
    assert choose(type="aws-s4") == []


@pytest.mark.parametrize(("flag", "known"), [("label", "beta"), ("source-id", "b")])
def test_name_that_no_source_has_is_a_usage_error(flag, known):
    with pytest.raises(UsageError, match=rf"-{flag}: no source is called nope, wrong\. See"):
        choose(**{flag: f"{known},wrong,nope"})


def test_comma_list_drops_blanks():
    assert sources.comma_list(" a, b,,c ,") == {"a", "b", "c"}
    assert sources.comma_list("") == frozenset()


# ---- files -----------------------------------------------------------------------------------


def load_file(path):
    return sources.load(None, Args({"sources-file": str(path), "from-dynamodb": False}))


def test_sources_file_holds_an_array_of_records(tmp_path):
    path = tmp_path / "sources.json"
    path.write_text('[{"integrationType": "aws-s3", "s3Bucket": "b\u00e9"}]', "utf-8")
    assert [found.bucket for found in load_file(path)] == ["b\u00e9"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "is no JSON"),
        (b"\xff\xfe", "is no JSON"),
        (b"{}", "is no JSON array of objects"),
        (b'["a"]', "is no JSON array of objects"),
        (None, "cannot be opened: No such file"),
    ],
)
def test_sources_file_that_cannot_be_used_is_a_usage_error(tmp_path, content, said):
    path = tmp_path / "sources.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError, match=said):
        load_file(path)
