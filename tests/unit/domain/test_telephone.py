"""Telephone numbers: where digits are worth a look, and when they only look like a number."""

import pytest

from chalicelib.domain.telephone import is_dialled, runs


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("call 030 23125 123 now", ["030 23125 123"]),
        ("+44 20 7946 0958, (202) 555-0123", ["+44 20 7946 0958", "(202) 555-0123"]),
        ("123456", []),
        ("12 apples, 34 pears, 567890", []),
        ("1234567", ["1234567"]),
        ("1" * 40, ["1" * 40]),
        ("1" * 41, []),
        ("a" * 99, []),
    ],
)
def test_stretches_with_enough_digits_are_looked_at(text, expected):
    assert [text[start:end] for start, end in runs(text)] == expected


def test_a_text_full_of_numbers_is_looked_at_for_a_while():
    assert len(list(runs("1234567 x " * 1000))) == 200


@pytest.mark.parametrize(
    "text",
    [
        "<+44 20 7946 0958>",
        "order +442079460958 for me",
        "<(+44) 20 7946 0958>",
        "<030 23125 123>.",
        "<03023125123>",
        "<03023125123>.",
        "<202-555-0123>",
        "call me at <2025550123>",
        "Telefon: <23125123>",
        "Telefonnummer: <03023125123>",
        "Handynr <03023125123>",
        "MA <202-555-0123>",
        "Ma 1,50. <202-555-0123>",
        "call <202.555-0123>",
        "<030/23125-123>",
        "<02110-1301>",
        "llámame al <611000000>",
        "my number is <2025550123>",
        "my card and <(202) 555-0123>",
        "see www.example.com\n<030 23125 123>",
        "<202-555-0123> 3 items",
        "<10 20 30 40 50>",
    ],
)
def test_numbers_that_are_dialled(text):
    assert dialled(text if "<" in text else text.replace("+442079460958", "<+442079460958>"))


@pytest.mark.parametrize(
    "text",
    [
        "<2025550123>",
        "order <202-555-0123>",
        "call about order <2025550123>",
        "Bestellnummer <0302312512>",
        "#<202-555-0123>",
        "A<202-555-0123>",
        "<202-555-0123>A",
        "<202-555-0123>_1",
        "/<202-555-0123>",
        "https://example.com/p?id:<0302312512>",
        "www.example.com/x-<0302312512>",
        "<2026-11-02>",
        "<2026-11-02 10> 30",
        "<02.11.2026>",
        "<11/02/2026>",
        "<2019-2023>",
        "<10.30 - 12.45> h",
        "<192.168.100.200>",
        "<1.299.000>",
        "<52.520008>",
        "<611 000 000> €",
        "<611 000 000>€",
        "<611 000 000> euros",
        "$<202 555 0123>",
        "<202 555 0123> USD",
        "<202 555 0123>%",
        "0.<28.1 / 2.34.2 / 2.8>",
        "1,<202-555-0123>",
        "Boston, MA  <02110-1301> USA",
        "Clause <252.227-7013>",
        "<0.28.1 / 2.34.2 / 2.8>.0",
        "Vertragsnr. <0302312512>",
        "Zählernummer <0302312512>",
        "booking <202-555-0123>",
    ],
)
def test_dates_prices_orders_and_links_are_not(text):
    assert not dialled(text)


def dialled(text):
    start = text.index("<")
    end = text.index(">") - 1
    return is_dialled(text.replace("<", "").replace(">", ""), start, end)
