"""What an answer to a page means, and whose telephone it came from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.page_answer import AGAINST, STOP, TAKE, UNKNOWN, WORDS, meaning, number


@pytest.mark.parametrize("word", sorted(WORDS))
def test_every_word_of_the_set_takes_the_page(word):
    assert meaning(word) == TAKE
    assert meaning(f"  {word.upper()}!\n") == TAKE


@pytest.mark.parametrize(
    "text",
    [
        "OK, on it",
        "ok thanks",
        "Yes.",
        "1)",
        "ack from the train",
        "D\N{RIGHT SINGLE QUOTATION MARK}accord",
        "Liked \N{LEFT DOUBLE QUOTATION MARK}HEARBACK BREACH\N{RIGHT DOUBLE QUOTATION MARK}",
    ],
)
def test_what_people_write_around_the_word_does_no_harm(text):
    assert meaning(text) == TAKE


@pytest.mark.parametrize("word", sorted(AGAINST))
def test_a_no_keeps_a_yes_from_counting(word):
    assert meaning(f"ok but {word} me") == UNKNOWN


@pytest.mark.parametrize("text", ["", "   ", "what is this?", "help", "12", "not ok", "oktober"])
def test_anything_else_is_not_understood(text):
    assert meaning(text) == UNKNOWN


@pytest.mark.parametrize("text", ["STOP", "unsubscribe", "arret"])
def test_a_word_by_which_the_carrier_stops_us_is_told_apart(text):
    assert meaning(text) == STOP


@pytest.mark.parametrize(
    "written",
    [
        "+15550100123",
        "+1 (555) 010-0123",
        "001 555 010 0123",
        "(+1) 555.010.0123",
        " +1-555-0100123 ",
    ],
)
def test_one_number_is_one_number_however_it_is_written(written):
    assert number(written) == "+15550100123"


@pytest.mark.parametrize("written", ["", "5550100123", "+", "+123456", "+" + "1" * 16, "00", "a"])
def test_what_could_be_anybodys_number_is_nobodys(written):
    assert number(written) == ""


@given(st.text())
def test_no_text_breaks_either(text):
    assert meaning(text) in (TAKE, STOP, UNKNOWN)
    assert number(text) == "" or number(text).startswith("+")
