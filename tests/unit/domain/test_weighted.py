"""Weighted length: what X counts, by its published configuration."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.weighted import LINK_WEIGHT, weight


@pytest.mark.parametrize(
    ("text", "weighs"),
    [
        ("", 0),
        ("hello", 5),
        ("héllo", 5),
        ("he\u0301llo", 5),  # two code points that are one letter in NFC
        ("“quotes” and \u2013 dashes", 21),
        ("€", 2),
        ("日本語", 6),
        ("한국어", 6),
        ("\uff21\uff22\uff23", 6),
        ("Ω", 1),
        ("😀", 2),
        ("😀😀", 4),
        ("👍🏽", 2),
        ("👨\u200d👩\u200d👧\u200d👦", 2),
        ("❤\ufe0f", 2),
        ("❤\ufe0f\u200d🔥", 2),
        ("🇩🇪", 2),
        ("🇩🇪🇫🇷", 4),
        ("🇩", 2),
        ("1\ufe0f\u20e3", 2),
        ("1\u20e3", 2),
        ("123", 3),
        ("#1", 2),
        ("👨\u200d", 3),  # a joiner that joins nothing counts for itself
        ("🏴\U000e0067\U000e0062\U000e007f", 2),
    ],
)
def test_letters_and_emoji(text, weighs):
    assert weight(text) == weighs


@pytest.mark.parametrize(
    "link",
    [
        "https://example.com",
        "http://a.b",
        "https://example.com/a/very/long/path?with=a&query=as_well#and-more-of-it-than-23",
        "example.com",
        "shop.example.de/x",
    ],
)
def test_a_link_weighs_the_same_whatever_its_length(link):
    assert weight(link) == LINK_WEIGHT
    assert weight(f"see {link} now") == 4 + LINK_WEIGHT + 4


@pytest.mark.parametrize("text", ["ana@example.com", "$example.com", "v1.2", "e.g"])
def test_what_is_no_link_is_counted_by_its_letters(text):
    assert weight(text) == len(text)


def test_the_longest_post():
    assert weight("a" * 280) == 280
    assert weight("語" * 140) == 280
    assert weight("a" * 256 + " https://example.com/" + "b" * 300) == 280


@given(st.text(max_size=80))
def test_no_text_weighs_more_than_two_a_code_point_or_a_link_each(text):
    assert 0 <= weight(text) <= LINK_WEIGHT * max(1, len(text))


@given(st.text(alphabet=st.characters(max_codepoint=0x2FF), max_size=60))
def test_plain_letters_weigh_one_each_where_nothing_looks_like_a_link(text):
    plain = text.replace(".", " ").replace(":", " ")
    assert weight(plain) <= len(plain)
