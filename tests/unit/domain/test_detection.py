"""Detection: what is personal data and what only resembles it; precision before recall.

Card numbers are the networks' published test numbers, account numbers the examples of the IBAN
registry; their checks were counted again by `is_card` and by hand (mod 97).
"""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.detection import find
from chalicelib.domain.payment import IBAN_LENGTHS, is_card, is_iban
from chalicelib.domain.plain import MOST_CHARACTERS
from tests.fakes.effort import least
from tests.unit.domain.wide import wide


def found(text):
    return [(one.kind, text[one.start : one.end]) for one in find(text)]


MAILBOXES = {
    "ana@example.com": "ana@example.com",
    "Write to Ana.B+care@mail.example.co.uk!": "Ana.B+care@mail.example.co.uk",
    "(ana_b@example.com)": "ana_b@example.com",
    "mailto:ana@example.com.": "ana@example.com",
    "...ana@example.com": "ana@example.com",
    "jürgen@müller.example": "jürgen@müller.example",
    "ana@xn--bcher-kva.xn--p1ai": "ana@xn--bcher-kva.xn--p1ai",
    wide("ana@") + "example.com": wide("ana@") + "example.com",
    "an\u200ba@example.com": "an\u200ba@example.com",
    "ana (at) example dot com": "ana (at) example dot com",
    "ana[at]example[dot]co[dot]uk": "ana[at]example[dot]co[dot]uk",
    "I am ana {AT} example.com, ok?": "ana {AT} example.com",
    "ana(at)beispiel punkt example": "ana(at)beispiel punkt example",
    "ana (at) example (dot) com": "ana (at) example (dot) com",
}


@pytest.mark.parametrize("text", MAILBOXES)
def test_mail_addresses_are_found_also_when_they_hide_from_machines(text):
    assert found(text) == [("email", MAILBOXES[text])]


@pytest.mark.parametrize(
    "text",
    [
        "@ana",
        "@ana@mastodon.example is right",
        "Thanks @ana and @acme.example!",
        "see you @ home",
        "logo@2x.png",
        "lodash@4.17.21",
        "ana@localhost",
        "ana@example",
        "ana.@example.com",
        "@example.com",
        "a@b@c",
        "5@10.99 each",
        "look at example dot com",
        "I was (at) home. Then I left",
        "meet (at) 10.30",
        "(at) example.com",
        "price: 3 [at] 9.99",
        "ana@-.com",
        "ana@example.com@other",
        "",
    ],
)
def test_names_of_people_files_and_places_are_no_mail_addresses(text):
    assert found(text) == []


CARDS = [
    "4111111111111111",
    "4111 1111 1111 1111",
    "4111-1111-1111-1111",
    "5555 5555 5555 4444",
    "2223 0031 2200 3222",
    "3782 822463 10005",
    "371449635398431",
    "6011 1111 1111 1117",
    "3530 1113 3330 0000",
    "3056 930902 5904",
    "6212 3456 7890 1265",
    "6759 6498 2643 8453",
    "4000 0000 0000 0000 121",
    wide("4111 1111 1111 1111"),
    "4111\u200b1111\u200b1111\u200b1111",
]


@pytest.mark.parametrize("number", CARDS)
@pytest.mark.parametrize("around", ["{}", "my card {} is refused", "Karte:{}.", "{} 12/27 123"])
def test_card_numbers_are_found_in_one_piece_and_in_printed_groups(number, around):
    assert found(around.format(number)) == [("card", number)]


@pytest.mark.parametrize(
    "text",
    [
        "4111 1111 1111 1112",  # does not add up
        "1111 1111 1111 1117",  # no issuer's
        "order 4111111111111111",
        "Bestellnummer: 4111111111111111",
        "Tracking no. 4111111111111111",
        "pedido n.º 4111111111111111",
        "ORD4111111111111111",
        "#4111111111111111",
        "4111111111111111A",
        "4111111111111111_2",
        "/4111111111111111",
        "41111111 111 11111",  # not how cards are printed
        "4111 1111 1111",
        "4222222222222",  # thirteen digits: the number under a bar code
        "4006381333931",  # an EAN-13
        "0000000000000000",
        "3333333333333333",
        "12345678901234567890123",
        "2026-11-02 10:30 4111",
        "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16",
    ],
)
def test_order_numbers_and_other_digits_are_no_cards(text):
    assert found(text) == []


def test_two_cards_in_a_row_are_two():
    text = "4111 1111 1111 1111 5555 5555 5555 4444"
    assert [kind for kind, _ in found(text)] == ["card", "card"]


def test_a_card_that_could_begin_within_another_is_none():
    assert found("4000 4000 4012 0002 0008") == [("card", "4000 4000 4012 0002")]


@given(st.integers(10**12, 10**19))
def test_a_changed_digit_makes_a_card_none(number):
    digits = str(number)
    if is_card(digits):
        last = str((int(digits[-1]) + 1) % 10)
        assert not is_card(digits[:-1] + last)


ACCOUNTS = [
    "DE89 3704 0044 0532 0130 00",
    "DE89370400440532013000",
    "GB29 NWBK 6016 1331 9268 19",
    "FR14 2004 1010 0505 0001 3M02 606",
    "ES91-2100-0418-4502-0005-1332",
    "NL91ABNA0417164300",
    "it60x0542811101000000123456",
    "CH93 0076 2011 6238 5295 7",
    "AT61 1904 3002 3457 3201",
    "BE68 5390 0754 7034",
    "NO93 8601 1117 947",
    "MT84 MALT 0110 0001 2345 MTLC AST0 01S",
]


@pytest.mark.parametrize("account", ACCOUNTS)
def test_bank_account_numbers_are_found_however_they_are_grouped(account):
    assert found(f"IBAN {account}, please") == [("iban", account)]
    assert len("".join(filter(str.isalnum, account))) == IBAN_LENGTHS[account[:2].upper()]


@pytest.mark.parametrize(
    "text",
    [
        "DE88 3704 0044 0532 0130 00",  # does not add up
        "DE90 3704 0044 0532 0130 00",
        "DE89 3704 0044 0532 0130 0",  # too short
        "DE863704004405320130",  # adds up, and is too short for its country
        "DE89 3704 0044 0532 0130 000",  # too long
        "XX89 3704 0044 0532 0130 00",  # no such country
        "ADE89370400440532013000",
        "NO15 people came to see us",
        "de10 and a great many words follow here",
        "DE89  3704  0044!",
        "DE89 370\n",
    ],
)
def test_other_words_with_digits_are_no_accounts(text):
    assert "iban" not in [kind for kind, _ in found(text)]


def test_an_account_of_words_has_too_few_digits():
    assert not is_iban("NO15peoplecame0")


ADDRESSES = {
    "I live at 12 Baker Street": "12 Baker Street",
    "12 Baker Street, London NW1 6XE": "12 Baker Street, London NW1 6XE",
    "123 Main St, Springfield, IL 62704": "123 Main St, Springfield, IL 62704",
    "ship to 8a Old Mill Lane Dublin D02 X285": "8a Old Mill Lane Dublin D02 X285",
    "40 Queen Street, Toronto, ON M5H 2N2": "40 Queen Street, Toronto, ON M5H 2N2",
    "5 George St, Sydney NSW 2000": "5 George St, Sydney NSW 2000",
    "My address is: 7 5th Avenue": "7 5th Avenue",
    "Hauptstraße 12, 10115 Berlin": "Hauptstraße 12, 10115 Berlin",
    "Hauptstr. 12a 10115 Berlin": "Hauptstr. 12a 10115 Berlin",
    "Am Alten Markt 5, 50667 Köln": "Am Alten Markt 5, 50667 Köln",
    "Berliner Str. 12, D-12345 Berlin": "Berliner Str. 12, D-12345 Berlin",
    "Mariahilfer Straße 12-14\n1060 Wien": "Mariahilfer Straße 12-14\n1060 Wien",
    "ich wohne in der Lindenstraße 4": "Lindenstraße 4",
    "12 rue de la Paix, 75002 Paris": "12 rue de la Paix, 75002 Paris",
    "12 bis avenue Victor Hugo 75116 Paris": "12 bis avenue Victor Hugo 75116 Paris",
    "j'habite au 3 rue Haute": "3 rue Haute",
    "Calle Mayor 5, 28013 Madrid": "Calle Mayor 5, 28013 Madrid",
    "C/ Gran Vía, nº 12, 2 B, 28013 Madrid": "C/ Gran Vía, nº 12, 2 B, 28013 Madrid",
    "vivo en la calle Mayor 5": "calle Mayor 5",
    "Via Roma 10, 00184 Roma": "Via Roma 10, 00184 Roma",
    "abito in via Garibaldi 8": "via Garibaldi 8",
    "Keizersgracht 123, 1015 CJ Amsterdam": "Keizersgracht 123, 1015 CJ",
    "ik woon op de Dorpsstraat 3": "Dorpsstraat 3",
}


@pytest.mark.parametrize("text", ADDRESSES)
def test_postal_addresses_of_six_languages_are_found(text):
    assert found(text) == [("address", ADDRESSES[text])]


@pytest.mark.parametrize(
    "text",
    [
        "See you at 10 Downing Street",
        "The shop in Baker Street was closed",
        "I waited 45 minutes in the street",
        "5 Stars for Abbey Road, best place ever",
        "Order 12345 is on its way",
        "Der Weg dauert 20 Minuten",
        "Spielplatz 3 Stunden 12345 Leute",
        "Ihr Platz 5 in 10115 Berlin",
        "Meine Bestellung 12345 Berlin kam nicht",
        "Ring 2 20000 Euro",
        "Am 12. 10115 Leute",
        "Hauptstraße 50% Rabatt",
        "la rue est belle",
        "3 place pour nous",
        "calle 5",
        "vorrei 5 pizze via 10 minuti 00184",
        "De straat 3 was leeg",
        "Auf Lager: 3 Stück, 10115 verkauft",
    ],
)
def test_streets_numbers_and_postcodes_by_themselves_are_no_addresses(text):
    assert found(text) == []


def test_several_kinds_in_one_text_are_found_in_their_order():
    text = "I'm ana@example.com, card 4111 1111 1111 1111, Hauptstraße 12, 10115 Berlin."
    assert [kind for kind, _ in found(text)] == ["email", "card", "address"]


@given(st.text(max_size=200))
def test_any_text_gives_findings_that_lie_in_it_in_order_and_apart(text):
    made = find(text)
    assert all(0 <= one.start < one.end <= len(text) for one in made)
    assert all(one.end <= later.start for one, later in itertools.pairwise(made))


@given(st.text("@.()[] atdo4111-DE89Straße12,\n\u200b" + wide("4"), max_size=300))
def test_texts_made_of_what_is_looked_for_are_read_to_their_end(text):
    assert find(text) == find(text)


HOSTILE = [
    "4",
    "4 ",
    "4111 ",
    "4-",
    "@",
    "a@",
    "a.",
    "a" * 64 + "@",
    "(at)",
    "a (at) a dot ",
    "GB29",
    "DE89 ",
    "12 Main ",
    "A ",
    "A" * 31 + " ",
    "Am Alten ",
    "a-",
    "calle a ",
    "via ",
    "12 rue de ",
    "12 rue de la ",
    "my address is ",
    "Straat laan",
    "Aastraat 1 ",
    "\u200b" + wide("4"),
    "\n",
]


MEASURABLE = 0.004
"""Seconds: below that, a reading says more of the clock than of the work."""


def growth(unit):
    """Return how often eight texts' work goes into that of one eight times as long.

    Both last about equally long, so that whatever slows this machine down slows both.
    """
    size = MOST_CHARACTERS // 16
    small, large = ((unit * (length // len(unit) + 1))[:length] for length in (size, 8 * size))
    eight = least(lambda: [find(small) for _ in range(8)])
    return least(find, large) / max(eight, MEASURABLE)


@pytest.mark.parametrize("unit", HOSTILE)
def test_eight_times_the_text_takes_nothing_like_sixty_four_times_the_work(unit):
    """Linear work gives 1, square work 8: the bound lies between them, and one of three counts."""
    assert any(growth(unit) < 4 for _ in range(3))
