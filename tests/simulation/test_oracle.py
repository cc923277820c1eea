"""The oracle agrees with the golden vectors of the definitions, part 1."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.simulation import oracle
from tests.simulation.calendars import EVERY_DAY, HOURS, Hours

OFFICE = (("09:00", "17:00"),)
NIGHT = (("00:00", "02:00"), ("22:00", "24:00"))
VECTORS = {
    1: (None, "2026-03-06 10:00:07", 60, None, "2026-03-06 11:00:07"),
    2: (Hours("Europe/London", OFFICE), "2026-03-06 16:30", 60, None, "2026-03-09 09:30"),
    3: (Hours("America/New_York", OFFICE), "2026-03-06 21:30", 60, None, "2026-03-09 13:30"),
    4: (
        Hours("UTC", (("09:00", "12:00"), ("13:00", "17:00"))),
        "2026-03-02 11:45",
        30,
        None,
        "2026-03-02 13:15",
    ),
    5: (
        Hours("UTC", OFFICE, holidays=("2026-12-25",)),
        "2026-12-24 16:45",
        60,
        None,
        "2026-12-28 09:45",
    ),
    6: (
        None,
        "2026-03-02 10:00",
        240,
        ("2026-03-02 11:00", "2026-03-03 11:00"),
        "2026-03-03 14:00",
    ),
    7: (
        Hours("UTC", OFFICE),
        "2026-03-02 16:00",
        120,
        ("2026-03-02 16:30", "2026-03-02 20:00"),
        "2026-03-03 10:30",
    ),
    8: (Hours("UTC", OFFICE), "2026-03-07 12:00", 15, None, "2026-03-09 09:15"),
    9: (
        Hours("Europe/London", (("00:00", "24:00"),), EVERY_DAY),
        "2026-03-29 00:30",
        120,
        None,
        "2026-03-29 02:30",
    ),
    10: (Hours("UTC", OFFICE), "2026-03-02 16:00", 60, None, "2026-03-02 17:00"),
    11: (
        Hours("Asia/Kolkata", NIGHT, EVERY_DAY),
        "2026-03-02 17:00",
        180,
        None,
        "2026-03-02 20:00",
    ),
}


def at(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=UTC)


@pytest.mark.parametrize("vector", VECTORS.values(), ids=VECTORS)
def test_golden_vectors(monkeypatch, vector):
    hours, start, minutes, pause, due = vector
    if hours is not None:
        monkeypatch.setitem(HOURS, "golden", hours)
        oracle._of_day.cache_clear()
    running = [(at(start), None)]
    if pause is not None:
        running = [(at(start), at(pause[0])), (at(pause[1]), None)]
    name = "golden" if hours is not None else ""
    assert oracle.due(running, timedelta(minutes=minutes), name) == at(due)


def test_a_promise_is_not_due_in_a_span_that_ends_before():
    running = [(at("2026-03-02 10:00"), at("2026-03-02 10:30"))]
    assert oracle.due(running, timedelta(hours=1), "") is None
