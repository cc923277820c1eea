"""Times as Twilio's API writes them: RFC 2822, "Sat, 21 Nov 2026 10:00:00 +0000"."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def of_rfc2822(text: str) -> datetime | None:
    """Return the instant in UTC; None when there is none."""
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
