"""How far a channel has been looked at: what was seen last, and where a long look goes on.

Comments may appear late (the search index lags, and held ones are let go later), so everything
within a quarter of an hour before the newest is looked at again and told apart by `seen`.
"""

import json
from datetime import datetime, timedelta

OVERLAP_SECONDS = 900
FIRST_LOOK = timedelta(days=1)
"""The first look of all brings what was written in the day before, not a channel's whole past."""

MOST_SEEN = 500
MOST_THREADS = 300


class Cursor:
    """A sweep over the threads, newest first; times in Unix seconds.

    `at`: all before it has been seen. `top`: the newest seen in this sweep. `page`: where the sweep
    goes on, empty between sweeps. `seen`: comments near the edge, by when they were written.
    `replies`: how many replies a thread had when they were last listed.
    """

    def __init__(self, at: int, top: int = 0, page: str = "") -> None:
        self.at, self.top, self.page = at, top, page
        self.seen: dict[str, int] = {}
        self.replies: dict[str, int] = {}

    @property
    def horizon(self) -> int:
        """Return before when nothing is new."""
        return self.at - OVERLAP_SECONDS

    def fresh(self, mark: str, at: datetime | None) -> bool:
        """Return whether a comment is new, and remember it. One without a time is new once."""
        seconds = int(at.timestamp()) if at else max(self.at, self.top)
        if mark in self.seen and at is None:
            self.seen[mark] = seconds  # it has no place in time: remembered while it is there
        if seconds < self.horizon or mark in self.seen:
            return False
        self.seen[mark] = seconds
        self.top = max(self.top, seconds)
        return True

    def ended(self) -> None:
        """End a sweep: what it saw is the past now."""
        self.at, self.top, self.page = max(self.at, self.top), 0, ""
        self.seen = {mark: at for mark, at in self.seen.items() if at >= self.horizon}

    def text(self) -> str:
        """Return the cursor as it is kept."""
        newest = sorted(self.seen.items(), key=lambda one: one[1])[-MOST_SEEN:]
        kept = {
            "at": self.at,
            "top": self.top,
            "page": self.page,
            "seen": dict(newest),
            "replies": dict(list(self.replies.items())[-MOST_THREADS:]),
        }
        return json.dumps(kept, separators=(",", ":"))


def read(text: str, now: datetime) -> Cursor:
    """Return a kept cursor; a first one for an empty text or for one that is none of ours."""
    try:
        kept = json.loads(text)
        found = Cursor(int(kept["at"]), int(kept["top"]), str(kept["page"]))
        found.seen = {str(mark): int(at) for mark, at in kept["seen"].items()}
        found.replies = {str(thread): int(count) for thread, count in kept["replies"].items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        return Cursor(int((now - FIRST_LOOK).timestamp()))
    return found
