"""How long a platform asks us to wait, out of the headers of its answer."""

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from chalicelib.channels import wire
from chalicelib.channels.instant import instant
from chalicelib.channels.transport import Answer

LONGEST = 86_400
"""Seconds. Whatever an answer says, nothing waits longer for it: it may be a fault of theirs."""


def asked(answer: Answer) -> int:
    """Return the seconds of `Retry-After`, a number or a date (RFC 9110, 10.2.3); 0 without one.

    A date counts from the answer's own `Date`, so that our clock does not matter.
    """
    given = answer.headers.get("retry-after", "")
    seconds = wire.number(answer.headers, "retry-after") or _between(
        _date(answer.headers.get("date", "")), _date(given)
    )
    return min(seconds, LONGEST)


def until(answer: Answer, header: str, now: datetime) -> int:
    """Return the seconds until the instant in a header, however that is written.

    0 where there is none, or where it has passed.
    """
    return min(_between(now, instant(answer.headers.get(header, ""))), LONGEST)


def _between(start: datetime | None, end: datetime | None) -> int:
    if start is None or end is None:
        return 0
    return max(math.ceil((end - start).total_seconds()), 0)


def _date(value: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(value[:100])
    except (ValueError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
