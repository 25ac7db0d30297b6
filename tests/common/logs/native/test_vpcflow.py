"""Flow logs: the header makes the plan, hyphens are no values, and times decide over a line."""

import pytest

from common.logs.found import ACCOUNT_ID, INSTANCE_ID, IP, Found
from common.logs.moment import Moment
from common.logs.native import vpcflow

HEADER = (
    "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start"
    " end action log-status"
)
ROW = "2 210987654321 eni-1 192.0.2.1 198.51.100.2 443 50123 6 12 3400 10 70 ACCEPT OK"
EXPECTED = {
    "version": 2,
    "account": "210987654321",
    "interfaceId": "eni-1",
    "srcAddr": "192.0.2.1",
    "dstAddr": "198.51.100.2",
    "srcPort": 443,
    "dstPort": 50123,
    "protocol": 6,
    "packets": 12,
    "bytes": 3400,
    "start": Moment(10 * 10**9),
    "end": Moment(70 * 10**9),
    "action": "ACCEPT",
    "status": "OK",
}
NEWER = (
    "vpc-id subnet-id instance-id tcp-flags type pkt-srcaddr pkt-dstaddr pkt-src-aws-service"
    " pkt-dst-aws-service flow-direction traffic-path"
)


def parser(header=HEADER, **more):
    parse = vpcflow.parser(lambda: 0, **more)
    assert parse(header) is None
    return parse


def said(values):
    return {name: value for name, value in values.items() if value is not None}


def test_rows_are_read_by_the_header():
    assert parser()(ROW) == EXPECTED


def test_every_newer_column_has_its_field():
    row = "vpc-1 subnet-1 i-1 19 IPv6 2001:db8::1 2001:db8::2 S3 EC2 ingress 8"
    assert parser(HEADER + " " + NEWER)(ROW + " " + row) == EXPECTED | {
        "vpcId": "vpc-1",
        "subNetId": "subnet-1",
        "instanceId": "i-1",
        "tcpFlags": 19,
        "trafficType": "IPv6",
        "pktSrcAddr": "2001:db8::1",
        "pktDstAddr": "2001:db8::2",
        "pktSrcAwsService": "S3",
        "pktDstAwsService": "EC2",
        "flowDirection": "ingress",
        "trafficPath": 8,
    }


def test_columns_may_stand_in_any_order():
    parse = parser("log-status end start action bytes")
    assert parse("OK 70 10 REJECT 5") == {
        "status": "OK",
        "end": Moment(70 * 10**9),
        "start": Moment(10 * 10**9),
        "action": "REJECT",
        "bytes": 5,
    }


def test_a_header_has_five_names_that_are_known():
    parse = vpcflow.parser(lambda: 0)
    for line in (ROW, "version account-id start end other", ""):
        with pytest.raises(ValueError, match="not a header"):
            parse(line)
    assert parse("version account-id start end action other") is None
    assert parse("2 210987654321 10 70 ACCEPT x")["action"] == "ACCEPT"


def test_a_second_header_fails_as_a_row_and_another_stream_has_its_own():
    parse = parser()
    with pytest.raises(ValueError):
        parse(HEADER)
    assert parse(ROW) == EXPECTED
    with pytest.raises(ValueError):
        vpcflow.parser(lambda: 0)(ROW)


def test_hyphens_and_unknown_accounts_are_no_values():
    row = "2 unknown eni-1 - - - - - - - 10 70 - NODATA"
    assert said(parser()(row)) == {
        "version": 2,
        "interfaceId": "eni-1",
        "start": Moment(10 * 10**9),
        "end": Moment(70 * 10**9),
        "status": "NODATA",
    }


def test_numbers_that_cannot_be_read_are_no_values():
    values = said(parser()(ROW.replace(" 443 ", " http ").replace(" 3400 ", " 3.4k ")))
    assert "srcPort" not in values and "bytes" not in values
    header = HEADER + " traffic-path"
    assert "trafficPath" not in said(parser(header)(ROW + " 32768"))


@pytest.mark.parametrize(("time", "name"), [(" 10 ", "start"), (" 70 ", "end")])
def test_a_time_that_cannot_be_read_fails_the_line(time, name):
    with pytest.raises(ValueError, match=f"{name}: not a time in seconds since 1970"):
        parser()(ROW.replace(time, " notatime "))


def test_rows_may_be_shorter_or_longer_than_the_header():
    assert parser()(ROW + " more words") == EXPECTED
    short = parser()(ROW.removesuffix(" OK"))
    assert short == {name: value for name, value in EXPECTED.items() if name != "status"}


def test_unknown_columns_are_ignored_with_one_warning():
    warnings = []
    parse = parser(HEADER + " az-id ecs-task \x1b[31m", warn=warnings.append)
    assert parse(ROW + " a b c") == EXPECTED
    assert parse(ROW + " a b c") == EXPECTED
    assert warnings == ["AWS.VPCFlow: ignoring 3 unknown columns: az-id, ecs-task"]


def test_a_known_header_warns_of_nothing():
    warnings = []
    parser(warn=warnings.append)
    assert warnings == []


def test_account_instance_and_all_addresses_are_found():
    values = {
        "account": "210987654321",
        "instanceId": "anything",
        "srcAddr": "192.0.2.1",
        "dstAddr": "2001:db8::1",
        "pktSrcAddr": "192.0.2.2",
        "pktDstAddr": "no address",
    }
    found = Found()
    vpcflow.collect(values, found)
    assert found == {
        IP: {"192.0.2.1", "2001:db8::1", "192.0.2.2"},
        ACCOUNT_ID: {"210987654321"},
        INSTANCE_ID: {"anything"},
    }


def test_a_row_without_values_has_no_indicators():
    found = Found()
    vpcflow.collect(parser()("2 unknown eni-1 - - - - - - - 10 70 - NODATA"), found)
    assert found == {}
