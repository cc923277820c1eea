"""Views: what people and sweeps read, in a constant number of requests a page.

Lists of conversations come from the sparse indexes, which lag by moments and hold keys only; the
rows are then read as they are now, and those that no longer belong to the list are left out. So a
page may be shorter than asked for, or empty, and still have a cursor.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pynamodb.expressions.condition import Condition

from chalicelib.domain.case import OPEN, Case, Status
from chalicelib.domain.contact import Contact, Identity
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.entry import Entry
from chalicelib.domain.message import Message
from chalicelib.store import contacts, cursors, keys, past, records, rows
from chalicelib.store.codec import decode
from chalicelib.store.rows import Row
from chalicelib.store.table import LARGEST_BATCH, Table
from chalicelib.workflows.ports import LogRow, Opened, Page, Query

LOOKED_AT = 250
"""How many index entries of a partition are looked at for one page of a channel or of approvals."""

IDENTITIES = 100
"""How many accounts of one contact are listed."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """Where one conversation stands in a list."""

    pk: str
    position: str


class Views:
    """`ports.Views` on the table.

    Limits are held between 1 and 100. Every method may raise BusyError.
    """

    def __init__(self, table: Table) -> None:
        self._table = table

    def open_cases(self, query: Query) -> Page[Conversation]:
        """Return open cases, nearest deadline first, in at most SHARDS + 1 requests.

        Raises CursorError, and ValueError unless exactly one of team and assignee is given.
        """
        if bool(query.team) == bool(query.assignee):
            raise ValueError("a list of open cases is of a team or of an assignee")
        narrow = (query.status or "", query.channel or "", "approvals" if query.approvals else "")
        name = ("open", query.team, query.assignee, *narrow)
        after = cursors.read(query.cursor, *name)
        if query.status and query.status not in OPEN:
            return Page(())
        limit = _held(query.limit)
        candidates, end = self._candidates(query, after, LARGEST_BATCH if query.status else limit)
        found = self._heads(candidates, lambda case: _listed(case, query))
        if len(found) > limit:
            found, end = found[:limit], found[limit - 1][0].position
        return Page(tuple(head for _, head in found), cursors.write(end, *name))

    def overdue(self, team: str, before: datetime, limit: int) -> Sequence[Conversation]:
        """Return a team's open cases whose nearest deadline lies before `before`, nearest first."""
        within = Row.due < keys.moment(before)
        candidates, _ = self._nearest(rows.OPEN, _open(team), _held(limit), within)
        return self._belonging(candidates, lambda case: case.open and case.team == team)

    def stuck(self, limit: int) -> Sequence[Conversation]:
        """Return the cases marked stuck, nearest deadline first."""
        candidates, _ = self._nearest(rows.STUCK, [keys.STUCK], _held(limit))
        return self._belonging(candidates, lambda case: bool(case.stuck))

    def messages(self, conversation_id: str, limit: int, cursor: str = "") -> Page[Message]:
        """Return messages newest first, by the time they were sent. Raises CursorError."""
        before = cursors.read(cursor, "messages", conversation_id)
        found, end = self._table.page(
            keys.conversation(conversation_id),
            _held(limit),
            Row.at < before if before else None,
            index_name=rows.BY_TIME,
            scan_index_forward=False,
            consistent_read=True,
        )
        messages = tuple(records.message_of(row) for row in found)
        return Page(messages, cursors.write(end, "messages", conversation_id))

    def history(self, conversation_id: str, limit: int, cursor: str = "") -> Page[Entry]:
        """Return log entries newest first. Raises CursorError."""
        position = cursors.read(cursor, "history", conversation_id)
        row_key, _, given = position.partition(":")
        within = Row.sk.between(keys.LOGS, row_key) if row_key else Row.sk.startswith(keys.LOGS)
        found, end = self._table.page(
            keys.conversation(conversation_id),
            _held(limit) + 1,
            within,
            scan_index_forward=False,
            consistent_read=True,
        )
        told = [
            (f"{row.sk}:{number}", entry)
            for row in found
            for number, entry in enumerate(reversed(records.log_of(row).entries), start=1)
        ][int(given or 0) :]
        page = told[: _held(limit)]
        more = page and (end or len(told) > len(page))
        return Page(
            tuple(entry for _, entry in page),
            cursors.write(page[-1][0] if more else "", "history", conversation_id),
        )

    def log(self, conversation_id: str, since: int, limit: int) -> Sequence[LogRow]:
        """Return the first log rows from version `since` on, oldest first."""
        return past.log(self._table, conversation_id, since, limit)

    def opened(
        self, since: datetime, until: datetime, limit: int, cursor: str = ""
    ) -> Page[Opened]:
        """Return the cases that began in a period, day by day. Raises CursorError."""
        return past.opened(self._table, since, until, limit, cursor)

    def contact(self, contact_id: str) -> Contact | None:
        """Return a contact, or None."""
        row = self._table.get(keys.contact(contact_id), keys.HEAD)
        return contacts.contact_of(row) if row else None

    def identities(self, contact_id: str) -> Sequence[Identity]:
        """Return a contact's accounts on channels, the first IDENTITIES of them."""
        within = Row.sk.startswith(keys.IDENTITIES)
        found, _ = self._table.page(
            keys.contact(contact_id), IDENTITIES, within, consistent_read=True
        )
        return [decode(row.body, Identity) for row in found]

    def conversations_of(self, contact_id: str, limit: int, cursor: str = "") -> Page[Conversation]:
        """Return a contact's conversations on all channels, newest first. Raises CursorError."""
        before = cursors.read(cursor, "contact", contact_id)
        found, end = self._table.page(
            keys.contact(contact_id),
            _held(limit),
            Row.created < before if before else None,
            index_name=rows.CONTACT,
            scan_index_forward=False,
        )
        heads = self._table.batch([(row.pk, keys.HEAD) for row in found])
        found_here = (records.conversation(row) for row in heads)
        conversations = tuple(head for head in found_here if head.contact_id == contact_id)
        return Page(conversations, cursors.write(end, "contact", contact_id))

    def _candidates(self, query: Query, after: str, limit: int) -> tuple[list[_Entry], str]:
        index, partitions = _partitions(query)
        within = Row.due > after if after else None
        narrow = _narrowed(query, index)
        if narrow is None:
            return self._nearest(index, partitions, limit, within)
        return self._nearest(index, partitions, limit, within, filter_condition=narrow)

    def _nearest(
        self,
        index: str,
        partitions: Sequence[str],
        limit: int,
        within: Condition | None = None,
        **options: Any,
    ) -> tuple[list[_Entry], str]:
        """Return the first entries over all partitions, and the position to continue after.

        The position is empty when that was all.
        """
        looked_at = LOOKED_AT if options else limit
        entries: list[_Entry] = []
        ends = []
        for partition in partitions:
            found, end = self._table.page(partition, looked_at, within, index_name=index, **options)
            entries += (_Entry(row.pk, row.due) for row in found)
            ends += [end] if end else []
        # Beyond the place where one partition was left, another one's entries would come too early.
        horizon = min(ends, default="")
        reached = [entry for entry in entries if not horizon or entry.position <= horizon]
        reached.sort(key=lambda entry: entry.position)
        if len(reached) > limit:
            return reached[:limit], reached[limit - 1].position
        return reached, horizon

    def _heads(
        self, entries: Sequence[_Entry], belongs: Callable[[Case], bool]
    ) -> list[tuple[_Entry, Conversation]]:
        by_pk = {entry.pk: entry for entry in entries}
        found = self._table.batch([(pk, keys.HEAD) for pk in by_pk])
        heads = [(by_pk[row.pk], records.conversation(row)) for row in found]
        return [(entry, head) for entry, head in heads if head.case and belongs(head.case)]

    def _belonging(
        self, entries: Sequence[_Entry], belongs: Callable[[Case], bool]
    ) -> list[Conversation]:
        return [head for _, head in self._heads(entries, belongs)]


def _held(limit: int) -> int:
    return max(1, min(limit, LARGEST_BATCH))


def _open(team: str) -> list[str]:
    return [keys.open_cases(team, shard) for shard in range(keys.SHARDS)]


def _partitions(query: Query) -> tuple[str, list[str]]:
    if query.assignee:
        return rows.HOLDER, [keys.held_by(query.assignee)]
    if query.status is Status.QUEUED:
        return rows.HOLDER, [keys.queued(query.team)]
    return rows.OPEN, _open(query.team)


def _narrowed(query: Query, index: str) -> Condition | None:
    """Return what an index can leave out by itself. Only `open` knows of approvals."""
    channel = Row.channel == query.channel.value if query.channel else None
    if not query.approvals or index != rows.OPEN:
        return channel
    waits = Row.approvals.exists()
    return waits if channel is None else channel & waits


def _listed(case: Case, query: Query) -> bool:
    return (
        case.open
        and (bool(case.approvals) or not query.approvals)
        and query.team in ("", case.team)
        and query.assignee in ("", case.assignee or case.offered_to)
        and query.status in (None, case.status)
        and not (query.team and query.status is Status.QUEUED and case.offered_to)
    )
