"""Shifts: who is planned to work when, and when nobody is."""

from datetime import time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain import shift
from chalicelib.domain.calendar import ALWAYS, Calendar, Frame, open_spans, working_time
from chalicelib.domain.shift import Shift
from tests.unit.domain.terms import BEGINNING, at

HOUR = 3600
DAY = Calendar(week=dict.fromkeys(range(5), (Frame(time(9), time(17)),)))
EVENING = Calendar(week=dict.fromkeys(range(7), (Frame(time(16), time(0)),)))
NIGHT = Calendar(week=dict.fromkeys(range(7), (Frame(time(22), time(0)), Frame(time(), time(6)))))
SHIFTS = (Shift("day", "care", DAY, ("ann",)), Shift("evening", "care", EVENING))


def test_a_calendar_is_open_from_its_first_instant_to_before_its_last():
    assert shift.is_open(DAY, at(0))
    assert not shift.is_open(DAY, at(-1))
    assert not shift.is_open(DAY, at(8 * HOUR))
    assert shift.is_open(DAY, at(8 * HOUR - 0.001))
    assert shift.is_open(ALWAYS, at(-1))


def test_a_shift_that_names_nobody_is_everybodys():
    assert shift.on_shift(SHIFTS, "care", "ann", at(0))
    assert not shift.on_shift(SHIFTS, "care", "bea", at(0))
    assert shift.on_shift(SHIFTS, "care", "bea", at(8 * HOUR))
    assert shift.on_shift(SHIFTS, "shop", "bea", at(0))


def test_a_team_without_shifts_has_none_that_is_open():
    assert shift.open_now(SHIFTS, "care", at(0))
    assert not shift.open_now(SHIFTS, "care", at(-1))
    assert not shift.open_now(SHIFTS, "shop", at(0))


def test_a_shift_opens_next_at_once_later_or_never():
    assert shift.next_opening(SHIFTS[0], at(60)) == at(60)
    assert shift.next_opening(SHIFTS[0], at(8 * HOUR)) == at(24 * HOUR)
    assert shift.next_opening(Shift("none", "care", Calendar()), at(0)) is None


def test_spans_that_touch_or_overlap_are_one():
    found = shift.spans([DAY, EVENING, NIGHT], at(0), at(24 * HOUR))
    assert found == ((at(0), at(21 * HOUR)),)
    assert shift.spans([DAY], at(HOUR), at(25 * HOUR)) == (
        (at(HOUR), at(8 * HOUR)),
        (at(24 * HOUR), at(25 * HOUR)),
    )
    assert shift.spans([EVENING, Calendar(), DAY], at(0), at(15 * HOUR)) == (
        (at(0), at(15 * HOUR)),
    )
    assert shift.spans([ALWAYS], at(0), at(1)) == ((at(0), at(1)),)
    assert shift.spans([ALWAYS], at(1), at(1)) == ()


def test_a_gap_is_what_is_wanted_and_not_covered():
    wanted = ((at(0), at(10)), (at(20), at(30)))
    assert shift.gaps(wanted, ()) == wanted
    assert shift.gaps(wanted, ((at(-5), at(40)),)) == ()
    assert shift.gaps(wanted, ((at(2), at(4)), (at(6), at(25)))) == (
        (at(0), at(2)),
        (at(4), at(6)),
        (at(25), at(30)),
    )


MINUTES = st.integers(-2000, 4000)


@given(MINUTES, st.integers(0, 3000))
def test_open_spans_hold_exactly_the_working_time(start, length):
    begin, end = at(start * 60), at((start + length) * 60)
    for calendar in (DAY, EVENING, NIGHT, ALWAYS, Calendar()):
        found = list(open_spans(calendar, begin, end))
        assert sum((b - a for a, b in found), timedelta()) == working_time(calendar, begin, end)
        assert found == sorted(found)
        assert all(begin <= opens < closes <= end for opens, closes in found)
    assert at(0) == BEGINNING
