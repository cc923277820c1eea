"""Silence: whether a handle has been quiet for longer than its own habit explains.

With `mu` messages expected in a stretch without any, the chance of that stretch is exp(-mu); below
one in a thousand the channel may be dead. What is expected of an hour is the mean of the same hour
of the week in the eight weeks before, as far back as anything was counted (docs/definitions.md,
part 3).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

WEEKS = 8
WEEK = timedelta(weeks=1)
HOUR = timedelta(hours=1)
UNLIKELY = 0.001
LONGEST = 4 * 7 * 24
"""Hours of silence that are looked at, at most."""


@dataclass(frozen=True, slots=True)
class Silence:
    """A quiet stretch. `since` is when the last message's hour ended, `expected` what is missed."""

    since: datetime
    expected: float


def silence(counts: Mapping[datetime, int], now: datetime) -> Silence | None:
    """Return the silence a handle is in, or None: it is not, or its habit is not known yet.

    `counts` are the messages of each whole hour (UTC); hours without any are left out. The hour
    that is still running is left out too. A habit needs a week.
    """
    heard = [hour for hour, count in counts.items() if count]
    current = now.replace(minute=0, second=0, microsecond=0)
    if not heard or current - min(heard) < WEEK:
        return None
    since = max(heard) + HOUR
    quiet = min((current - since) // HOUR, LONGEST)
    first = min(heard)
    expected = sum(_expected(counts, since + number * HOUR, first) for number in range(quiet))
    return Silence(since, expected) if math.exp(-expected) < UNLIKELY else None


def _expected(counts: Mapping[datetime, int], hour: datetime, first: datetime) -> float:
    before = [hour - week * WEEK for week in range(1, WEEKS + 1)]
    known = [counts.get(then, 0) for then in before if then >= first]
    return sum(known) / len(known) if known else 0.0
