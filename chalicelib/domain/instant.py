"""Instants: which time of a message counts when the platform's clock and ours disagree."""

from datetime import datetime, timedelta

AHEAD = timedelta(minutes=5)
BEHIND = timedelta(hours=24)


def clamp(occurred_at: datetime | None, received_at: datetime) -> tuple[datetime, bool]:
    """Return (the time that counts, whether the platform's was set aside).

    The platform's time counts unless it is missing, more than five minutes ahead of ours, or
    more than a day behind
    (docs/definitions.md, part 1): then our time of receipt does.
    """
    if occurred_at is None:
        return received_at, True
    if occurred_at > received_at + AHEAD or occurred_at < received_at - BEHIND:
        return received_at, True
    return occurred_at, False
