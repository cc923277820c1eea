"""Habits: how many messages each handle gets, by the hour, for as long as a habit is read from."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from chalicelib.store import keys
from chalicelib.store.rows import Row
from chalicelib.store.table import Table, Write

KEPT = timedelta(days=70)
"""A little more than the eight weeks that a habit is read from."""

MOST = 2_000
"""More rows than eight weeks have hours."""


class Habits:
    """`ports.Habits` on the table. Every method may raise BusyError.

    Counts only: a batch that is told again counts again, which a habit can bear.
    """

    def __init__(self, table: Table) -> None:
        self._table = table

    def add(self, handle_id: str, hour: datetime, count: int) -> None:
        """Add to the count of the hour that `hour` lies in."""
        key = {"pk": keys.habit(handle_id), "sk": keys.hour(hour)}
        actions = (
            Row.amount.add(count),
            Row.kind.set("habit"),
            Row.expires_at.set(hour + KEPT),
        )
        self._table.write(Write(key, actions=actions))

    def hours(self, handle_id: str, since: datetime) -> Mapping[datetime, int]:
        """Return the counts of the hours since then; hours without a message are left out."""
        found: dict[datetime, int] = {}
        position = keys.hour(since)
        while position:
            rows, ended = self._table.page(keys.habit(handle_id), MOST, Row.sk >= position)
            for row in rows:
                at = datetime.strptime(row.sk, "%Y-%m-%dT%H").replace(tzinfo=UTC)
                found[at] = int(row.amount or 0)
            position = ended if ended != position else ""
        return found
