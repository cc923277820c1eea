"""Time: the system's clock, which the domain never asks."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return the time, aware UTC, cut to milliseconds."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)
