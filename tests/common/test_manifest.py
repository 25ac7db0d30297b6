"""Lists of objects are read in every form that the tools and S3 write."""

import gzip

import pytest

from common.errors import UsageError
from common.manifest import Entry, read, read_keys
from common.s3xml import UNKNOWN_SIZE

DAY = "2021-02-05T09:00:00Z"
FILES = [
    ("s3list csv", f'bucket,key,size,last_modified\nb,"a,""x""\ny",5,{DAY}\n',
     [Entry("b", 'a,"x"\ny', 5, DAY)]),
    ("other columns", "size,key,bucket\n,k%20k,b\n", [Entry("b", "k%20k", UNKNOWN_SIZE, "")]),
    ("s3list jsonl", f'{{"bucket":"b","key":"a+b","size":5,"last_modified":"{DAY}"}}\n\n',
     [Entry("b", "a+b", 5, DAY)]),
    ("jsonl without size", '{"bucket":"b","key":"k"}\n', [Entry("b", "k", UNKNOWN_SIZE, "")]),
    ("urls", "s3://b/a b?c#d%20\nS3://c/x\n", [Entry("b", "a b?c#d%20", UNKNOWN_SIZE, ""),
                                               Entry("c", "x", UNKNOWN_SIZE, "")]),
    ("inventory", '"b","a%2Cb+c/x.gz","12","2021-02-05T09:00:00.000Z","etag"\n',
     [Entry("b", "a,b c/x.gz", 12, "2021-02-05T09:00:00.000Z")]),
    ("inventory with versions",
     '"b","k","v1","true","false","7"\n'
     '"b","k","v0","false","false","3"\n'
     '"b","gone","m","true","true",""\n',
     [Entry("b", "k", 7, "")]),
    ("batch operations", "b,k%3D1\n", [Entry("b", "k=1", UNKNOWN_SIZE, "")]),
    ("nothing", "\n\n", []),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "expected"), FILES, ids=[name for name, _, _ in FILES])
def test_each_form_is_recognised(tmp_path, name, text, expected):
    path = tmp_path / "list"
    path.write_text(text, "utf-8", newline="")
    assert list(read(str(path), "from-file")) == expected


def test_gzip_is_unpacked(tmp_path):
    path = tmp_path / "inventory.csv.gz"
    path.write_bytes(gzip.compress(b"b,k,5\n"))
    assert list(read(str(path), "from-file")) == [Entry("b", "k", 5, "")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("bucket,key\nb\n", "line 2 has 1 columns, not 2"),
        ("just a line\n", "row 1 has no bucket and key"),
        ('{"bucket":"b"}\n', "line 1 is no object with bucket and key"),
        ('{"bucket":"b","key":"k"}\n{"bucket":\n', "line 2 is no object"),
        ("s3://b/k\nhttp://b/k\n", "line 2: 'http://b/k' is no S3 path s3://bucket/key"),
        ("bucket,key,size\nb,k,big\n", "invalid literal"),
    ],
)
def test_bad_list_is_refused_naming_file_and_place(tmp_path, text, message):
    path = tmp_path / "list"
    path.write_text(text)
    with pytest.raises(UsageError) as refused:
        list(read(str(path), "from-file"))
    assert message in str(refused.value)


def test_missing_list_is_refused():
    with pytest.raises(UsageError, match="-from-file /no/such cannot be opened"):
        list(read("/no/such", "from-file"))


def test_damaged_gzip_is_refused(tmp_path):
    path = tmp_path / "list.gz"
    path.write_bytes(gzip.compress(b"b,k,5\n" * 1000)[:40])
    with pytest.raises(UsageError, match="cannot be read"):
        list(read(str(path), "from-file"))


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("a b\nc,d\n\ne\n", ["a b", "c,d", "e"]),
        ("bucket,key\nb,a\nb,c\n", ["a", "c"]),
        ("s3://b/x/y\n", ["x/y"]),
        ('{"bucket":"b","key":"k"}\n', ["k"]),
    ],
)
def test_keys_are_bare_lines_or_any_list(tmp_path, text, keys):
    path = tmp_path / "keys"
    path.write_text(text)
    assert list(read_keys(str(path), "keys-file")) == keys
