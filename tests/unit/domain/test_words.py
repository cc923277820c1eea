"""Whole words are found in a text, whatever its case, accents and script."""

import pytest

from chalicelib.domain.words import found


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("refund", "I want a REFUND!"),
        ("refund", "refund"),
        ("Não", "nao, obrigado"),
        ("nao", "NÃO"),
        ("straße", "In der STRASSE"),
        ("money back", "my money\n  back, please"),
        ("c++", "I write c++, you know"),
        ("退款", "我要退款了"),
        ("환불", "환불해주세요"),
        ("คืนเงิน", "ขอคืนเงินด้วย"),
        ("x", "y x"),
    ],
)
def test_a_word_is_found_whole_in_any_case_and_with_any_accents(word, text):
    assert found(("nothing", word), text) == word


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("refund", "refundable"),
        ("refund", "prerefund"),
        ("fund", "refund"),
        ("क", "का"),
        ("a_b", "xa_bc"),
        ("", "anything"),
        ("  ", "any thing"),
        ("refund", ""),
    ],
)
def test_a_part_of_a_word_is_no_word(word, text):
    assert found((word,), text) == ""


def test_a_later_place_counts_when_an_earlier_one_is_a_part():
    assert found(("art",), "smart art") == "art"
