"""Calendars are closed on public holidays and on the whole days of iCal feeds, and never guess."""

import socket
from datetime import UTC, date, datetime, timedelta

import pytest

from chalicelib.domain.calendar import add_working_time
from infra import closed_days, hours
from infra.care_file import CalendarShape
from infra.errors import ConfigurationError

TODAY = date(2026, 11, 22)
DAY = timedelta(days=1)


def feed(*events: str) -> bytes:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Acme//Days//EN"]
    for number, event in enumerate(events):
        lines += ["BEGIN:VEVENT", f"UID:{number}@example.com", "DTSTAMP:20260101T000000Z"]
        lines += [*event.split("|"), "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


def closed(*events, tmp_path):
    (tmp_path / "days.ics").write_bytes(feed(*events))
    shape = CalendarShape(feeds=["days.ics"])
    return sorted(closed_days.found(shape, tmp_path, TODAY))


def test_a_country_s_public_holidays_of_last_year_to_the_year_after_next(tmp_path):
    found = closed_days.found(CalendarShape(country="DE", region="BE"), tmp_path, TODAY)
    assert {date(2026, 12, 25), date(2027, 1, 1), date(2026, 3, 8)} <= found  # 8 March: Berlin
    assert {day.year for day in found} == {2025, 2026, 2027, 2028}
    without = closed_days.found(CalendarShape(country="DE"), tmp_path, TODAY)
    assert date(2026, 3, 8) not in without
    assert closed_days.found(CalendarShape(), tmp_path, TODAY) == frozenset()


@pytest.mark.parametrize(
    ("event", "days"),
    [
        ("DTSTART;VALUE=DATE:20261224", ["2026-12-24"]),
        ("DTSTART;VALUE=DATE:20261224|DTEND;VALUE=DATE:20261225", ["2026-12-24"]),
        (
            "DTSTART;VALUE=DATE:20261230|DTEND;VALUE=DATE:20270102",
            ["2026-12-30", "2026-12-31", "2027-01-01"],
        ),
        ("DTSTART;VALUE=DATE:20261224|DURATION:P2D", ["2026-12-24", "2026-12-25"]),
        (
            "DTSTART;VALUE=DATE:20240501|RRULE:FREQ=YEARLY;UNTIL=20280501T000000Z",
            ["2025-05-01", "2026-05-01", "2027-05-01", "2028-05-01"],
        ),
        (
            "DTSTART;VALUE=DATE:20261201|RRULE:FREQ=WEEKLY;COUNT=3|EXDATE;VALUE=DATE:20261208",
            ["2026-12-01", "2026-12-15"],
        ),
        ("DTSTART:20261224T120000Z|DTEND:20261224T130000Z", []),
        ("DTSTART;VALUE=DATE:20261224|STATUS:CANCELLED", []),
        ("DTSTART;VALUE=DATE:20200101", []),
        ("SUMMARY:no day at all", []),
    ],
)
def test_a_feed_closes_the_whole_days_of_its_events(event, days, tmp_path):
    assert [str(day) for day in closed(event, tmp_path=tmp_path)] == days


def test_an_event_without_an_end_in_sight_closes_two_months_at_most(tmp_path):
    event = "DTSTART;VALUE=DATE:20260101|DTEND;VALUE=DATE:20290101"
    assert len(closed(event, tmp_path=tmp_path)) == closed_days.LONGEST_EVENT.days


def test_a_feed_may_be_at_an_https_address(tmp_path):
    asked = []

    def fetched(url):
        asked.append(url)
        return feed("DTSTART;VALUE=DATE:20261224")

    shape = CalendarShape(feeds=["https://days.example.com/a.ics"])
    assert closed_days.found(shape, tmp_path, TODAY, fetched) == {date(2026, 12, 24)}
    assert asked == ["https://days.example.com/a.ics"]


def refused(_):
    raise OSError("status 404")


@pytest.mark.parametrize(
    ("fetched", "why"),
    [
        (refused, "status 404"),
        (lambda _: b"<html>moved</html>", "cannot be read"),
        (lambda _: b"x" * (closed_days.LARGEST_FEED + 1), "too large"),
    ],
)
def test_a_feed_that_cannot_be_read_stops_publishing(fetched, why, tmp_path):
    shape = CalendarShape(feeds=["https://days.example.com/a.ics"])
    with pytest.raises(ConfigurationError, match=why):
        closed_days.found(shape, tmp_path, TODAY, fetched)


def test_a_file_that_is_not_there_stops_publishing(tmp_path):
    with pytest.raises(ConfigurationError, match=r"nowhere\.ics cannot be read"):
        closed_days.found(CalendarShape(feeds=["nowhere.ics"]), tmp_path, TODAY)


def test_an_address_where_nothing_answers_is_an_error_of_the_feed():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]  # bound, and nobody listens
        with pytest.raises(OSError, match="MaxRetryError"):
            closed_days.fetch(f"http://127.0.0.1:{port}/days.ics")


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        (CalendarShape(country="XX"), "no country"),
        (CalendarShape(country="DE", region="ZZ"), "no region 'ZZ'; it has BB"),
        (CalendarShape(region="BE"), "no country has no region"),
        (CalendarShape(feeds=["http://days.example.com"]), "no https address"),
    ],
)
def test_what_is_no_country_region_or_address_is_told(shape, said):
    (problem,) = closed_days.problems(shape)
    assert said in problem


def test_nothing_is_wrong_with_a_country_its_region_and_a_file():
    shape = CalendarShape(country="GB", region="ENG", feeds=["days.ics", "https://a.example.com"])
    assert list(closed_days.problems(shape)) == []


def test_golden_vector_five_holds_with_a_country_s_holiday(tmp_path):
    """Definitions, part 1: 25 December is closed, though nobody wrote it down."""
    week = {day: ["09:00-17:00"] for day in hours.DAYS[:5]}
    shape = CalendarShape(week=week, country="US")
    days = closed_days.found(shape, tmp_path, TODAY)
    start = datetime(2026, 12, 24, 16, 45, tzinfo=UTC)
    due = add_working_time(hours.calendar(shape, days), start, timedelta(hours=1))
    assert due == datetime(2026, 12, 28, 9, 45, tzinfo=UTC)
