"""Budgets are by calendar month in UTC, in millionths of a dollar."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from chalicelib.domain.budget import month, monthly_limit, nearly_spent
from chalicelib.domain.channel import Channel
from chalicelib.domain.policy import Handle

HANDLE = Handle("acme-x", Channel.X, "1", "@acme", "care")


@pytest.mark.parametrize(
    ("said", "micros"), [("25", 25_000_000), ("0.07", 70_000), ("0", 0), ("1e-6", 1)]
)
def test_dollars_become_millionths(said, micros):
    assert monthly_limit(replace(HANDLE, settings={"monthly_budget_usd": said})) == micros


def test_no_setting_is_no_limit():
    assert monthly_limit(HANDLE) is None


def test_a_month_begins_at_midnight_in_utc():
    zone = timezone(timedelta(hours=-5))
    assert month(datetime(2026, 11, 30, 18, 59, tzinfo=zone)) == "2026-11"
    assert month(datetime(2026, 11, 30, 19, 0, tzinfo=zone)) == "2026-12"
    assert month(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01"


def test_people_are_told_above_four_fifths():
    assert [nearly_spent(spent, 100) for spent in (80, 81, 100)] == [False, True, True]
    assert not nearly_spent(10**9, None)
