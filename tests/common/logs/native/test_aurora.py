"""Aurora's audit log: a statement with commas stays whole between the fields around it."""

import pytest

from common.logs.found import DOMAIN, IP, Found
from common.logs.moment import Moment
from common.logs.native import aurora

LINE = "1572442650335480,db-1,alice,192.0.2.5,12,34,QUERY,shop,'select a, b from t',0"


def test_every_field_and_the_statement_with_its_commas():
    assert aurora.parse(LINE) == {
        "timestamp": Moment(1_572_442_650_335_480_000),
        "serverHost": "db-1",
        "username": "alice",
        "host": "192.0.2.5",
        "connectionId": 12,
        "queryId": 34,
        "operation": "QUERY",
        "database": "shop",
        "object": "'select a, b from t'",
        "retCode": 0,
    }


def test_double_quotes_inside_a_statement_are_text():
    assert aurora.parse(LINE.replace("b from", '"b" from'))["object"] == "'select a, \"b\" from t'"


def test_nine_fields_have_an_empty_object_and_eight_are_refused():
    values = aurora.parse("1,db,user,host,x,,CONNECT,shop,5")
    assert values["object"] == aurora.parse("1,db,user,host,1,1,CONNECT,shop,,5")["object"] == ""
    assert (values["retCode"], values["connectionId"], values["queryId"]) == (5, None, None)
    with pytest.raises(ValueError, match="fewer than 9"):
        aurora.parse("1,db,user,host,1,1,CONNECT,5")


@pytest.mark.parametrize("time", ["", "2019-10-30", "15724426503354.8"])
def test_a_time_that_is_not_in_microseconds_is_refused(time):
    with pytest.raises(ValueError, match="microseconds"):
        aurora.parse(LINE.replace("1572442650335480", time))


def test_the_clients_address_and_the_servers_name_are_found():
    found = Found()
    aurora.collect(aurora.parse(LINE), found)
    assert found == {IP: {"192.0.2.5"}, DOMAIN: {"db-1"}}
    found = Found()
    aurora.collect(aurora.parse(LINE.replace("192.0.2.5", "localhost")), found)
    assert found == {DOMAIN: {"db-1"}}
