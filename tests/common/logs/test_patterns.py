"""Regular expressions with tags, and every built-in pattern with what it takes and refuses."""

import random
import sys
import time

import pytest

from common.logs.grok import BUILTIN
from common.logs.indicators import is_ip
from common.logs.load import build
from common.logs.patterns import BadExpression, engine, expression_of, regex_matcher
from common.logs.refused import Refused
from tests.common.logs.small_schemas import REFUSED, field, outcomes, schema

V6 = "2001:db8::1"
TAKEN_AND_REFUSED = {
    "DATA": (["", "a b"], ["a\nb"]),
    "GREEDYDATA": (["", "a b"], ["a\nb"]),
    "NOTSPACE": (["a,b"], ["", "a b"]),
    "NS": (["a,b"], ["", "a b"]),
    "SPACE": (["", " \t"], ["a"]),
    "WORD": (["a_1"], ["", "a-b", "a b"]),
    "QUOTEDSTRING": (['"a b"', "'a'", r'"a\"b"', r"'a\'b'", '""', r'"\\"'], ["a", '"a\'', '"a"b"']),
    "QS": (['"a"'], ["a"]),
    "HEXDIGIT": (list("09afAF"), ["g", "G", "", "00"]),
    "UUID": (["01234567-89ab-CDEF-0123-456789abcdef"], ["0123456789abcdef0123456789abcdef", ""]),
    "INT": (["0", "-12", "+3", "007"], ["", "1.0", "-", "0x1"]),
    "BASE10NUM": (["1", "-1.5", "+.5", "007"], ["", ".", "1e3", "0x1"]),
    "NUMBER": (["1.5"], ["a"]),
    "BASE16NUM": (["0xAf", "ff", "0X1", "12"], ["", "0x", "g"]),
    "POSINT": (["1", "20"], ["0", "01", "-1", ""]),
    "NONNEGINT": (["0", "01", "20"], ["-1", "", "1.0"]),
    "CISCOMAC": (["aabb.ccdd.eEF0"], ["aa:bb:cc:dd:ee:ff", "aabb.ccdd"]),
    "WINDOWSMAC": (["aa-bb-cc-dd-ee-FF"], ["aa:bb:cc:dd:ee:ff", "aa-bb"]),
    "COMMONMAC": (["aa:bb:cc:dd:ee:FF"], ["aa-bb-cc-dd-ee-ff", "aa:bb"]),
    "MAC": (["aabb.ccdd.eeff", "aa-bb-cc-dd-ee-ff", "aa:bb:cc:dd:ee:ff"], ["aa:bb:cc-dd-ee-ff"]),
    "IPV6": (
        f"{V6} :: ::1 1:: 1::8 1:2:3:4:5:6:7:8 1:2:3:4:5:6:7:: ::2:3:4:5:6:7:8 1:2::4:5:6:7:8 "
        "fe80::1:2:3 ::ffff:192.0.2.1 64:ff9b::192.0.2.1 1:2:3:4:5:6:192.0.2.1 ::192.0.2.1 "
        "1::3:4:5:6:192.0.2.1 1::192.0.2.1 1:2:3:4:5:6::8".split(),
        ": ::: 1 1:2:3:4:5:6:7 1:2:3:4:5:6:7:8:9 1::2::3 g:: 12345:: 192.0.2.1 ::256.0.0.1 "
        "1:2:3:4:5:6:7:192.0.2.1 1:2:3:4:5:6:7:8:: 1:2:3:4:5:6::192.0.2.1".split(),
    ),
    "IPV4INT": (["0", "9", "10", "199", "255"], ["256", "00", "-1", ""]),
    "IPV4": (["192.0.2.1", "0.0.0.0"], ["192.0.2", "192.0.2.256", "192.0.2.1.1", "192.0.02.1"]),
    "IP": (["192.0.2.1", V6], ["x"]),
    "HOSTNAME": (["a", "a-b.c", "192.0.2.1", "a.", "1a.example"], ["", "-a", "a..b", "a_b", "a:1"]),
    "HOST": (["a.example"], ["a_b"]),
    "IPORHOST": (["192.0.2.1", V6, "a.example"], ["a_b"]),
    "HOSTPORT": (["a.example:80", "192.0.2.1:1"], ["a.example", "a.example:0", "a:x"]),
    "USERNAME": (["a.b_c-1"], ["", "a@b", "a b"]),
    "USER": (["dana"], ["a b"]),
    "UNIXPATH": (["/", "/a/b.c", "/a//b/", "/a-b_c~"], ["a", "", "C:\\a"]),
    "WINPATH": (["C:\\a\\b", "\\\\host\\share", "c:\\"], ["/a", "C:", "C:\\a?"]),
    "PATH": (["/a", "C:\\a"], ["a"]),
    "TTY": (["/dev/pts/1", "/dev/tty1", "/dev/ttyS0"], ["/dev/null", "tty1"]),
    "URIPROTO": (["http", "svn+ssh"], ["", "1a", "http:"]),
    "URIHOST": (["a.example", "a.example:8080", "192.0.2.1:1"], ["a_b", "a:x"]),
    "URIPATH": (["/", "/a/b;c=1"], ["", "a", "/a?b"]),
    "URIPARAM": (["?", "?a=b&c[]=1"], ["", "a=b", "? "]),
    "URIPATHPARAM": (["/a", "/a?b=c"], ["?b", ""]),
    "URI": (
        ["http://a.example", "https://u:p@a.example:8443/x?y=z", "file:///etc/hosts"],
        ["a.example", "mailto:a@b", "http:/a"],
    ),
    "MONTH": (["Jan", "january", "SEP", "May", "june", "Jul"], ["", "Janu", "1", "Sept"]),
    "MONTHNUM": (["1", "09", "12"], ["0", "13", "00"]),
    "MONTHNUM2": (["01", "12"], ["1", "13", "00"]),
    "MONTHDAY": (["1", "09", "31"], ["0", "32", "00"]),
    "DAY": (["Mon", "tuesday", "WED", "Sunday"], ["", "Mo", "Tues"]),
    "YEAR": (["2022", "22"], ["", "1", "022", "20222"]),
    "HOUR": (["0", "09", "23"], ["24", "", "009"]),
    "MINUTE": (["00", "59"], ["0", "60"]),
    "SECOND": (["0", "59", "60", "07.123", "07,5", "07:5"], ["61", "", "7."]),
    "KITCHEN": (["9:26", "09:26"], ["9", "9:60"]),
    "TIME": (["9:26:53", "09:26:53.123"], ["09:26", "24:00:00"]),
    "DATE_US": (["3/14/2022", "03-14-22"], ["14/3/2022", "3.14.2022"]),
    "DATE_EU": (["14.3.2022", "14/03/22", "14-3-22"], ["3/14/2022"]),
    "DATE": (["3/14/2022", "14.3.2022"], ["2022-03-14"]),
    "DATETIME": (["3/14/2022 9:26:53", "14.3.2022-09:26:53"], ["3/14/2022T9:26:53"]),
    "ISO8601_TIMEZONE": (["Z", "+02:00", "-0330"], ["", "z", "+02"]),
    "ISO8601_SECOND": (["53", "60"], ["61"]),
    "TIMESTAMP_ISO8601": (
        ["2022-03-14T09:26:53.5+02:00", "2022-03-14 09:26", "2022-03-14T092653Z"],
        ["2022-3-14T09:26:53", "14.3.2022 09:26:53", "2022-03-14"],
    ),
    "TZ": (["UTC", "CET"], ["CEST", "utc", ""]),
    "TZOFFSET": (["+0200", "-0330"], ["0200", "+02:00"]),
    "TIMESTAMP_RFC822": (["Mon Mar 14 2022 09:26:53 UTC"], ["Mon, Mar 14 2022 09:26:53 UTC"]),
    "TIMESTAMP_RFC2822": (
        ["Mon, 14 Mar 2022 09:26:53 +0200", "Mon, 14 Mar 2022 09:26:53 Z"],
        ["Mon, Mar 14 2022 09:26:53 Z"],
    ),
    "TIMESTAMP_OTHER": (["Mon Mar 14 09:26:53 UTC 2022"], ["Mon Mar 14 09:26:53 2022"]),
    "TIMESTAMP_EVENTLOG": (["20220314092653"], ["2022-03-14", "20221314092653"]),
    "SYSLOGTIMESTAMP": (["Mar 14 09:26:53", "Mar  4 09:26:53"], ["14 Mar 09:26:53", "Mar14 9:26"]),
    "HTTPDATE": (["14/Mar/2022:09:26:53 +0200"], ["14/03/2022:09:26:53 +0200", "14/Mar/2022"]),
    "PID": (["1", "40000"], ["-1", "", "a"]),
}  # fmt: skip


def searched(line, *match, **config):
    try:
        return regex_matcher({"match": list(match), **config})(line)
    except Refused:
        return REFUSED


@pytest.mark.parametrize("name", BUILTIN)
def test_a_built_in_pattern_takes_and_refuses(name):
    taken, refused = TAKEN_AND_REFUSED[name]
    for text in taken:
        assert searched(text, f"^%{{{name}:x}}$") == [("x", text)], text
        assert searched(f"<{text}>", f"<%{{{name}:x}}>") == [("x", text)], text
    for text in refused:
        assert searched(text, f"^%{{{name}}}$") == REFUSED, text


@pytest.mark.parametrize("name", sorted(BUILTIN.keys() - {"DATA", "GREEDYDATA", "SPACE"}))
def test_a_built_in_pattern_takes_all_of_a_text_though_nothing_follows(name):
    for text in TAKEN_AND_REFUSED[name][0]:
        assert searched(f"={text} ", f"=%{{{name}:x}}") == [("x", text)]


def test_addresses_are_those_that_count_as_indicators():
    randoms = random.Random(6)
    match = engine()(f"^(?:{expression_of(['%{IP}'], {})[0]})$").search
    taken = 0
    for _ in range(5000):
        pieces = randoms.choices(["1", "ab", "::", ":", "192.0.2.1", "0"], k=randoms.randrange(12))
        text = "".join(pieces) if randoms.random() < 0.3 else ":".join(pieces)
        text = text.replace("::::", "::").replace(":::", "::")
        assert bool(match(text.encode())) == is_ip(text), text
        taken += is_ip(text)
    assert taken > 200


def test_no_built_in_pattern_captures_anything_by_itself():
    for name in BUILTIN:
        expression, names = expression_of([f"%{{{name}}}"], {})
        assert names == []
        assert engine()(expression).groups == 0


@pytest.mark.parametrize(
    ("line", "match", "pairs"),
    [
        ("x=1", ["%{WORD:a}=%{INT:b}"], [("a", "x"), ("b", "1")]),
        ("say x=1 now", ["%{WORD:a}=%{INT:b}"], [("a", "x"), ("b", "1")]),
        ("x=1", ["%{ WORD : a }=%{ INT :b}"], [("a", "x"), ("b", "1")]),
        ("x=1", ["%{WORD:a}", "=", "%{INT:b}"], [("a", "x"), ("b", "1")]),
        ("x=1", ["(?P<a>[a-z])=%{INT:b}"], [("a", "x"), ("b", "1")]),
        ("x=1", ["(?P<a>[a-z])=(?P<b>%{INT})"], [("a", "x"), ("b", "1")]),
        ("x=1", ["([a-z])=%{INT:b}"], [("b", "1")]),
        ("x=1", ["%{WORD}=%{INT:b}"], [("b", "1")]),
        ("x=1", ["%{WORD:a}=(?:%{INT:b}|%{WORD:c})"], [("a", "x"), ("b", "1"), ("c", "")]),
        ("x", ["%{WORD:a}(?:=%{INT:b})?"], [("a", "x"), ("b", "")]),
        ("x y", ["%{WORD:a} %{WORD:a}"], [("a", "x"), ("a", "y")]),
        ("x=1", [r"%{WORD:a.b}=%{INT:c d-e}"], [("a.b", "x"), ("c d-e", "1")]),
        ("(?P<a>x)", [r"\(\?P<a>%{WORD:b}"], [("b", "x")]),
        (r"\x", [r"\\(?P<a>x)"], [("a", "x")]),
        ("aab", ["(?P<a>a|aa)"], [("a", "a")]),
        ("é=ü", ["(?P<a>é)=(?P<b>.)"], [("a", "é"), ("b", "ü")]),
        ("AB", [r"(?P<a>\pL)[[:alpha:]]\z"], [("a", "A")]),
        ("aaa", ["(?U)(?P<a>a+)"], [("a", "a")]),
        ("AbC", ["(?i)(?P<a>abc)"], [("a", "AbC")]),
        ("é", [r"(?P<a>\C)\C"], [("a", "\ufffd")]),
        ("x", ["^%{INT:a}$"], REFUSED),
        ("1\n", ["^%{INT:a}$"], REFUSED),
    ],
)
def test_the_expression_is_searched_and_its_named_groups_are_fields(line, match, pairs):
    assert searched(line, *match) == pairs


def test_definitions_may_use_each_other_in_any_order_and_replace_built_in_ones():
    definitions = {"PAIR": "%{KEY:k}=%{INT:v}", "KEY": "[a-z]+", "INT": "[0-9]"}
    assert searched("ab=12", "%{PAIR}", patternDefinitions=definitions) == [("k", "ab"), ("v", "1")]
    assert searched("ab=12", "%{PAIR:all}", patternDefinitions=definitions) == [
        ("all", "ab=1"),
        ("k", "ab"),
        ("v", "1"),
    ]
    assert searched("x", "%{NS:a}", patternDefinitions={"NOTSPACE": "y"}) == REFUSED


def problems(*match, **definitions):
    config = {"match": list(match), "patternDefinitions": definitions}
    found = build({"fields": [field("a", "string")], "parser": {"regex": config}}).problems
    return [(one.path.removeprefix("parser.regex."), one.text) for one in found]


@pytest.mark.parametrize(
    ("match", "definitions", "path", "text"),
    [
        ("%{FOO:a}", {}, "match", 'unresolved pattern "FOO"'),
        ("%{foo:a}", {}, "match", 'invalid pattern name "foo"'),
        ("%{}", {}, "match", 'invalid pattern name ""'),
        ("%{INT:1a}", {}, "match", 'invalid field name "1a"'),
        ("%{A:a}", {"A": "%{A}"}, "match", 'recursive pattern "A"'),
        ("%{INT:a}", {"A": "%{B}"}, "patternDefinitions.A", 'unresolved pattern "B"'),
        ("%{INT:a}", {"a": "x"}, "patternDefinitions.a", 'invalid pattern name "a"'),
        ("%{INT:a}", {"A": "("}, "patternDefinitions.A", "missing )"),
        ("(%{INT:a}", {}, "match", "failed to compile pattern #0: missing )"),
        ("(?=a)", {}, "match", "failed to compile pattern #0: invalid perl operator"),
        (r"(?P<a>.)\1", {}, "match", "failed to compile pattern #0: invalid escape sequence"),
        ("a{1001}", {}, "match", "failed to compile pattern #0: "),
    ],
)
def test_a_bad_expression_is_reported(match, definitions, path, text):
    ((found_path, found_text),) = problems(match, **definitions)
    assert found_path == path
    assert text in found_text


def test_every_circle_of_definitions_is_reported():
    assert problems("x", A="%{B}", B="%{A}") == [
        ("patternDefinitions.A", 'recursive pattern "A"'),
        ("patternDefinitions.B", 'recursive pattern "B"'),
    ]


def test_definitions_that_double_again_and_again_are_refused_at_once():
    definitions = {f"A{level}": f"%{{A{level + 1}}}" * 2 for level in range(60)} | {"A60": "x"}
    with pytest.raises(BadExpression, match="longer than"):
        expression_of(["%{A0}"], definitions)


def test_empty_groups_are_values_unless_they_count_as_empty():
    fields = (field("a", "string"), field("n", "int"))
    match = {"match": ["^%{WORD:a}?(?:=%{INT:n})?$"]}
    kept = schema(*fields, parser={"regex": match})
    dropped = schema(*fields, parser={"regex": match | {"emptyValues": [""]}})
    assert outcomes(kept, "x=1", "x", "=1", "?") == [
        [{"a": "x", "n": 1}],
        [{"a": "x"}],
        [{"a": "", "n": 1}],
        REFUSED,
    ]
    assert outcomes(dropped, "=1") == [[{"n": 1}]]


@pytest.mark.parametrize(
    ("expression", "line"),
    [
        ("^(a+)+$", "a" * 100_000 + "b"),
        ("^(?:a|aa)+$", "a" * 100_000 + "b"),
        ("(x+x+)+y", "x" * 100_000),
        ("^%{GREEDYDATA}%{GREEDYDATA}%{GREEDYDATA}!$", "a" * 100_000),
        ("^%{QS}$", '"' + r"\"" * 100_000),
        ("^%{IPORHOST}!$", "1." * 50_000),
        ("^%{UNIXPATH}!$", "/" * 100_000),
        ("^%{URI:a}!$", "http://" + "a@" * 50_000),
        ("^%{WINPATH}!$", "\\" * 100_000),
    ],
)
def test_hostile_lines_take_linear_time(expression, line):
    match = regex_matcher({"match": [expression]})
    start = time.process_time()
    with pytest.raises(Refused):
        match(line)
    assert time.process_time() - start < 10


# ---- without RE2 ---------------------------------------------------------------------------------


@pytest.fixture
def no_re2(monkeypatch):
    monkeypatch.setitem(sys.modules, "re2", None)


def test_without_re2_a_schema_is_used_with_a_warning(no_re2):
    match = [r"^%{WORD:a}(?: (?P<c>x))? \x{e9}*%{DATA:b}\z".replace(r"\x{e9}", "\u00e9")]
    data = {"fields": [field("a", "string")], "parser": {"regex": {"match": match}}}
    made, problems = build(data)
    assert made is not None
    [warning] = problems
    assert warning.is_warning and "RE2" in warning.text
    found = regex_matcher({"match": match})("one \u00e9\u00e9two")
    assert list(found) == [("a", "one"), ("c", ""), ("b", "two")]


def test_without_re2_the_end_of_the_text_is_no_escaped_backslash(no_re2):
    compiled = engine()
    assert compiled(r"a\z").search(b"ba") and not compiled(r"a\z").search(b"ab")
    assert compiled(r"a\\z").search(rb"a\zb") and not compiled(r"a\\z").search(b"a")


@pytest.mark.parametrize("expression", [r"\pL", "[[:alpha:]]", "(?U)a*", "(", r"(?P<a>\C)"])
def test_without_re2_what_python_reads_otherwise_is_refused(no_re2, expression):
    with pytest.raises(BadExpression, match="failed to compile pattern #0: "):
        engine()(expression)


@pytest.mark.parametrize("name", BUILTIN)
def test_without_re2_built_in_patterns_take_and_refuse_the_same(no_re2, name):
    expression = engine()(expression_of([f"%{{{name}}}"], {})[0])
    taken, refused = TAKEN_AND_REFUSED[name]
    assert [one for one in taken if not expression.fullmatch(one)] == []
    assert [one for one in refused if expression.fullmatch(one)] == []
