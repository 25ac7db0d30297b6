"""Command lines written for the Go tools parse as the Go tools parse them."""

import pytest

from common.errors import UsageError
from common.goflags import DURATION, FLOAT, INTEGER, NAMES, SWITCH, TEXT, Flag, parse

FLAGS = (
    Flag("s3path", TEXT, "", "path"),
    Flag("limit", INTEGER, 0, "count"),
    Flag("files-per-second", FLOAT, 0.0, "rate"),
    Flag("duration", DURATION, 0.0, "how long"),
    Flag("loop", SWITCH, False, "start over"),
    Flag("interactive", SWITCH, True, "prompt"),
    Flag("to.q", TEXT, "", "queue"),
    Flag("schemas", NAMES, (), "names"),
)

ACCEPTED = [
    ([], {}, ()),
    (["-limit", "5"], {"limit": 5}, ()),
    (["-limit=5"], {"limit": 5}, ()),
    (["--limit", "5"], {"limit": 5}, ()),
    (["--limit=5"], {"limit": 5}, ()),
    (["-limit", "-5"], {"limit": -5}, ()),
    (["-limit", "+5"], {"limit": 5}, ()),
    (["-limit", "0x1F"], {"limit": 31}, ()),
    (["-limit", "010"], {"limit": 8}, ()),
    (["-limit", "0b101"], {"limit": 5}, ()),
    (["-limit", "1_000"], {"limit": 1000}, ()),
    (["-limit", "1", "-limit", "2"], {"limit": 2}, ()),
    (["-loop"], {"loop": True}, ()),
    (["--loop"], {"loop": True}, ()),
    (["-loop", "false"], {"loop": True}, ("false",)),
    (["-loop=false"], {"loop": False}, ()),
    (["-loop=true"], {"loop": True}, ()),
    (["-loop=1"], {"loop": True}, ()),
    (["-loop=0"], {"loop": False}, ()),
    (["-loop=t"], {"loop": True}, ()),
    (["-loop=F"], {"loop": False}, ()),
    (["-loop=TRUE"], {"loop": True}, ()),
    (["-loop=False"], {"loop": False}, ()),
    (["-interactive=false", "-loop"], {"interactive": False, "loop": True}, ()),
    (["-s3path", "s3://b/p"], {"s3path": "s3://b/p"}, ()),
    (["-s3path", "-x"], {"s3path": "-x"}, ()),
    (["-s3path", "-limit", "5"], {"s3path": "-limit"}, ("5",)),
    (["-s3path", "--"], {"s3path": "--"}, ()),
    (["-s3path=a=b"], {"s3path": "a=b"}, ()),
    (["-s3path="], {"s3path": ""}, ()),
    (["-s3path", ""], {"s3path": ""}, ()),
    (["-duration", "90s"], {"duration": 90.0}, ()),
    (["-duration", "2h45m"], {"duration": 9900.0}, ()),
    (["-duration", "1.5h"], {"duration": 5400.0}, ()),
    (["-duration", "3500ms"], {"duration": 3.5}, ()),
    (["-duration", "0"], {"duration": 0.0}, ()),
    (["-duration", "-1.5s"], {"duration": -1.5}, ()),
    (["-duration", ".5m"], {"duration": 30.0}, ()),
    (["-files-per-second", "0.5"], {"files-per-second": 0.5}, ()),
    (["-files-per-second", "10", "-duration", "3500ms"],
     {"files-per-second": 10.0, "duration": 3.5}, ()),
    (["-schemas", "A.B, C"], {"schemas": ("A.B", "C")}, ()),
    (["-schemas", "A", "-schemas=B,C", "x"], {"schemas": ("A", "B", "C")}, ("x",)),
    (["-to.q", "q.fifo"], {"to.q": "q.fifo"}, ()),
    (["--", "-limit", "5"], {}, ("-limit", "5")),
    (["-limit", "5", "--", "-loop"], {"limit": 5}, ("-loop",)),
    (["word", "-limit", "5"], {}, ("word", "-limit", "5")),
    (["-limit", "5", "-"], {"limit": 5}, ("-",)),
]  # fmt: skip


@pytest.mark.parametrize(("argv", "expected", "arguments"), ACCEPTED)
def test_go_command_line_is_read_as_go_reads_it(argv, expected, arguments):
    parsed = parse(FLAGS, argv)
    defaults = {flag.name: flag.default for flag in FLAGS}
    assert parsed.values == defaults | expected
    assert parsed.given == set(expected)
    assert parsed.arguments == arguments


REFUSED = [
    (["-lim", "5"], "flag provided but not defined: -lim"),
    (["-nope"], "flag provided but not defined: -nope"),
    (["-limit"], "flag needs an argument: -limit"),
    (["-limit", "five"], 'invalid value "five" for flag -limit: want a whole number'),
    (["-limit", ""], 'invalid value "" for flag -limit: want a whole number'),
    (["-limit", "9223372036854775808"], "does not fit in 64 bits"),
    (["-loop=yes"], 'invalid value "yes" for flag -loop: want true or false'),
    (["-loop="], 'invalid value "" for flag -loop'),
    (["-duration", "90"], 'invalid value "90" for flag -duration: want a duration'),
    (["-duration", "1d"], "want a duration such as 90s"),
    (["-duration", ""], "want a duration"),
    (["-files-per-second", "fast"], "want a number"),
    (["---limit", "5"], "bad flag syntax: ---limit"),
    (["-=5"], "bad flag syntax: -=5"),
]


@pytest.mark.parametrize(("argv", "message"), REFUSED)
def test_wrong_command_line_is_refused_naming_the_flag(argv, message):
    with pytest.raises(UsageError) as refused:
        parse(FLAGS, argv)
    assert message in str(refused.value)
    assert refused.value.exit_code == 2
