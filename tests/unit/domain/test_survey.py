"""Surveys: answers are recognised, ordinary sentences and requests are not taken for them."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chalicelib.domain.survey import Answer, is_thanks, recognise

ANSWERS = {
    "4": Answer(4),
    " 4 ": Answer(4),
    "5!": Answer(5),
    "5.": Answer(5),
    "'5'": Answer(5),
    "(4)": Answer(4),
    "\uff14": Answer(4),
    "4/5": Answer(4),
    "4 / 5": Answer(4),
    "4 out of 5": Answer(4),
    "4 of 5": Answer(4),
    "4 von 5 Sternen": Answer(4, "Sternen"),
    "5️⃣": Answer(5),
    "⭐⭐⭐⭐": Answer(4),
    "⭐️⭐️ slow": Answer(2, "slow"),
    "★★★☆☆": Answer(3),
    "⭐⭐⭐⭐⭐⭐⭐": Answer(5),
    "five": Answer(5),
    "Five!": Answer(5),
    "two stars": Answer(2),
    "4 - great help": Answer(4, "great help"),
    "3\nslow but kind": Answer(3, "slow but kind"),
    "1, still nothing": Answer(1, "still nothing"),
    "5 great help": Answer(5, "great help"),
    "5. Great": Answer(5, "Great"),
    "5/5 perfect": Answer(5, "perfect"),
    "5 👍": Answer(5, "👍"),
    "5 - but where is it?": Answer(5, "but where is it?"),
}
REQUESTS = (
    "",
    "   ",
    "...",
    "0",
    "6",
    "45",
    "4.5",
    "4,5",
    "5.000",
    "-5",
    "$5",
    "5%",
    "5€",
    "5% off",
    "5° in here",
    "1st",
    "2x",
    "5/50",
    "3/4",
    "4-5 days",
    "4 - 5 people",
    "5, 6 and 7 May",
    "4:30 pm",
    "2-year warranty",
    "2 of my 3 parcels",
    "2 of 5 items",
    "3 people told me that",
    "1. My order is late",
    "1) it broke",
    "one more thing",
    "five minutes ago it broke",
    "3 useless calls later and still nothing from you",
    "Where is my parcel?",
    "I would give you 5",
    "order 5",
    "½",
)


@pytest.mark.parametrize(("text", "answer"), ANSWERS.items())
def test_what_people_answer_is_recognised(text, answer):
    assert recognise(text) == answer


@pytest.mark.parametrize("text", REQUESTS)
def test_what_people_ask_is_not_taken_for_an_answer(text):
    assert recognise(text) is None


@given(st.text(max_size=60))
@example("1\x1f")
def test_an_answer_is_a_score_and_words_of_the_text(text):
    found = recognise(text)
    if found is not None:
        assert 1 <= found.score <= 5
        assert found.words == found.words.strip()


WORDS = st.sampled_from(
    """I my the parcel order still not where when is it broken since days items people have please
    again yesterday""".split()
)


@given(st.integers(0, 99), st.lists(WORDS, min_size=1, max_size=12).map(" ".join))
def test_an_ordinary_sentence_that_begins_with_a_number_is_for_a_person(number, words):
    assert recognise(f"{number} {words}") is None


@given(st.lists(WORDS, min_size=1, max_size=12).map(" ".join), st.text(max_size=9))
def test_an_ordinary_sentence_is_for_a_person(words, end):
    assert recognise(f"{words} {end}") is None


@given(st.integers(1, 5), st.sampled_from(["", "!", " - ok", "\nthank you", "/5", " out of 5"]))
def test_a_score_is_always_read_as_what_it_is(score, rest):
    assert recognise(f"{score}{rest}").score == score


def test_an_answer_that_asks_wants_a_person():
    assert Answer(5, "but when?").asks
    assert not Answer(5, "thanks").asks


@pytest.mark.parametrize(
    "text",
    [
        "Thanks!",
        "thank you so much",
        "Vielen Dank",
        "merci beaucoup",
        "ok thanks",
        "👍",
        "❤️❤️",
        "ありがとうございます",
        "Great, thanks again",
    ],
)
def test_thanks_ask_for_nothing(text):
    assert is_thanks(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "ok",
        "great",
        "no thanks",
        "Thanks, but it is still broken",
        "Thanks?",
        "thanks, order 12345",
        "5",
        "it works now",
        "thanks " * 9,
        "👍 5",
        "Why?",
    ],
)
def test_what_may_ask_for_something_is_no_thanks(text):
    assert not is_thanks(text)


def test_thanks_with_a_file_are_a_message():
    assert not is_thanks("Thanks!", attachments=1)


@given(st.text(max_size=40))
def test_a_question_or_a_number_is_never_thanks(text):
    assert not is_thanks(f"{text}?")
    assert not is_thanks(f"{text}7")
