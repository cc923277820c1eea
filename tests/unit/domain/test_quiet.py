"""Quiet hours: in one's own zone, over midnight, and none where they cannot be read."""

from datetime import UTC, datetime

import pytest

from chalicelib.domain.quiet import quiet


@pytest.mark.parametrize(
    ("hours", "zone", "hour", "wanted"),
    [
        ("22:00-07:00", "UTC", "22:00", True),
        ("22:00-07:00", "UTC", "06:59", True),
        ("22:00-07:00", "UTC", "07:00", False),
        ("22:00-07:00", "UTC", "12:00", False),
        ("12:00-13:00, 22:00-07:00", "UTC", "12:30", True),
        ("12:00-13:00", "UTC", "13:00", False),
        ("08:00-08:00", "UTC", "03:00", True),
        ("22:00-07:00", "Asia/Tokyo", "14:00", True),
        ("22:00-07:00", "America/New_York", "14:00", False),
        ("", "UTC", "03:00", False),
        ("at night", "UTC", "03:00", False),
        ("25:00-07:00", "UTC", "03:00", False),
        ("22:00-07:00", "Nowhere/City", "03:00", False),
        ("22:00-07:00", "", "03:00", False),
    ],
)
def test_quiet_hours(hours, zone, hour, wanted):
    at = datetime.fromisoformat(f"2026-11-02T{hour}").replace(tzinfo=UTC)
    assert quiet(hours, zone, at) is wanted
