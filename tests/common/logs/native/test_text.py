"""All text types: one line of each is read by its own parser only, and samples give what they
should."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from common.logs.found import Found
from common.logs.moment import Moment
from common.logs.native.text import PARSERS

DATA = Path(__file__).parents[5] / "shared/data/logs"
NOW = int(datetime(2022, 3, 20, tzinfo=UTC).timestamp()) * 10**9
JUNIPER = "Mar 14 09:26:53 gw "
LINES = {
    "AWS.ALB": 'http 2022-03-14T09:26:53Z lb 192.0.2.1:1 - 0 0 0 200 200 1 1 "GET / HTTP/1.1"'
    + ' "-" - - - "-" "-" "-" 0 2022-03-14T09:26:53Z "-" "-" "-"',
    "AWS.AuroraMySQLAudit": "1647250000000000,db,alice,192.0.2.1,1,2,QUERY,shop,'select 1',0",
    "AWS.S3ServerAccess": f"{'a' * 64} b [14/Mar/2022:09:26:53 +0000] 192.0.2.1 - i O k"
    + ' "GET / HTTP/1.1" 200 - 1 1 1 1 "-" "-" - h S C A e T',
    "AWS.VPCFlow": "version account-id start end action log-status",
    "CiscoUmbrella.CloudFirewall": '"2022-03-14 09:26:53","1","i","t","IN","6","84","192.0.2.1",'
    + '"1","192.0.2.2","2","d","r","ALLOW"',
    "CiscoUmbrella.DNS": '"2022-03-14 09:26:53","i","i","192.0.2.1","192.0.2.2","a","A","N","x",""',
    "CiscoUmbrella.IP": '"2022-03-14 09:26:53","i","192.0.2.1","1","192.0.2.2","2","c","t"',
    "CiscoUmbrella.Proxy": '"2022-03-14 09:26:53",' + '"",' * 10 + '"200"' + ',""' * 10,
    "Juniper.Access": JUNIPER
    + "[INFO][mws-access][t] key:k, PHASE_REQUEST_PRE_PROCESS, 192.0.2.1, http://x/",
    "Juniper.Audit": JUNIPER + "[mws-audit][INFO] [alice] text",
    "Juniper.Firewall": JUNIPER + "kernel: IPTABLES DROP: SRC=192.0.2.1",
    "Juniper.MWS": JUNIPER + "[INFO] [mws-config] text",
    "Juniper.Postgres": JUNIPER + "postgres[1]: [1-1] 00000 5e LOG: text",
    "Juniper.Security": JUNIPER
    + '[INFO][mws-security-alert][s] MKS_Category="New Profile" MKS_ProfileId="1"',
    "Syslog.RFC3164": "<13>Mar 14 09:26:53 h su: text",
    "Syslog.RFC5424": "<13>1 2022-03-14T09:26:53Z h a - - - text",
}
MAY_SHARE = {
    ("CiscoUmbrella.DNS", "CiscoUmbrella.CloudFirewall"),
    ("CiscoUmbrella.DNS", "CiscoUmbrella.Proxy"),
}


def is_taken(log_type, line):
    try:
        PARSERS[log_type].parser(lambda: NOW)(line)
    except ValueError:
        return False
    return True


def test_there_is_a_line_of_every_type():
    assert LINES.keys() == PARSERS.keys()


@pytest.mark.parametrize("log_type", PARSERS)
def test_a_parser_takes_its_own_lines_and_no_others(log_type):
    taken = {other for other in LINES if is_taken(log_type, LINES[other])}
    allowed = {other for one, other in MAY_SHARE if one == log_type}
    assert taken == {log_type} | allowed


@pytest.mark.parametrize("log_type", PARSERS)
def test_a_reason_never_quotes_the_line(log_type):
    own = LINES[log_type]
    for secret in ("S3CRET", '"S3CRET', "S3CRET S3CRET"):
        for line in (secret, own.replace("2022", secret), own.replace("Mar", secret), own[:-9]):
            try:
                PARSERS[log_type].parser(lambda: NOW)(line)
            except ValueError as error:
                assert "S3CRET" not in str(error) and error.__cause__ is None


@pytest.mark.parametrize("log_type", PARSERS)
def test_streams_of_a_type_do_not_share_what_they_saw(log_type):
    maker = PARSERS[log_type].parser
    maker(lambda: NOW)(LINES[log_type])
    with pytest.raises(ValueError):
        maker(lambda: NOW)("not a line of any type")


def written(values):
    """Values as JSON would show them: without those that are none, times in RFC 3339."""
    return {
        name: shown(value) if isinstance(value, Moment) else value
        for name, value in values.items()
        if value is not None and value != []
    }


def shown(moment):
    seconds, ns = divmod(moment.ns, 10**9)
    text = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    fraction = f".{ns:09d}".rstrip("0") if ns else ""
    return text + fraction + "Z"


# Lines that are refused for a constraint of the schema, which is not the parsers' to check.
CONSTRAINED = {("AWS.VPCFlow", 5)}


@pytest.mark.skipif(not DATA.exists(), reason="the sample lines are not on this machine")
@pytest.mark.parametrize("log_type", PARSERS)
def test_samples(log_type):
    folder = DATA / "samples" / log_type
    if not folder.exists():
        pytest.skip("no samples of this type")
    lines = (folder / "input.log").read_text("utf-8").splitlines()
    parser = PARSERS[log_type].parser(lambda: NOW)
    collect = PARSERS[log_type].collect
    for text in (folder / "expected.jsonl").read_text("utf-8").splitlines():
        expected = json.loads(text)
        number = expected["line"]
        if (log_type, number) in CONSTRAINED:
            continue
        if expected.get("error"):
            with pytest.raises(ValueError):
                parser(lines[number - 1].strip())
            continue
        values = parser(lines[number - 1].strip())
        assert (values is None) == (expected["events"] == [])
        for event in expected["events"]:
            own = {name: value for name, value in event.items() if not name.startswith("p_")}
            found = Found()
            if collect is not None:
                collect(values, found)
            lists = {name: set(value) for name, value in event.items() if "p_any" in name}
            assert (written(values), found) == (own, lists)
