"""The detector: telephone numbers by the library, with all that the domain finds itself.

The numbers are those that regulators keep for films and books, where there are such.
"""

import subprocess
import sys

import pytest

from chalicelib.gateways.detector import Detector
from tests.unit.domain.wide import wide


def found(text, region=""):
    return [(one.kind, text[one.start : one.end]) for one in Detector().find(text, region)]


@pytest.mark.parametrize(
    ("region", "text", "number"),
    [
        ("", "call +44 20 7946 0958 now", "+44 20 7946 0958"),
        ("", "+1 202-555-0123", "+1 202-555-0123"),
        ("", wide("+49 30 23125 123"), wide("+49 30 23125 123")),
        ("", "+49\u200b30 23125\u200b123", "+49\u200b30 23125\u200b123"),
        ("", "+49 (0)30 23125 123", "+49 (0)30 23125 123"),
        ("XX", "+44 20 7946 0958", "+44 20 7946 0958"),
        ("DE", "030 23125 123", "030 23125 123"),
        ("de", "Tel.: 030/23125123.", "030/23125123"),
        ("DE", "WhatsApp 0049 171 3920012", "0049 171 3920012"),
        ("US", "my cell is (202) 555-0123", "(202) 555-0123"),
        ("US", "202.555.0123", "202.555.0123"),
        ("US", "call me at 2025550123", "2025550123"),
        ("GB", "020 7946 0958", "020 7946 0958"),
        ("FR", "01 99 00 12 34", "01 99 00 12 34"),
    ],
)
def test_telephone_numbers_are_found_as_their_country_writes_them(region, text, number):
    assert found(text, region) == [("phone", number)]


@pytest.mark.parametrize(
    ("region", "text"),
    [
        ("", "030 23125 123"),  # whose country's?
        ("", "20 7946 0958"),
        ("US", "2025550123"),
        ("US", "Order #2025550123"),
        ("US", "order number 202-555-0123"),
        ("US", "tracking 9400 1000 0000 0000 0000 00"),
        ("US", "1Z999AA10123456784"),
        ("US", "192.168.100.200"),
        ("US", "from 2019-2023"),
        ("DE", "Bestellung 0302312512"),
        ("DE", "am 02.11.2026 um 10.30"),
        ("DE", "2026-11-02 10:30"),
        ("DE", "10.30-12.45 Uhr"),
        ("DE", "1.299.000 Euro"),
        ("DE", "52.520008, 13.404954"),
        ("DE", "https://example.com/p/0302312512"),
        ("ES", "611 000 000 €"),
        ("DE", "12345678901234567890123456789012345678901234567890"),
        ("", ""),
    ],
)
def test_orders_dates_prices_and_what_belongs_to_no_country_are_not(region, text):
    assert found(text, region) == []


def test_all_kinds_come_in_their_order_and_a_card_is_no_telephone_number():
    text = "ana@example.com or 202-555-0123, card 4111 1111 1111 1111"
    assert [kind for kind, _ in found(text, "US")] == ["email", "phone", "card"]


def test_two_numbers_are_two():
    text = "030 23125 123, 030 23125 124"
    assert found(text, "DE") == [("phone", "030 23125 123"), ("phone", "030 23125 124")]


def test_a_text_without_enough_digits_does_not_load_the_library():
    """It takes 50 ms: every cold start would pay for it."""
    script = (
        "import sys; from chalicelib.gateways.detector import Detector\n"
        "Detector().find('Where is my parcel 12345?', 'DE')\n"
        "assert 'phonenumbers' not in sys.modules\n"
        "Detector().find('+44 20 7946 0958', '')\n"
        "assert 'phonenumbers' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
