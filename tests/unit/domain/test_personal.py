"""Personal data: findings are merged and compared, and never repeated."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.personal import RANK, Finding, kinds, merged, without
from tests.unit.domain.wide import wide

LENGTH = 40
findings = st.lists(
    st.builds(
        lambda kind, start, size: Finding(kind, start, min(LENGTH, start + size)),
        st.sampled_from(RANK),
        st.integers(0, LENGTH - 1),
        st.integers(1, 12),
    ),
    max_size=8,
)


@given(findings)
def test_merged_findings_are_sorted_apart_and_cover_the_same_places(found):
    made = merged(found)
    assert list(made) == sorted(made, key=lambda one: one.start)
    assert all(one.end <= later.start for one, later in itertools.pairwise(made))
    covered = {place for one in found for place in range(one.start, one.end)}
    assert covered == {place for one in made for place in range(one.start, one.end)}
    assert merged(made) == made


def test_of_two_kinds_in_one_place_the_one_that_says_more_counts():
    found = merged([Finding("phone", 3, 12), Finding("card", 0, 19), Finding("phone", 19, 25)])
    assert found == (Finding("card", 0, 19), Finding("phone", 19, 25))


def test_kinds_are_named_once_and_sorted():
    assert kinds([Finding("phone", 0, 2), Finding("card", 3, 5), Finding("phone", 6, 8)]) == (
        "card",
        "phone",
    )
    assert kinds([]) == ()


ALLOWED = (
    "+49 30 23125 100",
    "help@example.com",
    "@shop.example.com",
    "Hauptstraße 12, 10115 Berlin",
    "DE89 3704 0044 0532 0130 00",
)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("phone", "+493023125100"),
        ("phone", "030 / 23125-100"),
        ("phone", "0049 30 23125 100"),
        ("phone", "+49 (0)30 23125 100"),
        ("phone", wide("+49 30 23125 100")),
        ("email", "Help@Example.com"),
        ("email", "hel\u200bp@example.com"),
        ("email", "orders@shop.example.com"),
        ("address", "HAUPTSTRASSE 12"),
        ("address", "Hauptstraße 12 10115 Berlin"),
        ("iban", "de89370400440532013000"),
    ],
)
def test_what_the_brand_makes_known_itself_is_allowed_however_it_is_written(kind, text):
    assert without([Finding(kind, 0, len(text))], text, ALLOWED) == ()


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("phone", "030 23125 101"),
        ("phone", "23125 100"),
        ("phone", "+44 1234 30 23125 100"),
        ("phone", "+()"),
        ("email", "ana@example.com"),
        ("email", "ana@notshop.example.com"),
        ("email", "nohelp@example.com"),
        ("email", "help@example.com.evil.example"),
        ("address", "Hauptstraße 1"),
        ("address", "Hauptstraße 120"),
        ("address", "10115 Hauptstraße 12"),
        ("address", "---"),
        ("iban", "DE89 3704 0044 0532 0130 01"),
        ("card", "---"),
    ],
)
def test_what_only_resembles_the_brands_own_is_not_allowed(kind, text):
    found = Finding(kind, 0, len(text))
    assert without([found], text, ALLOWED) == (found,)


def test_only_the_brands_own_is_left_out():
    text = "Write to help@example.com or ana@example.com"
    found = [Finding("email", 9, 25), Finding("email", 29, 44)]
    assert without(found, text, ALLOWED) == (found[1],)
    assert without(found, text, ()) == tuple(found)
