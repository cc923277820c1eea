"""Closed days of a calendar in care.yaml: public holidays of a country, and iCal feeds.

They are worked out when the policy is made, for last year to the year after next, and become plain
dates of that version: what a deadline was on a day can always be told, whatever a feed says later.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

import holidays
import icalendar
import urllib3
from dateutil.rrule import rrulestr

from infra.care_file import CalendarShape
from infra.errors import ConfigurationError

Fetch = Callable[[str], bytes]

YEARS_BACK, YEARS_AHEAD = 1, 2
LARGEST_FEED = 5_000_000
"""Bytes."""
FETCH_SECONDS = 10.0
DAY = timedelta(days=1)
LONGEST_EVENT = timedelta(days=60)
"""What a feed calls closed for longer is a mistake, or not a holiday."""


def fetch(url: str) -> bytes:
    """Return what is at an https address. Raises OSError when it is not to be had."""
    try:
        answer = urllib3.request("GET", url, timeout=FETCH_SECONDS, retries=2, redirect=True)
    except urllib3.exceptions.HTTPError as error:
        raise OSError(type(error).__name__) from None
    if answer.status != 200:  # noqa: PLR2004 - OK
        raise OSError(f"status {answer.status}")
    return answer.data


def found(
    shape: CalendarShape, beside: Path, today: date, fetched: Fetch = fetch
) -> frozenset[date]:
    """Return the days of a calendar's country and feeds.

    A feed is an https address, or a file `beside` care.yaml. Raises ConfigurationError for a feed
    that cannot be read: a calendar that has lost its holidays must not be published in silence.
    """
    first = date(today.year - YEARS_BACK, 1, 1)
    last = date(today.year + YEARS_AHEAD, 12, 31)
    days = set(_public(shape, range(first.year, last.year + 1)))
    for feed in shape.feeds:
        try:
            raw = fetched(feed) if "://" in feed else (beside / feed).read_bytes()
            days.update(_closed(raw, first, last))
        except (OSError, ValueError) as error:
            raise ConfigurationError([f"the feed {feed} cannot be read: {error}"]) from None
    return frozenset(days)


def problems(shape: CalendarShape) -> Iterator[str]:
    """Yield what is wrong with the country, its region and the feeds' addresses."""
    countries = holidays.list_supported_countries()
    if shape.country and shape.country not in countries:
        yield f"{shape.country!r} is no country whose holidays are known: write it like DE"
    elif shape.region and shape.region not in countries.get(shape.country, ()):
        known = ", ".join(countries.get(shape.country, ())) or "none"
        yield f"{shape.country or 'no country'} has no region {shape.region!r}; it has {known}"
    for feed in shape.feeds:
        if "://" in feed and not feed.startswith("https://"):
            yield f"the feed {feed} is no https address"


def _public(shape: CalendarShape, years: range) -> Iterator[date]:
    if shape.country:
        yield from holidays.country_holidays(
            shape.country, subdiv=shape.region or None, years=years
        )


def _closed(raw: bytes, first: date, last: date) -> Iterator[date]:
    """Yield the days of a feed's all-day events, repeated ones too. Raises ValueError."""
    if len(raw) > LARGEST_FEED:
        raise ValueError("it is too large")
    for event in icalendar.Calendar.from_ical(raw).walk("VEVENT"):
        if str(event.get("STATUS", "")).upper() == "CANCELLED":
            continue
        begins = event.get("DTSTART")
        if begins is None or isinstance(begins.dt, datetime):
            continue  # a part of a day closes nothing: special_days say that
        ends = event.get("DTEND")
        length = (ends.dt - begins.dt) if ends is not None else event.get("DURATION", DAY)
        length = min(max(getattr(length, "dt", length), DAY), LONGEST_EVENT)
        for day in _beginnings(event, begins.dt, first - LONGEST_EVENT, last):
            yield from (one for one in _run(day, length) if first <= one <= last)


def _beginnings(
    event: icalendar.cal.Component, begins: date, first: date, last: date
) -> Iterator[date]:
    """Yield the days on which an event, or a repetition of it, begins."""
    rule = event.get("RRULE")
    if rule is None:
        yield begins
        return
    left_out = event.get("EXDATE", [])
    left_out = left_out if isinstance(left_out, list) else [left_out]
    gone = {one.dt for listed in left_out for one in listed.dts}
    midnight = datetime.combine(begins, time())
    # A rule's UNTIL may carry a zone, which whole days have not.
    text = rule.to_ical().decode().replace("Z", "")
    upto = datetime.combine(last, time())
    for at in rrulestr(text, dtstart=midnight).between(
        datetime.combine(first, time()), upto, inc=True
    ):
        if at.date() not in gone:
            yield at.date()


def _run(day: date, length: timedelta) -> Iterator[date]:
    for offset in range(length.days):
        yield day + offset * DAY
