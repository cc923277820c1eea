"""Silence is measured against the handle's own habit, by the hour of the week."""

import math
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.silence import HOUR, WEEK, silence

MONDAY = datetime(2026, 11, 2, 0, 0, tzinfo=UTC)
"""A Monday at midnight."""


def habit(weeks: int, *, hours: range = range(9, 17), each: int = 3, days: int = 5) -> dict:
    """Return counts of `weeks` weeks before MONDAY: `each` messages an hour at work."""
    return {
        MONDAY - week * WEEK + timedelta(days=day, hours=hour): each
        for week in range(1, weeks + 1)
        for day in range(days)
        for hour in hours
    }


def test_a_quiet_night_and_weekend_are_no_silence():
    counts = habit(4)
    assert silence(counts, MONDAY + timedelta(hours=8)) is None
    assert silence(counts, MONDAY + timedelta(hours=9, minutes=59)) is None


def test_a_quiet_morning_after_busy_ones_is_silence_as_soon_as_it_is_unlikely():
    counts = habit(4)  # three an hour: after two hours 6 are missed, after three 9
    assert silence(counts, MONDAY + timedelta(hours=11, minutes=30)) is None
    found = silence(counts, MONDAY + timedelta(hours=12))
    assert found is not None
    assert found.expected == 9
    assert found.since == MONDAY - timedelta(days=2, hours=7)  # Friday at five


def test_the_limit_is_one_in_a_thousand():
    # exp(-6.9) is just above and exp(-7) just below 0.001
    assert math.exp(-6.9) > 0.001 > math.exp(-7)
    for each, hours, silent in ((7, 1, True), (6, 1, False)):
        counts = habit(8, hours=range(9, 10), each=each)
        now = MONDAY + timedelta(hours=9 + hours)
        assert (silence(counts, now) is not None) is silent


def test_one_message_ends_the_silence():
    counts = habit(4) | {MONDAY + timedelta(hours=11): 1}
    assert silence(counts, MONDAY + timedelta(hours=12)) is None


def test_a_handle_without_a_week_of_habit_is_not_called_silent():
    assert silence({}, MONDAY) is None
    assert silence({MONDAY: 0}, MONDAY + 2 * WEEK) is None
    counts = {MONDAY + number * HOUR: 50 for number in range(24)}
    assert silence(counts, MONDAY + timedelta(days=6, hours=23)) is None


def test_hours_before_the_first_message_are_not_held_against_the_habit():
    one_week = silence(habit(1, each=4), MONDAY + timedelta(hours=11))
    eight = silence(habit(8, each=4), MONDAY + timedelta(hours=11))
    assert one_week is not None
    assert eight is not None
    assert one_week.expected == eight.expected == 8


def test_a_handle_dead_for_long_stays_silent():
    assert silence(habit(8), MONDAY + timedelta(weeks=5)) is not None


def test_hours_of_the_week_that_nobody_could_have_known_expect_nothing():
    counts = {MONDAY - WEEK - HOUR: 1}
    assert silence(counts, MONDAY + HOUR) is None


@given(st.lists(st.integers(0, 400), min_size=1, max_size=60), st.integers(0, 400))
def test_silence_is_never_called_with_a_message_in_the_last_hour(hours, after):
    counts = {MONDAY + hour * HOUR: 2 for hour in hours}
    last = MONDAY + (max(hours) + after) * HOUR
    counts[last] = 1
    assert silence(counts, last + HOUR) is None
