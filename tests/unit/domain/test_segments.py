"""How a text is cut on the air: 160/153 septets, 70/67 UTF-16 units, pairs never parted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.segments import (
    BASIC,
    EXTENSION,
    Encoding,
    Segments,
    encoding_of,
    price_micros,
    segments,
)

GSM7, UCS2 = Encoding.GSM7, Encoding.UCS2
GSM_TEXT = st.text(st.sampled_from(sorted(BASIC | EXTENSION)), max_size=1000)


def oracle(text):
    """Cut the text the slow way, part by part, and return the parts."""
    gsm = all(letter in BASIC or letter in EXTENSION for letter in text)

    def size(part):
        if gsm:
            return sum(2 if letter in EXTENSION else 1 for letter in part)
        return len(part.encode("utf-16-be", "surrogatepass")) // 2

    whole, room = (160, 153) if gsm else (70, 67)
    if size(text) <= whole:
        return [size(text)], whole
    parts, current = [], ""
    for letter in text:
        if size(current + letter) > room:
            parts.append(size(current))
            current = ""
        current += letter
    return [*parts, size(current)], room


def test_the_alphabet_is_the_one_of_the_standard():
    assert (len(BASIC), len(EXTENSION)) == (127, 10)
    assert not BASIC & EXTENSION
    assert set("`ç€") & BASIC == set()  # often thought to be in it
    assert set("ÇàÆΞ¤§¿\r\n") <= BASIC


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Segments(GSM7, 0, 1, 160)),
        ("Hello", Segments(GSM7, 5, 1, 155)),
        ("a" * 160, Segments(GSM7, 160, 1, 0)),
        ("a" * 161, Segments(GSM7, 161, 2, 145)),
        ("a" * 306, Segments(GSM7, 306, 2, 0)),
        ("a" * 307, Segments(GSM7, 307, 3, 152)),
        ("€", Segments(GSM7, 2, 1, 158)),
        ("€" * 80, Segments(GSM7, 160, 1, 0)),
        ("€" * 81, Segments(GSM7, 162, 2, 143)),  # 76 pairs in the first part: 153 is odd
        ("a" * 152 + "€" + "a" * 7, Segments(GSM7, 161, 2, 144)),
        ("ç", Segments(UCS2, 1, 1, 69)),
        ("ж" * 70, Segments(UCS2, 70, 1, 0)),
        ("ж" * 71, Segments(UCS2, 71, 2, 63)),
        ("🙂" * 35, Segments(UCS2, 70, 1, 0)),
        ("🙂" * 36, Segments(UCS2, 72, 2, 61)),  # 33 pairs in the first part: 67 is odd
        ("a" * 159 + "🙂", Segments(UCS2, 161, 3, 40)),  # one emoji turns all of it
        ("\ud83d", Segments(UCS2, 1, 1, 69)),  # half of an emoji
        ("a" * 1600, Segments(GSM7, 1600, 11, 83)),
    ],
)
def test_known_texts(text, expected):
    assert segments(text) == expected


@given(st.one_of(GSM_TEXT, st.text(max_size=400)))
def test_it_agrees_with_the_slow_way(text):
    parts, room = oracle(text)
    cut = segments(text)
    assert (cut.count, cut.units, cut.left_in_last) == (len(parts), sum(parts), room - parts[-1])


@given(GSM_TEXT, st.text(max_size=50))
def test_more_text_never_takes_fewer_parts(text, more):
    assert segments(text + more).count >= segments(text).count


@given(GSM_TEXT)
def test_the_default_alphabet_is_enough_for_its_own_characters(text):
    assert encoding_of(text) is GSM7
    assert encoding_of(text + "…") is UCS2


@pytest.mark.parametrize(
    ("usd", "micros"),
    [
        ("0.0079", 15_800),
        ("", 0),
        ("0", 0),
        ("cheap", 0),
        ("-1", 0),
        ("NaN", 0),
        ("Infinity", 0),
    ],
)
def test_the_price_is_that_of_all_parts(usd, micros):
    assert price_micros("a" * 161, usd) == micros
