"""The past: which cases began in a period, and the whole log of a conversation."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from chalicelib.store import cursors, keys, records, rows
from chalicelib.store.rows import Row
from chalicelib.store.table import LARGEST_BATCH, Table
from chalicelib.workflows.ports import LogRow, Opened, Page

PARTITIONS = 2 * keys.SHARDS
"""How many partitions are looked into for one page of cases at most: those of two days."""

ROWS_AT_ONCE = 1000
"""How many log rows are asked for at once at most. A request ends at a megabyte anyway."""

DAY = timedelta(days=1)


def log(table: Table, conversation_id: str, since: int, limit: int) -> Sequence[LogRow]:
    """Return the first log rows of a conversation from a version on, oldest first.

    In one request, of a megabyte at most: there may be fewer rows than asked for. Raises BusyError.
    """
    within = Row.sk.between(keys.log(since), keys.LOGS + "~")
    found, _ = table.page(
        keys.conversation(conversation_id),
        max(1, min(limit, ROWS_AT_ONCE)),
        within,
        consistent_read=True,
    )
    return [records.log_of(row) for row in found]


def opened(
    table: Table, since: datetime, until: datetime, limit: int, cursor: str = ""
) -> Page[Opened]:
    """Return the cases that began from `since` to before `until`, day by day and shard by shard.

    In at most PARTITIONS requests, whatever the period: a page may be short, or empty, and have a
    cursor. Raises CursorError, BusyError.
    """
    name = ("opened", since.isoformat(), until.isoformat())
    wanted = max(1, min(limit, LARGEST_BATCH))
    place: _Place | None = _place(cursors.read(cursor, *name), since)
    found: list[Opened] = []
    for _ in range(PARTITIONS):
        if place is None or len(found) == wanted:
            break
        within = Row.created.between(place.after or keys.moment(since), keys.moment(until))
        pk, room = keys.opened(place.day, place.shard), wanted - len(found)
        page, end = table.page(pk, room, within, index_name=rows.OPENED)
        found += [_opened(row) for row in page]
        # No key continues another one with a character as small as this.
        place = replace(place, after=end + "!") if end else _next(place, _day(until))
    return Page(tuple(found), cursors.write(str(place) if place else "", *name))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a list of a period's cases goes on: a partition, and the least key in it."""

    day: date
    shard: int = 0
    after: str = ""

    def __str__(self) -> str:
        return f"{self.day.isoformat()}#{self.shard}#{self.after}"


def _place(position: str, since: datetime) -> _Place:
    if not position:
        return _Place(_day(since))
    day, shard, after = position.split("#", 2)
    return _Place(date.fromisoformat(day), int(shard), after)


def _next(place: _Place, last: date) -> _Place | None:
    if place.shard + 1 < keys.SHARDS:
        return _Place(place.day, place.shard + 1)
    return _Place(place.day + DAY) if place.day < last else None


def _day(at: datetime) -> date:
    return at.astimezone(UTC).date()


def _opened(row: Row) -> Opened:
    began = keys.instant(row.created)
    return Opened(row.conversation_id, int(row.case_number), int(row.version), began)
