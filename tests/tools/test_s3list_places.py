"""s3list: which places are listed, with which roles, and whose objects are found there."""

import random

import pytest

from common import sources
from common.s3xml import Object
from tests.tools.s3list_files import source
from tools.s3list import places
from tools.s3list.places import Owner, Owners, Place

BUCKET = "bucket-a"


def parsed(*items):
    return [sources.parse(item) for item in items]


def place_of(*prefixes):
    owners = tuple(Owner(prefix, source_id=prefix) for prefix in sorted(prefixes))
    return Place(BUCKET, owners[0].prefix, owners, ("",))


def objects(*keys):
    return [Object(key, "2021-02-05T09:00:00.000Z", "e", 1, "STANDARD") for key in sorted(keys)]


def owners_found(place, page):
    return [
        (found.key, place.owners[owner].prefix)
        for owner, run in Owners(place).runs(page)
        for found in run
    ]


@pytest.mark.parametrize(
    ("prefixes", "keys"),
    [
        ([""], ["a", "b/c"]),
        (["", "b/"], ["a", "b/c", "b0"]),
        (["", "b/"], ["b/c", "b/d"]),
        (["", "b/"], ["a", "c"]),
        (["a", "a/", "a/b/", "a/b/c/"], ["a", "a!", "a/", "a/b", "a/b/", "a/b/c", "a/b/c/d", "aa"]),
        (["a", "aa", "aaa"], ["a", "aa", "aaa", "aaaa", "aab", "ab", "ac"]),
        (["", "b", "d"], ["a", "b", "ba", "c", "d", "e"]),
        (["", "\u00e9", "\U0001f600"], ["z", "\u00e9t", "\uffee", "\U0001f600x", "\U0001f601"]),
    ],
)  # fmt: skip
def test_each_object_belongs_to_the_longest_prefix(prefixes, keys):
    page = objects(*keys)
    expected = [(found.key, max(filter(found.key.startswith, prefixes), key=len)) for found in page]
    assert owners_found(place_of(*prefixes), page) == expected


def test_owners_agree_with_the_log_processors_rule_on_random_keys():
    chance = random.Random(41)
    for _ in range(400):
        words = ["".join(chance.choices("ab/", k=chance.randint(1, 5))) for _ in range(60)]
        prefixes = {"", *words[:6]}
        page = objects(*set(words[6:]))
        start = chance.randrange(len(page))
        page = page[start : start + chance.randint(1, 30)]
        expected = [
            (found.key, max(filter(found.key.startswith, prefixes), key=len)) for found in page
        ]
        assert owners_found(place_of(*prefixes), page) == expected


def test_a_page_below_one_prefix_is_not_cut():
    page = objects("b/1", "b/2", "b/3")
    [(owner, run)] = Owners(place_of("", "a/", "b/", "c/")).runs(page)
    assert run is page and owner == 2


def test_nested_prefixes_are_listed_once():
    outer, inner, apart = source(BUCKET, "logs/"), source(BUCKET, "logs/x/"), source("b2", "q/")
    found = places.of_sources(parsed(outer, inner, apart), parsed(outer, inner, apart), True)
    assert [(place.bucket, place.prefix) for place in found] == [
        ("b2", "q/"),
        (BUCKET, "logs/"),
    ]
    assert [owner.source_id for owner in found[1].owners] == [
        outer["integrationId"],
        inner["integrationId"],
    ]


def test_of_two_sources_with_one_prefix_the_older_one_owns_the_objects():
    young = source(BUCKET, "p/", createdAtTime="2021-05-01T00:00:00Z")
    old = source(BUCKET, "p/", createdAtTime="2020-05-01T00:00:00Z")
    [place] = places.of_sources(parsed(young, old), parsed(young, old), True)
    assert [owner.source_id for owner in place.owners] == [old["integrationId"]]
    assert place.roles == (old["logProcessingRole"], young["logProcessingRole"])


def test_a_source_that_was_not_asked_for_keeps_its_objects():
    wanted, other = source(BUCKET, ""), source(BUCKET, "x/")
    [place] = places.of_sources(parsed(wanted), parsed(wanted, other), True)
    assert [(owner.prefix, owner.is_wanted) for owner in place.owners] == [
        ("", True),
        ("x/", False),
    ]
    assert place.roles == (wanted["logProcessingRole"],)


def test_roles_of_the_place_come_before_others_of_the_bucket():
    here = source(BUCKET, "z/", createdAtTime="2021-05-01T00:00:00Z")
    elsewhere = source(BUCKET, "a/", createdAtTime="2020-05-01T00:00:00Z")
    same_role = source(BUCKET, "z/1/", logProcessingRole=here["logProcessingRole"])
    every = parsed(here, elsewhere, same_role)
    by_prefix = {place.prefix: place.roles for place in places.of_sources(every, every, True)}
    own, other = here["logProcessingRole"], elsewhere["logProcessingRole"]
    assert by_prefix == {"a/": (other, own), "z/": (own, other)}
    assert {place.roles for place in places.of_sources(every, every, False)} == {("",)}


def test_queue_and_scan_sources_lie_in_the_input_bucket():
    queue = source("", integrationType="aws-sqs", sqsConfig={"s3Bucket": "in", "logTypes": ["Q"]})
    scan = source("in", integrationType="aws-scan")
    every = parsed(queue, scan)
    found = places.of_sources(every, every, True)
    assert [(place.bucket, place.prefix) for place in found] == [
        ("in", "cloudsecurity"),
        ("in", "forwarder"),
    ]
    assert found[1].owners[0].log_types == ("Q",)


def test_unknown_types_and_sources_without_bucket_are_named():
    strange, homeless, fine = (
        source("", integrationType="gcs"), source(""), source("b", "")
    )  # fmt: skip
    named = parsed(strange, homeless, fine)
    reasons = places.left_out(named, parsed(homeless, fine))
    assert len(reasons) == 2
    assert strange["integrationId"] in reasons[0] and "gcs" in reasons[0]
    assert homeless["integrationId"] in reasons[1] and "no bucket" in reasons[1]


def test_fingerprint_changes_with_owners_but_not_with_roles():
    one = source(BUCKET, "p/")
    other_role = {**one, "logProcessingRole": "arn:aws:iam::123456789012:role/Other"}
    other_label = {**one, "integrationLabel": "Renamed"}

    def fingerprint(item):
        return places.fingerprint(places.of_sources(parsed(item), parsed(item), True))

    assert fingerprint(one) == fingerprint(other_role) != fingerprint(other_label)
