"""The quick way of reading a time gives the same as the thorough one, also for texts that are not
quite of the form."""

import pytest

from common.logs import golayout, strftime, timeread
from common.logs.moment import Moment

CASES = [
    (strftime.reader, "%d/%b/%Y:%H:%M:%S %z", "14/Mar/2022:09:26:53 +0200"),
    (strftime.reader, "%Y-%m-%d %H:%M:%S.%f", "2022-03-14 09:26:53.123456"),
    (strftime.reader, "%Y%m%d%H%M%S.%f", "20220314092653.5"),
    (strftime.reader, "%Y %H%M%S%f", "2022 092653123"),
    (strftime.reader, "%Y-%m-%d %H:%M:%S.%f000", "2022-03-14 09:26:53.123456000"),
    (strftime.reader, "%Y-%jT%H:%M:%S.%f%z", "2022-073T09:26:53.123Z"),
    (strftime.reader, "%Y-%jT%H:%M:%S.%f%z", "2022-073T09:26:53.123456+0200"),
    (strftime.reader, "%b %e %H:%M:%S", "Mar  4 09:26:53"),
    (strftime.reader, "%e%H:%M:%S", "1409:26:53"),
    (strftime.reader, "%e%M:%S", "1426:53"),
    (strftime.reader, "%m/%d/%y %I:%M:%S %p", "03/14/22 12:26:53 PM"),
    (golayout.reader, "2006-01-02T15:04:05", "2022-03-14T09:26:53"),
    (golayout.reader, "Mon Jan _2 15:04:05 2006 MST", "Mon Mar  4 09:26:53 2022 GMT"),
    (golayout.reader, "2006-01-02 15:04:05 MST", "2022-03-14 09:26:53.25 CEST"),
    (golayout.reader, "01/02/2006 15:04:05.999", "03/14/2022 09:26:53.123"),
    (golayout.reader, "02T15:04:05.000Z07:00", "14T09:26:53.123-03:30"),
    (golayout.reader, "02T15:04:05.999999Z07:00", "14T09:26:53.123456Z"),
]


@pytest.mark.parametrize(("reader", "format", "text"), CASES)
def test_both_ways_agree_on_every_small_change_of_a_text(reader, format, text, monkeypatch):
    quick = reader(format)
    monkeypatch.setattr(timeread, "_clock", lambda tokens: None)
    thorough = reader(format)
    assert isinstance(outcome(quick, text), Moment)
    for changed in changes(text):
        assert outcome(quick, changed) == outcome(thorough, changed), changed


def outcome(read, text):
    try:
        return read(text)
    except ValueError as error:
        return str(error)


def changes(text):
    for place in range(len(text) + 1):
        for change in ("", *"0369 :./-+ZPA\u0663"):
            yield text[:place] + change + text[place:]
            yield text[:place] + change + text[place + 1 :]


@pytest.mark.parametrize(("reader", "format", "text"), CASES[:2])
def test_usual_texts_are_read_the_quick_way(reader, format, text, monkeypatch):
    def no_thorough_way(tokens, format):
        def read(text):
            raise AssertionError("read thoroughly")

        return read

    monkeypatch.setattr(timeread, "_exact", no_thorough_way)
    assert reader(format)(text).ns > 0
