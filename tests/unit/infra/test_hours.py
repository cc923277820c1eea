"""Opening hours of care.yaml become frames; work past midnight is split and nothing is lost."""

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.calendar import Frame
from infra import hours
from infra.care_file import CalendarShape

MIDNIGHT = time(0)
DAY = 24 * 60


def shape(**week):
    return CalendarShape(week=week)


def minutes(frame):
    closes = DAY if frame.closes == MIDNIGHT else frame.closes.hour * 60 + frame.closes.minute
    return closes - frame.opens.hour * 60 - frame.opens.minute


def clock(minute):
    return f"{minute // 60:02d}:{minute % 60:02d}"


def test_days_and_frames():
    made = hours.calendar(shape(monday=["13:00-17:30", "09:00-12:00"], Sunday=["10:00-24:00"]))
    assert made.week == {
        0: (Frame(time(9), time(12)), Frame(time(13), time(17, 30))),
        6: (Frame(time(10), MIDNIGHT),),
    }


def test_a_night_ends_on_the_next_day():
    """Also from Sunday to Monday."""
    made = hours.calendar(shape(sunday=["22:00-06:00"]))
    assert made.week == {0: (Frame(MIDNIGHT, time(6)),), 6: (Frame(time(22), MIDNIGHT),)}


@given(st.sampled_from(hours.DAYS), st.integers(0, DAY - 1), st.integers(0, DAY - 1))
def test_splitting_loses_no_minute(day, opens, closes):
    """A frame of any length keeps it, however it lies around midnight."""
    if opens == closes != 0:
        return
    made = hours.calendar(shape(**{day: [f"{clock(opens)}-{clock(closes)}"]}))
    total = sum(minutes(frame) for frames in made.week.values() for frame in frames)
    assert total == ((closes - opens) % DAY or DAY)


def test_special_days_and_holidays():
    day = date(2026, 12, 24)
    made = hours.calendar(
        CalendarShape(
            zone="Europe/Berlin", special_days={day: ["09:00-13:00"]}, holidays=[date(2026, 12, 25)]
        )
    )
    assert made.special_days == {day: (Frame(time(9), time(13)),)}
    assert made.holidays == {date(2026, 12, 25)}


@pytest.mark.parametrize(
    ("calendar", "words"),
    [
        (shape(mo=["09:00-17:00"]), "mo is no weekday"),
        (shape(monday=["nine to five"]), "'nine to five' on monday is no frame"),
        (shape(monday=["09:00"]), "'09:00' on monday is no frame"),
        (shape(monday=["25:00-26:00"]), "is no frame"),
        (shape(monday=["09:00-09:00"]), "is empty"),
        (shape(), "it never opens"),
        (shape(monday=[]), "it never opens"),
        (shape(monday=["09:00-12:00", "11:00-13:00"]), "the frames of monday overlap"),
        (shape(monday=["09:00-24:00", "20:00-22:00"]), "the frames of monday overlap"),
        (shape(monday=["22:00-06:00"], tuesday=["05:00-09:00"]), "the frames of tuesday overlap"),
        (CalendarShape(special_days={date(2026, 12, 24): ["22:00-02:00"]}), "goes past midnight"),
    ],
)
def test_what_is_wrong_is_told(calendar, words):
    (problem,) = hours.problems(calendar)
    assert words in problem


@pytest.mark.parametrize(
    "calendar",
    [
        shape(monday=["09:00-12:00", "12:00-13:00"]),
        shape(monday=["22:00-06:00"], tuesday=["06:00-09:00"]),
        CalendarShape(always=True),
        CalendarShape(special_days={date(2026, 12, 24): ["09:00-24:00"]}),
    ],
)
def test_what_is_well_is_let_through(calendar):
    """Frames may touch, and a calendar that is always open needs none."""
    assert list(hours.problems(calendar)) == []
