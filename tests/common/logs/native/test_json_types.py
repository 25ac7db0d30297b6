"""What built-in JSON types do beyond their schemas: whom they accept and what they collect."""

import pytest

from common.logs import registry
from common.logs.found import DOMAIN, IP
from common.logs.native import crowdstrike, services
from common.logs.native.json_types import HOOKS
from tests.common.logs.native.json_events import event_of, found_in

A, B, C = "1.1.1.1", "2.2.2.2", "2001:db8::1"

ACCEPTED = [
    ("Crowdstrike.Unknown", {"event_simpleName": "SomeOtherEvent", "name": "n"}),
    ("Crowdstrike.Unknown", {"event_simpleName": "dnsrequest"}),
    ("Crowdstrike.Unknown", {"name": "n", "aid": "a"}),
    ("Crowdstrike.Unknown", {"event_simpleName": "", "cid": "c"}),
    ("GCP.AuditLog", {"logName": "projects/p/logs/cloudaudit.googleapis.com%2Factivity"}),
    ("GCP.AuditLog", {"logName": "organizations/1/logs/cloudaudit.googleapis.com%2Fdata_access"}),
    ("GCP.AuditLog", {"logName": "cloudaudit.googleapis.com%2Fsystem_event"}),
    ("GCP.AuditLog", {"logName": None}),
    ("GitLab.Production", {"action": "show"}),
    ("GitLab.Production", {"action": ""}),
    ("GitLab.Production", {"etag_route": "issue_title"}),
    ("Microsoft365.Audit.General", {"RecordType": 25}),
    ("Microsoft365.Audit.General", {"RecordType": 0}),
    ("Microsoft365.Audit.General", {"RecordType": "25"}),
    ("Microsoft365.Audit.General", {"RecordType": None}),
    ("Osquery.Differential", {"logNumericsAsNumbers": "true"}),
    ("Osquery.Differential", {"logNumericsAsNumbers": "false"}),
    ("Osquery.Differential", {}),
]
REFUSED = [
    ("Crowdstrike.Unknown", {"event_simpleName": "DnsRequest", "aid": "5f"}, "event_simpleName: "),
    ("Crowdstrike.Unknown", {"event_simpleName": "UserLogon", "aid": "5f"}, "event_simpleName: "),
    ("Crowdstrike.Unknown", {"name": "x9"}, "event_simpleName: .* aid nor cid"),
    ("Crowdstrike.Unknown", {"event_simpleName": "", "aid": ""}, "event_simpleName: "),
    ("GCP.AuditLog", {"logName": "projects/p/logs/cloudaudit.googleapis.com%2Fpolicy"}, "logName"),
    ("GCP.AuditLog", {"logName": "cloudaudit.googleapis.com%2Factivity/x"}, "logName: "),
    ("GCP.AuditLog", {"logName": "projects/p/logs/syslog"}, "logName: "),
    ("GCP.AuditLog", {"logName": ""}, "logName: "),
    ("GitLab.Production", {"method": "GET"}, "action: .* etag_route"),
    *(("Microsoft365.Audit.General", {"RecordType": n}, "RecordType: ")
      for n in ("50", "+8", 1, 2, 3, 50, 4, 6, 7, 14, 36, 8, 9, 15, 11, 13, 33)),
    ("Osquery.Differential", {"logNumericsAsNumbers": "True"}, "logNumericsAsNumbers: "),
    ("Osquery.Differential", {"logNumericsAsNumbers": ""}, "logNumericsAsNumbers: "),
    ("Osquery.Differential", {"logNumericsAsNumbers": "1"}, "logNumericsAsNumbers: "),
]  # fmt: skip
COLUMNS = ("local_address", "remote_address", "address", "host_ip", "ipv4_address")
COLLECTED = [
    ("Box.Event", {"ip_address": A}, {IP: {A}}),
    ("Box.Event", {"ip_address": " " + A}, {}),
    ("Box.Event", {"ip_address": ""}, {}),
    ("Fluentd.Syslog3164", {"host": "web", "message": f"from {A}, to {B}"},
     {DOMAIN: {"web"}, IP: {A, B}}),
    ("Fluentd.Syslog5424", {"host": C, "message": "1.2.3.456", "extradata": A}, {IP: {C}}),
    ("GCP.AuditLog", {"httpRequest": {"remoteIP": A, "serverIP": B},
                      "protoPayload": {"requestMetadata": {"callerIP": C}}}, {IP: {A, B, C}}),
    ("GCP.AuditLog", {"protoPayload": {"requestMetadata": {"callerIP": "private"}}}, {}),
    ("GCP.AuditLog", {"protoPayload": {}}, {}),
    ("GCP.AuditLog", {}, {}),
    ("Osquery.Batch", {"hostname": " web", "name": "n"}, {DOMAIN: {" web"}}),
    ("Osquery.Snapshot", {"hostIdentifier": A, "snapshot": [{"address": B}]}, {DOMAIN: {A}}),
    ("Osquery.Status", {"hostIdentifier": "web", "message": A}, {DOMAIN: {"web"}}),
    ("Osquery.Differential", {"hostIdentifier": "web", "columns": {"host": "h", "x": A}},
     {DOMAIN: {"web", "h"}}),
    ("Osquery.Differential", {"columns": {"host": A, "address": "h", "host_ip": ""}}, {IP: {A}}),
    *(("Osquery.Differential", {"columns": {name: A}}, {IP: {A}}) for name in COLUMNS),
    ("Osquery.Differential", {}, {}),
    ("Suricata.Anomaly", {"src_ip": A, "dest_ip": B}, {IP: {A, B}}),
    ("Suricata.Anomaly", {"src_ip": "x"}, {}),
    ("Suricata.DNS", {"src_ip": A, "dest_ip": "x", "dns": {"rdata": B, "rrname": "n"}},
     {IP: {A, B}, DOMAIN: {"n"}}),
    ("Suricata.DNS", {"dns": {"rdata": "cname.example", "rrname": ""}}, {}),
    ("Suricata.DNS", {"dns": {"answers": [
        {"rrtype": "A", "rdata": A, "rrname": "a"}, {"rrtype": "AAAA", "rdata": C, "rrname": "b"},
        {"rrtype": "CNAME", "rdata": "c1", "rrname": "c2"},
        {"rrtype": "MX", "rdata": "d1", "rrname": "d2"},
        {"rrtype": "PTR", "rdata": "e1", "rrname": "e2"},
        {"rrtype": "TXT", "rdata": "f1", "rrname": "f2"},
        {"rrtype": "NS", "rdata": "g1", "rrname": "g2"}, {"rrtype": "A"}, None]}},
     {IP: {A, C}, DOMAIN: {"a", "b", "c1", "c2", "d1", "d2", "e1", "f2"}}),
    ("Suricata.DNS", {"dns": {"grouped": {"A": [A, "x", None], "AAAA": [C], "CNAME": ["c", ""],
                                          "MX": ["d"], "PTR": ["e"], "TXT": ["f"]}}},
     {IP: {A, C}, DOMAIN: {"c", "d"}}),
    ("Suricata.DNS", {"dns": {"grouped": {}, "authorities": [{"rrname": "n"}]}}, {}),
    ("Suricata.DNS", {}, {}),
    ("Zeek.DNS", {"id.orig_h": A, "id.resp_h": B, "query": "q", "qtype": 1},
     {IP: {A, B}, DOMAIN: {"q"}}),
    ("Zeek.DNS", {"id.orig_h": "x", "query": "q", "qtype": 28}, {DOMAIN: {"q"}}),
    ("Zeek.DNS", {"query": "q", "qtype": 12}, {}),
    ("Zeek.DNS", {"query": "q"}, {}),
    ("Zeek.DNS", {"answers": [A, "n", "", None]}, {IP: {A}, DOMAIN: {"n"}}),
]  # fmt: skip


@pytest.mark.parametrize(("log_type", "members"), ACCEPTED)
def test_an_event_of_the_type_is_accepted(log_type, members):
    HOOKS[log_type].accept(event_of(log_type, members))


@pytest.mark.parametrize(("log_type", "members", "reason"), REFUSED)
def test_an_event_of_another_type_is_refused_by_field_and_rule(log_type, members, reason):
    with pytest.raises(ValueError, match=f"^{reason}") as error:
        HOOKS[log_type].accept(event_of(log_type, members))
    assert not any(
        value and str(value) in str(error.value).split(": ", 1)[1] for value in members.values()
    )


@pytest.mark.parametrize(
    "line", [b'{"name":"events"}', b'{"events":null}', b'{"parameters":{"events":[]}}', b"null"]
)
def test_a_single_activity_is_no_report(line):
    accept = HOOKS["GSuite.ActivityEvent"].accept_line
    accept(line)
    for events in (b"[]", b'[{"name":"a"}]', rb'["\ud83d"]'):
        with pytest.raises(ValueError, match=r"^events: is that of a report$"):
            accept(b'{"events":' + events + b"}")


@pytest.mark.parametrize(("log_type", "members", "found"), COLLECTED)
def test_indicators_beyond_the_schema(log_type, members, found):
    assert found_in(log_type, members) == found


@pytest.mark.parametrize(
    ("log_type", "member"),
    [("Crowdstrike.Unknown", "unknown_payload"), ("Microsoft365.Audit.General", "payload")],
)
def test_the_whole_line_is_the_payload(log_type, member):
    event, line = event_of(log_type, {}), b'{"a": 1.0, "a":[2]}'
    HOOKS[log_type].prepare(event, line)
    assert bytes(getattr(event, member)) == line


@pytest.mark.parametrize(
    ("given", "written"), [(True, "true"), (False, "false"), ("true", "true"), (None, None)]
)
def test_osquerys_flag_is_written_as_text(given, written):
    event = event_of("Osquery.Differential", {"logNumericsAsNumbers": given})
    HOOKS["Osquery.Differential"].prepare(event, b"{}")
    assert event.logNumericsAsNumbers == written


def test_unknown_crowdstrike_events_are_those_that_no_schema_takes():
    taken = set()
    for name in registry.names():
        schema = registry.schema(name)
        if schema.discriminator and schema.discriminator[0] == "event_simpleName":
            taken.update(schema.discriminator[1])
        for field in schema.fields:
            if field.name == "event_simpleName":
                rules = field.value.native.constraints
                taken.update(rules.get("oneOf", ()))
                taken.update([rules["equals"]] if "equals" in rules else ())
    assert taken == crowdstrike.NAMED


def test_general_microsoft365_records_are_those_that_no_schema_takes():
    taken = set()
    for name in registry.names():
        schema = registry.schema(name)
        if name.startswith("Microsoft365.") and schema.discriminator:
            assert schema.discriminator[0] == "RecordType"
            taken.update(schema.discriminator[1])
    assert taken == services.OTHER_RECORD_TYPES


def test_every_hook_is_of_a_built_in_type_and_its_times_are_timestamps():
    for name, hooks in HOOKS.items():
        kinds = {field.name: field.value.type for field in registry.schema(name).fields}
        assert all(kinds[field] == "timestamp" for field in hooks.times)
