"""What built-in JSON types do beyond their schemas, by log type. Types that are not listed do
nothing: their schemas say all."""

from __future__ import annotations

from collections.abc import Mapping

from common.logs.native import aws, crowdstrike, osquery, services, suricata, zeek
from common.logs.native.hooks import Hooks
from common.logs.native.json_times import calendar_time, double_seconds, layout_in_utc

_FLUENTD_TIME = {"time": layout_in_utc("2006-01-02 15:04:05 -0700")}
_SURICATA_TIME = {"timestamp": layout_in_utc("2006-01-02T15:04:05Z0700")}
_LACEWORK_TIME = {"START_TIME": layout_in_utc("02 Jan 2006 15:04 MST")}
_OSQUERY_TIME = {"calendarTime": calendar_time}
_ZEEK_TIME = {"ts": double_seconds}

HOOKS: Mapping[str, Hooks] = {
    "AWS.CloudTrail": Hooks(split=aws.split_records, collect=aws.collect_cloudtrail),
    "AWS.CloudTrailInsight": Hooks(split=aws.split_insights),
    "AWS.CloudWatchEvents": Hooks(collect=aws.collect_cloudwatch_event),
    "AWS.GuardDuty": Hooks(collect=aws.collect_guardduty),
    "AWS.VPCDns": Hooks(collect=aws.collect_vpc_dns),
    "Box.Event": Hooks(collect=services.collect_box),
    "Crowdstrike.Unknown": Hooks(
        prepare=crowdstrike.keep_unknown_payload, accept=crowdstrike.accept_unknown
    ),
    "Fluentd.Syslog3164": Hooks(collect=services.collect_syslog, times=_FLUENTD_TIME),
    "Fluentd.Syslog5424": Hooks(collect=services.collect_syslog, times=_FLUENTD_TIME),
    "GCP.AuditLog": Hooks(accept=services.accept_audit_log, collect=services.collect_audit_log),
    "GSuite.ActivityEvent": Hooks(accept_line=services.accept_single_activity),
    "GitLab.Production": Hooks(accept=services.accept_gitlab_production),
    "Lacework.Events": Hooks(times=_LACEWORK_TIME),
    "Microsoft365.Audit.General": Hooks(
        prepare=services.keep_payload, accept=services.accept_microsoft365_general
    ),
    "Osquery.Batch": Hooks(collect=osquery.collect_batch, times=_OSQUERY_TIME),
    "Osquery.Differential": Hooks(
        prepare=osquery.spell_flag,
        accept=osquery.accept_differential,
        collect=osquery.collect_differential,
        times=_OSQUERY_TIME,
    ),
    "Osquery.Snapshot": Hooks(collect=osquery.collect_host, times=_OSQUERY_TIME),
    "Osquery.Status": Hooks(collect=osquery.collect_host, times=_OSQUERY_TIME),
    "Suricata.Anomaly": Hooks(collect=suricata.collect_ends, times=_SURICATA_TIME),
    "Suricata.DNS": Hooks(collect=suricata.collect_dns, times=_SURICATA_TIME),
    "Zeek.DNS": Hooks(collect=zeek.collect_dns, times=_ZEEK_TIME),
}
