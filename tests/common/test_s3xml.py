"""Listings are read as an XML parser would read them, and beyond what it can."""

from common import s3xml

CONTENT = (
    "<Contents><Key>{key}</Key><LastModified>2021-02-05T09:00:00.000Z</LastModified>"
    "<ETag>&quot;abc&quot;</ETag>{more}<Size>{size}</Size><StorageClass>STANDARD</StorageClass>"
    "</Contents>"
)


def listing(*contents, more=""):
    return f'<?xml version="1.0"?>\n<ListBucketResult>{"".join(contents)}{more}</ListBucketResult>'


def test_objects_are_read_with_and_without_checksums():
    checksum = (
        "<ChecksumAlgorithm>CRC64NVME</ChecksumAlgorithm><ChecksumType>FULL_OBJECT</ChecksumType>"
    )
    xml = listing(CONTENT.format(key="a/b", size=5, more=checksum),
                  CONTENT.format(key="c", size=0, more=""))  # fmt: skip
    page = s3xml.object_page(xml.encode())
    assert page.objects == [
        s3xml.Object("a/b", "2021-02-05T09:00:00.000Z", "abc", 5, "STANDARD"),
        s3xml.Object("c", "2021-02-05T09:00:00.000Z", "abc", 0, "STANDARD"),
    ]
    assert page.next_token == "" and page.prefixes == []


def test_entities_and_control_characters_in_keys_survive():
    xml = listing(CONTENT.format(key="a&lt;b&amp;c&#13;&#x1;+%20&apos;", size=1, more=""))
    assert s3xml.object_page(xml.encode()).objects[0].key == "a<b&c\r\x01+%20'"
    assert s3xml.text("&unknown;") == "&unknown;"


def test_other_order_of_elements_is_read_too():
    xml = (
        '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Contents>'
        "<Size>7</Size><Key>a&amp;b</Key><StorageClass>GLACIER</StorageClass>"
        '<ETag>"x"</ETag><LastModified>2021-02-05T09:00:00.000Z</LastModified></Contents>'
        "<NextContinuationToken>t&amp;1</NextContinuationToken></ListBucketResult>"
    )
    page = s3xml.object_page(xml.encode())
    assert page.objects == [s3xml.Object("a&b", "2021-02-05T09:00:00.000Z", "x", 7, "GLACIER")]
    assert page.next_token == "t&1"


def test_prefixes_below_a_delimiter():
    more = "".join(
        f"<CommonPrefixes><Prefix>{p}/</Prefix></CommonPrefixes>" for p in ("a", "b&amp;c")
    )
    assert s3xml.object_page(listing(more=more).encode()).prefixes == ["a/", "b&c/"]


def test_versions_and_markers_in_one_sequence():
    xml = (
        "<ListVersionsResult>"
        "<DeleteMarker><Key>a</Key><VersionId>m1</VersionId><IsLatest>true</IsLatest>"
        "<LastModified>2021-02-06T00:00:00.000Z</LastModified><Owner><ID>o</ID></Owner></DeleteMarker>"
        "<Version><Key>a</Key><VersionId>v1</VersionId><IsLatest>false</IsLatest>"
        "<LastModified>2021-02-05T00:00:00.000Z</LastModified><ETag>&quot;e&quot;</ETag>"
        "<Size>9</Size><StorageClass>STANDARD</StorageClass></Version>"
        "<NextKeyMarker>a</NextKeyMarker><NextVersionIdMarker>v1</NextVersionIdMarker>"
        "</ListVersionsResult>"
    )
    page = s3xml.version_page(xml.encode())
    assert page.versions == [
        s3xml.Version("a", "m1", True, "2021-02-06T00:00:00.000Z", 0, True),
        s3xml.Version("a", "v1", False, "2021-02-05T00:00:00.000Z", 9, False),
    ]
    assert (page.next_key, page.next_version) == ("a", "v1")


def test_versions_in_another_order_are_sorted_by_key_only():
    xml = (
        "<ListVersionsResult>"
        "<Version><Size>1</Size><Key>b</Key><VersionId>null</VersionId><IsLatest>true</IsLatest>"
        "<LastModified>2021-02-05T00:00:00.000Z</LastModified></Version>"
        "<DeleteMarker><Key>a</Key><VersionId>m</VersionId><IsLatest>true</IsLatest>"
        "<LastModified>2021-02-05T00:00:00.000Z</LastModified></DeleteMarker>"
        "</ListVersionsResult>"
    )
    assert [version.key for version in s3xml.version_page(xml.encode()).versions] == ["a", "b"]


def test_something_else_than_a_listing_is_refused():
    import pytest

    with pytest.raises(ValueError, match="cannot be read"):
        s3xml.object_page(b"<Contents>")
