"""Instants as platforms write them: seconds, milliseconds or ISO 8601, as number or text, mixed."""

import re
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECONDS_END = (
    100_000_000_000  # smaller: seconds (until the year 5138); larger: milliseconds (since 1973)
)
_LATEST_MS = 4_102_444_800_000  # the year 2100: whatever is later is no time of a message
_DIGITS = re.compile(r"[0-9]{1,20}", re.ASCII)


def instant(value: object) -> datetime | None:
    """Return the instant in UTC, cut to milliseconds; None when there is none or it is no time.

    A message whose time cannot be read is still a message, so nothing is raised: its time of
    arrival counts then.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return _of_number(value)
    if isinstance(value, str):
        return _of_number(int(value)) if _DIGITS.fullmatch(value) else _of_text(value)
    return None


def _of_number(value: float) -> datetime | None:
    if not 0 < value <= _LATEST_MS:
        return None
    milliseconds = int(value) if value >= _SECONDS_END else int(value * 1000)
    if milliseconds > _LATEST_MS:
        return None
    return _EPOCH + timedelta(milliseconds=milliseconds)


def _of_text(value: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(value)
        return _of_number((_aware(found) - _EPOCH) // timedelta(milliseconds=1))
    except (ValueError, OverflowError):
        return None


def _aware(value: datetime) -> datetime:
    return value if value.tzinfo else value.replace(tzinfo=UTC)
