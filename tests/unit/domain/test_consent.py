"""Which whole messages ask for no more messages, or for messages again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.consent import START, STOP, asks_help, consent


@pytest.mark.parametrize(
    "text",
    [
        *"STOP STOPALL UNSUBSCRIBE CANCEL END QUIT OPTOUT REVOKE".split(),
        *"STOPP Abmelden ARRET Arrêt ALTO Baja parar désabonner".split(),
        *("stop", "Stop.", " STOP!! ", "«stop»", "\nStop\n", "STOP ALL", "opt  out", "OPT-OUT"),
    ],
)
def test_these_ask_for_no_more_messages(text):
    assert consent(text) == STOP


@pytest.mark.parametrize("text", ["START", "yes", "Unstop", "“Start”", "YES!"])
def test_these_ask_for_messages_again(text):
    assert consent(text) == START


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "...", "🙂"),
        *("stop it", "please stop", "stop the order, please", "don't stop", "Yes please"),
        *("stopover", "unstoppable", "the end", "weekend", "non-stop"),
    ],
)
def test_a_sentence_is_no_opt_out(text):
    assert consent(text) == ""


@pytest.mark.parametrize("text", ["CANCEL", "END", "QUIT", "YES"])
def test_words_that_only_carriers_take_so_mean_nothing_elsewhere(text):
    assert consent(text, carrier=False) == ""


def test_the_plain_words_count_everywhere():
    assert (consent("STOP", carrier=False), consent("START", carrier=False)) == (STOP, START)


@pytest.mark.parametrize("text", ["HELP", "info", "Hilfe!", "aide", "AYUDA"])
def test_help_is_recognised_and_is_no_consent(text):
    assert asks_help(text)
    assert consent(text) == ""


def test_a_cry_for_help_with_words_is_not_the_keyword():
    assert not asks_help("help, my parcel is gone")


@given(st.text())
def test_any_text_has_an_answer(text):
    assert consent(text) in (STOP, START, "")
    assert consent(f"¡{text}!") == consent(text)
