"""Prices: every kind of work has one, and the sum is that of the price pages."""

from dataclasses import fields
from datetime import date

import pytest

from bench.prices import PRICES, READ_ON, Work, dollars, total


def test_every_kind_of_work_has_its_price_and_no_price_is_without_work():
    assert set(PRICES) == {field.name for field in fields(Work)}
    assert all(price > 0 for price in PRICES.values())


def test_the_table_has_a_date():
    assert date.fromisoformat(READ_ON) <= date(2026, 12, 31)


@pytest.mark.parametrize(
    ("work", "expected"),
    [
        (Work(transitions=1_000_000), 25.0),
        (Work(write_units=1_000_000), 0.625),
        (Work(read_units=1_000_000), 0.125),
        (Work(queue_requests=1_000_000), 0.50),
        (Work(api_requests=1_000_000), 3.50),
        (Work(invocations=1_000_000), 0.20),
        (Work(gb_seconds=1_000_000), 13.33),
        (Work(log_bytes=1_000_000_000), 0.50),
        (Work(), 0.0),
    ],
)
def test_a_million_of_each_costs_what_the_price_page_says(work, expected):
    assert total(work) == pytest.approx(expected)


def test_the_sum_is_of_all_kinds():
    work = Work(transitions=8, write_units=100, api_requests=10)
    assert total(work) == pytest.approx(sum(dollars(work).values()))
    assert total(work) == pytest.approx((8 * 25 + 100 * 0.625 + 10 * 3.5) / 1_000_000)
