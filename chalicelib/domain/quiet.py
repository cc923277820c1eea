"""Quiet hours: when somebody's telephone is left alone."""

import re
from datetime import datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


def quiet(hours: str, zone: str, at: datetime) -> bool:
    """Return whether `at` lies in quiet hours ("22:00-07:00", "12:00-13:00,22:00-07:00").

    The beginning is quiet, the end is not; equal ends are the whole day. Hours or a zone that
    cannot be read are none: somebody is told rather than not.
    """
    try:
        local = at.astimezone(ZoneInfo(zone)).time()
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    spans = (_HOURS.fullmatch(span.strip()) for span in hours.split(","))
    return any(_within(local, *map(int, span.groups())) for span in spans if span)


def _within(local: time, *ends: int) -> bool:
    begin, end = time(ends[0], ends[1]), time(ends[2], ends[3])
    if begin < end:
        return begin <= local < end
    return local >= begin or local < end
