"""filegen's contract: every row is one of its log type, in its hour, and of no other type."""

import gzip
import json
from random import Random

import pytest

from common.logs import registry
from common.logs.classifier import Classifier
from common.logs.logtype import log_type
from tests.tools.filegen_files import HOUR, parsed, parser
from tools.filegen import log_types
from tools.filegen.draw import SECOND_NS, Batch
from tools.filegen.files import Job, Settings, content_of, made
from tools.filegen.generators import known_generator

ROWS = 40
REFERENCE = ("AWS.S3ServerAccess", "AWS.CloudTrail", "Gravitational.TeleportAudit")
# The types whose lines others take as well. A classifier settles on the first by name.
TAKEN_BY = {
    # What one writes is all that the other needs.
    "Fastly.Access": "Apache.AccessCommon",
    "Nginx.Access": "Apache.AccessCombined",
    "Fluentd.Syslog5424": "Fluentd.Syslog3164",
    "CiscoUmbrella.Proxy": "CiscoUmbrella.DNS",
    # Two schemas for the same objects.
    "OnePassword.SignInAttempt": "OnePassword.ItemUsage",
    "Snyk.OrgAudit": "Snyk.GroupAudit",
}
# Types that are told from others by members that a line may leave out.
KNOWN_BY_OPTIONAL = ("GSuite.Reports",)
# The header of one is as good as that of another: it is given to the first that asks.
WITH_LIKE_HEADERS = (
    "Salesforce.Login",
    "Salesforce.LoginAs",
    "Salesforce.Logout",
    "Salesforce.URI",
)
SPREAD = tuple((HOUR + 97 * row % 3600) * SECOND_NS for row in range(ROWS))


@pytest.fixture(scope="module")
def every_type():
    now = HOUR * SECOND_NS
    return {
        name: log_type(registry.schema(name), True, lambda: now, lambda _: None)
        for name in registry.names()
    }


def test_names_are_those_of_the_registry():
    assert log_types.names() == registry.names()
    assert len(log_types.names()) == 123


@pytest.mark.parametrize("is_full", [True, False], ids=["all members", "some members"])
@pytest.mark.parametrize("name", registry.names())
def test_every_row_is_of_its_type_and_in_its_hour(name, is_full):
    one = known_generator(name, "", False)
    parse = parser(registry.schema(name))
    if one.header:
        assert parse(one.header.encode()) == ()
    for row in one.rows(Batch(Random(name), SPREAD, is_full)):
        assert row == row.strip()
        line = '{"Records":[' + row + "]}" if one.has_records else row
        (event,) = parse(line.encode())
        assert 0 <= event.time_ns - HOUR * SECOND_NS < 3600 * SECOND_NS


@pytest.mark.parametrize("name", REFERENCE)
def test_likely_values_are_of_the_type_too(name):
    one = known_generator(name, "", True)
    parse = parser(registry.schema(name))
    rows = one.rows(Batch(Random(name), SPREAD, False))
    assert len({len(parse(row.encode())) for row in rows}) == 1
    assert rows != known_generator(name, "", False).rows(Batch(Random(name), SPREAD, False))


@pytest.mark.parametrize("name", registry.names())
def test_among_all_types_a_file_is_known_for_what_it_is(name, every_type):
    one = known_generator(name, "", False)
    is_full = name in TAKEN_BY or name in KNOWN_BY_OPTIONAL
    rows = one.rows(Batch(Random(name), SPREAD[:5], is_full))
    others = [
        log for other, log in every_type.items()
        if other == name or name not in WITH_LIKE_HEADERS or other not in WITH_LIKE_HEADERS
    ]  # fmt: skip
    classifier = Classifier(others)
    for line in [one.header] * bool(one.header):
        assert classifier.parse(line.encode()) == ()
    for row in rows:
        line = '{"Records":[' + row + "]}" if one.has_records else row
        (event,) = classifier.parse(line.encode())
        assert event.log_type == TAKEN_BY.get(name, name)


@pytest.mark.parametrize("name", registry.names())
def test_damaged_rows_fail_and_are_those_that_are_named(name):
    settings = Settings(7, malformed=0.3)
    job = Job(0, name, "", HOUR, 0, ROWS)
    one = known_generator(name, "", False)
    text, malformed = content_of(settings, job, one)
    assert 4 <= len(malformed) <= 24
    if one.has_records:
        assert len(parsed(registry.schema(name), text.decode())) == 1
        return
    found = parsed(registry.schema(name), text.decode())[bool(one.header) :]
    bad = [number for number, events in enumerate(found, 1) if not events or type(events) is str]
    assert bad == list(malformed)


def test_rows_of_one_document_stay_json_when_they_are_damaged():
    job = Job(0, "AWS.CloudTrail", "", HOUR, 0, 100)
    one = known_generator(job.log_type, "", False)
    text, malformed = content_of(Settings(7, malformed=0.2), job, one)
    records = json.loads(text)["Records"]
    assert [number for number, record in enumerate(records, 1) if type(record) is str] == [
        *malformed
    ]


@pytest.mark.parametrize("name", ["AWS.S3ServerAccess", "Okta.SystemLog", "Juniper.Audit"])
def test_times_are_the_hour_itself_or_spread_over_it(name):
    job = Job(0, name, "", HOUR, 0, 300)
    for spread, most in ((False, 1), (True, 300)):
        data = made(Settings(1, spread=spread), job).data
        lines = parsed(registry.schema(name), gzip.decompress(data).decode())
        times = [events[0].time_ns for events in lines]
        assert len(set(times)) <= most
        assert (min(times) == max(times) == HOUR * SECOND_NS) is not spread
        assert times == sorted(times)


def test_files_of_even_place_have_every_member_and_others_leave_some_out():
    schema = registry.schema("Okta.SystemLog")
    for place, is_full in ((0, True), (1, False), (2, True)):
        content, _ = content_of(
            Settings(3),
            Job(0, schema.name, "", HOUR, place, 50),
            known_generator(schema.name, "", False),
        )
        members = [json.loads(line) for line in content.splitlines()]
        names = {field.name for field in schema.fields}
        assert all(set(one) == names for one in members) is is_full
