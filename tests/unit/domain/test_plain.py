"""Plain text: what only looks different becomes the same, and every character keeps its place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.plain import MOST_CHARACTERS, plain
from tests.unit.domain.wide import wide


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\tb", "a b"),
        (wide("4111"), "4111"),
        ("٠٣٠", "030"),
        ("\U0001d7d9\U0001d7da", "12"),
        (wide("ana@") + "example", "ana@example"),
        ("12\u200b34\u2060\ufeff56\u00ad78", "12345678"),
        ("1\ufe0f\u20e3 2\ufe0f\u20e3", "1 2"),
        ("12\u201334\u201456\u221278\u201190", "12-34-56-78-90"),
        ("a\u00a0b\u2009c\td", "a b c d"),
        ("a\u2028b\u0085c", "a\nb\nc"),
        ("ﬁ", "fi"),
        ("naïve ß", "naïve ß"),
        ("", ""),
    ],
)
def test_what_only_looks_different_is_the_same(text, expected):
    assert plain(text).text == expected


@given(st.text(max_size=60))
def test_every_character_knows_where_it_came_from(text):
    made = plain(text)
    for place, character in enumerate(made.text):
        start, end = made.place(place, place + 1)
        assert end == start + 1
        assert character in plain(text[start:end]).text


@given(st.text(max_size=60))
def test_a_plain_text_stays_as_it_is(text):
    once = plain(text).text
    assert plain(once).text == once or not once.isascii()


def test_a_stretch_over_something_unseen_covers_it():
    made = plain("x" + wide(" 4") + "\u200b" + wide("1") + " y")
    start = made.text.index("41")
    assert made.place(start, start + 2) == (2, 5)


def test_no_more_is_looked_at_than_any_channel_takes():
    assert len(plain("x" * (MOST_CHARACTERS + 9)).text) == MOST_CHARACTERS
    assert len(plain(wide("x") * (MOST_CHARACTERS + 9)).text) == MOST_CHARACTERS
