"""Calendars: what is open, across weekends, holidays, nights and changes of the clock."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from chalicelib.domain.calendar import (
    ALWAYS,
    Calendar,
    CalendarError,
    Frame,
    add_working_time,
    working_time,
)
from tests.fakes.effort import bounded

HOUR = timedelta(hours=1)
NINE_TO_FIVE: tuple[Frame, ...] = (Frame(time(9), time(17)),)
WEEKDAYS = dict.fromkeys(range(5), NINE_TO_FIVE)


def every_day(*frames: tuple[str, str], zone: str) -> Calendar:
    """Return a calendar with these frames on all days."""
    read = tuple(Frame(time.fromisoformat(a), time.fromisoformat(b)) for a, b in frames)
    return Calendar(zone, dict.fromkeys(range(7), read))


def utc(text: str) -> datetime:
    """Return the instant of an ISO text without a zone."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def day_of(calendar: Calendar, day: str) -> tuple[datetime, datetime]:
    """Return the first and the last open instant of a calendar around a date that has one span."""
    noon = utc(f"{day}T12:00")
    opens = add_working_time(calendar, noon - 16 * HOUR, timedelta(milliseconds=1))
    opens -= timedelta(milliseconds=1)
    return opens, opens + working_time(calendar, opens, opens + 16 * HOUR)


class TestWorkingTime:
    def test_always_open_is_elapsed_time(self) -> None:
        """Where the calendar is always open, working time is elapsed time to the millisecond."""
        end = utc("2026-03-06T10:00:07.123")
        assert working_time(ALWAYS, utc("2026-03-06T10:00:00"), end) == timedelta(seconds=7.123)

    def test_counts_only_open_hours(self) -> None:
        """Friday 16:30 to Monday 09:30 is one hour of a nine-to-five week."""
        calendar = Calendar(week=WEEKDAYS)
        begin, end = utc("2026-03-06T16:30"), utc("2026-03-09T09:30")
        assert working_time(calendar, begin, end) == HOUR

    @pytest.mark.parametrize("calendar", [ALWAYS, Calendar(week=WEEKDAYS)])
    def test_is_zero_backwards(self, calendar: Calendar) -> None:
        """There is no negative working time."""
        noon = utc("2026-03-06T12:00")
        assert working_time(calendar, noon, noon - HOUR) == timedelta()
        assert working_time(calendar, noon, noon) == timedelta()

    def test_a_closed_calendar_has_none(self) -> None:
        """A calendar that never opens has no working time, however long the span."""
        assert working_time(Calendar(), utc("2000-01-01"), utc("2026-01-01")) == timedelta()

    def test_overlapping_frames_count_once(self) -> None:
        """Two frames that cover the same time, in any order, are open once."""
        calendar = every_day(("11:00", "13:00"), ("09:00", "12:00"), ("10:00", "11:00"), zone="UTC")
        assert working_time(calendar, utc("2026-03-06"), utc("2026-03-07")) == 4 * HOUR

    def test_midnight_to_midnight_is_the_whole_day(self) -> None:
        """A frame from 00:00 to 00:00 is the whole local day."""
        calendar = every_day(("00:00", "00:00"), zone="Europe/London")
        assert working_time(calendar, utc("2026-03-01"), utc("2026-05-01")) == timedelta(days=61)

    def test_times_of_any_zone_are_instants(self) -> None:
        """Two times of one zone across a clock change are as far apart as they really are."""
        london = ZoneInfo("Europe/London")
        begin = datetime(2026, 3, 29, 0, 30, tzinfo=london)
        end = datetime(2026, 3, 29, 2, 30, tzinfo=london)
        assert working_time(ALWAYS, begin, end) == HOUR

    def test_a_time_without_a_zone_is_refused(self) -> None:
        """A wall time is no instant: it would mean something else on every machine."""
        naive = datetime(2026, 3, 6, 10)  # noqa: DTZ001 - the point of the test
        with pytest.raises(ValueError, match="needs a time zone"):
            working_time(ALWAYS, naive, naive)
        with pytest.raises(ValueError, match="needs a time zone"):
            add_working_time(ALWAYS, naive, HOUR)


class TestDays:
    def test_a_holiday_is_closed(self) -> None:
        """A holiday is closed whatever the weekday."""
        calendar = Calendar(week=WEEKDAYS, holidays=frozenset({date(2026, 12, 25)}))
        due = add_working_time(calendar, utc("2026-12-24T16:45"), HOUR)
        assert due == utc("2026-12-28T09:45")

    def test_a_special_day_wins_over_a_holiday_and_the_week(self) -> None:
        """The frames of a special day replace those of its weekday, and open a holiday."""
        christmas = date(2026, 12, 25)
        calendar = Calendar(
            week=WEEKDAYS,
            holidays=frozenset({christmas}),
            special_days={christmas: (Frame(time(10), time(12)),), date(2026, 12, 28): ()},
        )
        begin, end = utc("2026-12-25"), utc("2026-12-29")
        assert working_time(calendar, begin, end) == 2 * HOUR

    def test_a_holiday_is_a_local_date(self) -> None:
        """A holiday in New Zealand begins at its own midnight, noon of the day before in UTC."""
        week = every_day(("00:00", "00:00"), zone="Pacific/Auckland").week
        calendar = Calendar("Pacific/Auckland", week, frozenset({date(2026, 7, 10)}))
        begin, end = utc("2026-07-09T11:00"), utc("2026-07-10T13:00")
        assert working_time(calendar, begin, end) == 2 * HOUR

    def test_overnight_work_is_two_frames_without_a_seam(self) -> None:
        """22:00 to 24:00 and 00:00 to 02:00 are four hours in one piece."""
        calendar = every_day(("22:00", "00:00"), ("00:00", "02:00"), zone="Asia/Kolkata")
        due = add_working_time(calendar, utc("2026-03-02T16:30"), 4 * HOUR)
        assert due == utc("2026-03-02T20:30")


class TestClockChanges:
    def test_a_night_shift_is_shorter_when_clocks_go_forward(self) -> None:
        """22:00 to 06:00 in London is seven real hours on the night of 29 March 2026."""
        calendar = every_day(("22:00", "00:00"), ("00:00", "06:00"), zone="Europe/London")
        begin, end = utc("2026-03-28T21:00"), utc("2026-03-29T12:00")
        assert working_time(calendar, begin, end) == 7 * HOUR

    def test_a_night_shift_is_longer_when_clocks_go_back(self) -> None:
        """22:00 to 06:00 in London is nine real hours on the night of 25 October 2026."""
        calendar = every_day(("22:00", "00:00"), ("00:00", "06:00"), zone="Europe/London")
        begin, end = utc("2026-10-24T20:00"), utc("2026-10-25T12:00")
        assert working_time(calendar, begin, end) == 9 * HOUR

    @pytest.mark.parametrize(
        ("opens", "closes", "first", "last"),
        [
            ("01:30", "03:00", "01:00", "02:00"),  # opens in the gap: at its end
            ("00:30", "01:45", "00:30", "01:00"),  # closes in the gap: at its end
            ("02:00", "03:00", "01:00", "02:00"),  # opens where the gap ends
        ],
    )
    def test_a_skipped_time_counts_at_the_end_of_the_gap(
        self, opens: str, closes: str, first: str, last: str
    ) -> None:
        """London skips 01:00 to 02:00 on 29 March 2026, at 01:00 UTC."""
        day = date(2026, 3, 29)
        frames = (Frame(time.fromisoformat(opens), time.fromisoformat(closes)),)
        calendar = Calendar("Europe/London", special_days={day: frames})
        expected = utc(f"2026-03-29T{first}"), utc(f"2026-03-29T{last}")
        assert day_of(calendar, "2026-03-29") == expected

    def test_a_frame_inside_the_gap_is_empty(self) -> None:
        """Nobody can work from 01:15 to 01:45 on a day that has no such time."""
        day = date(2026, 3, 29)
        frames = (Frame(time(1, 15), time(1, 45)),)
        calendar = Calendar("Europe/London", special_days={day: frames})
        assert working_time(calendar, utc("2026-03-28"), utc("2026-03-31")) == timedelta()

    @pytest.mark.parametrize(
        ("opens", "closes", "first", "last"),
        [
            ("01:15", "01:45", "00:15", "00:45"),  # both at their first coming
            ("01:30", "03:00", "00:30", "03:00"),  # opens at the first coming
            ("00:30", "01:30", "23:30", "00:30"),  # closes at the first coming
            ("00:30", "02:00", "23:30", "02:00"),  # contains the hour that comes twice
        ],
    )
    def test_a_doubled_time_counts_at_its_first_coming(
        self, opens: str, closes: str, first: str, last: str
    ) -> None:
        """London reads 01:00 to 02:00 twice on 25 October 2026, first from 00:00 UTC."""
        day = date(2026, 10, 25)
        frames = (Frame(time.fromisoformat(opens), time.fromisoformat(closes)),)
        calendar = Calendar("Europe/London", special_days={day: frames})
        begin = utc(f"2026-10-{24 if first > last else 25}T{first}")
        assert day_of(calendar, "2026-10-25") == (begin, utc(f"2026-10-25T{last}"))

    def test_midnight_may_be_skipped(self) -> None:
        """Cairo skips 00:00 to 01:00 on 24 April 2026: that local day has 23 hours."""
        calendar = Calendar(
            "Africa/Cairo", special_days={date(2026, 4, 24): (Frame(time(0), time(0)),)}
        )
        assert working_time(calendar, utc("2026-04-20"), utc("2026-04-30")) == 23 * HOUR

    def test_after_midnight_the_clock_may_fall_back_to_the_day_before(self) -> None:
        """St. John's fell from 00:01 to 23:01 of the day before; the new day had begun already."""
        day = date(2006, 10, 29)
        calendar = Calendar("America/St_Johns", special_days={day: (Frame(time(0), time(0)),)})
        begin = utc("2006-10-29T02:45")  # 23:15 on the 28th, for the second time
        due = add_working_time(calendar, begin, HOUR)
        assert due == utc("2006-10-29T03:45")
        assert working_time(calendar, utc("2006-10-28"), utc("2006-11-01")) == 25 * HOUR

    def test_a_whole_day_may_be_skipped(self) -> None:
        """Samoa had no 30 December 2011, so frames of that day are empty."""
        calendar = every_day(("09:00", "17:00"), zone="Pacific/Apia")
        begin = add_working_time(calendar, utc("2011-12-29T12:00"), timedelta(hours=8))
        assert begin == utc("2011-12-30T03:00")  # the 29th, 17:00
        assert add_working_time(calendar, begin, HOUR) == utc("2011-12-30T20:00")  # the 31st


class TestAddWorkingTime:
    def test_ending_at_closing_time_is_due_at_closing_time(self) -> None:
        """What fits the day exactly is due when the day ends, not when the next begins."""
        calendar = Calendar(week=WEEKDAYS)
        assert add_working_time(calendar, utc("2026-03-02T16:00"), HOUR) == utc("2026-03-02T17:00")

    def test_one_millisecond_more_is_due_the_next_morning(self) -> None:
        """What is a millisecond longer than the day ends a millisecond after the next opening."""
        calendar = Calendar(week=WEEKDAYS)
        more = HOUR + timedelta(milliseconds=1)
        due = add_working_time(calendar, utc("2026-03-02T16:00"), more)
        assert due == utc("2026-03-03T09:00:00.001")

    def test_nothing_is_over_at_once(self) -> None:
        """An amount of zero has passed at the start, even while closed or never open."""
        saturday = utc("2026-03-07T12:00")
        assert add_working_time(Calendar(week=WEEKDAYS), saturday, timedelta()) == saturday
        assert add_working_time(Calendar(), saturday, timedelta()) == saturday

    def test_a_negative_amount_is_refused(self) -> None:
        """No instant at or after the start answers for less than nothing."""
        for calendar in (ALWAYS, Calendar(week=WEEKDAYS)):
            with pytest.raises(ValueError, match="must not be negative"):
                add_working_time(calendar, utc("2026-03-07"), -HOUR)

    def test_a_calendar_that_never_opens_is_an_error_soon(self) -> None:
        """Ten closed years are skipped by the day, not walked by the minute."""
        with pytest.raises(CalendarError, match="never opens"):
            bounded(0.5, add_working_time, Calendar(), utc("2026-03-07"), HOUR)

    def test_ten_years_are_counted_from_the_last_opening(self) -> None:
        """A calendar that opens once in nine years is used; one that stops opening is an error."""
        one_hour: tuple[Frame, ...] = (Frame(time(9), time(10)),)
        rare = {date(2030, 1, 1): one_hour, date(2039, 1, 1): one_hour}
        calendar = Calendar(special_days=rare)
        start = utc("2026-01-01")
        assert add_working_time(calendar, start, 2 * HOUR) == utc("2039-01-01T10:00")
        with pytest.raises(CalendarError, match="never opens"):
            add_working_time(calendar, start, 3 * HOUR)

    def test_years_are_skipped_by_the_day(self) -> None:
        """Twenty years of working hours take moments, not a walk by the minute."""
        calendar = Calendar("America/New_York", WEEKDAYS)
        start = utc("2026-01-01")
        due = bounded(1, add_working_time, calendar, start, 40_000 * HOUR)
        assert bounded(1, working_time, calendar, start, due) == 40_000 * HOUR


class TestRefusals:
    @pytest.mark.parametrize("name", ["Mars/Olympus", "", "America", "../etc/passwd", "/etc"])
    def test_an_unknown_zone_is_an_error(self, name: str) -> None:
        """A zone that is none, or a folder of zones, or a path is one and the same error."""
        with pytest.raises(CalendarError, match="unknown time zone"):
            working_time(Calendar(name), utc("2026-03-06"), utc("2026-03-07"))

    @pytest.mark.parametrize(("opens", "closes"), [("17:00", "09:00"), ("09:00", "09:00")])
    def test_a_frame_ends_after_it_begins(self, opens: str, closes: str) -> None:
        """Overnight work is two frames; one that runs backwards is a mistake."""
        with pytest.raises(CalendarError, match="must end after it begins"):
            Frame(time.fromisoformat(opens), time.fromisoformat(closes))
