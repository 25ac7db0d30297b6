"""Which keys and versions come next in a listing."""

from itertools import pairwise

import pytest

from scripts.sandbox.aws.s3_paging import Item, Position, items, versions

KEYS = sorted(["a", "b/1", "b/2", "b/c/3", "b0", "c//", "d", "\U0001f600/x"])


@pytest.mark.parametrize(
    ("prefix", "delimiter", "after", "expected"),
    [
        ("", "", "", KEYS),
        ("b/", "", "", ["b/1", "b/2", "b/c/3"]),
        ("", "/", "", ["a", "b/", "b0", "c/", "d", "\U0001f600/"]),
        ("b/", "/", "", ["b/1", "b/2", "b/c/"]),
        ("b", "", "b/2", ["b/c/3", "b0"]),
        ("", "/", "b/", ["b0", "c/", "d", "\U0001f600/"]),
        ("", "/", "a", ["b/", "b0", "c/", "d", "\U0001f600/"]),
        ("c/", "/", "", ["c//"]),
        ("", "c/", "", ["a", "b/1", "b/2", "b/c/", "b0", "c/", "d", "\U0001f600/x"]),
        ("x", "/", "", []),
    ],
)
def test_keys_and_common_prefixes_follow_in_order(
    prefix: str, delimiter: str, after: str, expected: list[str]
) -> None:
    assert [item.name for item in items(KEYS, prefix, delimiter, after)] == expected


@pytest.mark.parametrize("delimiter", ["", "/"])
def test_stopping_anywhere_and_going_on_gives_the_whole(delimiter: str) -> None:
    whole = list(items(KEYS, "", delimiter, ""))
    for position, item in enumerate(whole):
        assert list(items(KEYS, "", delimiter, item.name)) == whole[position + 1 :]


def _ids_of(key: str) -> list[str]:
    return [f"{key}-{number}" for number in range(3)]


def test_versions_go_on_inside_a_key() -> None:
    whole = list(versions(["a", "b"], _ids_of, "", "", Position()))
    assert whole[:4] == [(Item("a", False), f"a-{n}") for n in range(3)] + [
        (Item("b", False), "b-0")
    ]
    for (item, version_id), following in pairwise(whole):
        assert next(versions(["a", "b"], _ids_of, "", "", Position(item.name, version_id))) == (
            following
        )


def test_versions_after_a_key_begin_at_the_next() -> None:
    found = versions(["a", "b"], _ids_of, "", "", Position("a"))
    assert [version_id for _, version_id in found] == ["b-0", "b-1", "b-2"]
