"""The store in memory: what people and sweeps read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from chalicelib.domain.case import OPEN, Case, Status
from chalicelib.domain.contact import Contact, Identity
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.entry import Entry, EntryKind
from chalicelib.domain.message import Message
from chalicelib.domain.outlook import deadline
from chalicelib.store import cursors, keys
from chalicelib.workflows.ports import LogRow, Opened, Page, Query

if TYPE_CHECKING:
    from tests.fakes.store import MemoryStore

T = TypeVar("T")
MOST = 100


class MemoryViews:
    """`ports.Views` in memory.

    What was just written is in every list at once; the table's lists lag.
    """

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    def open_cases(self, query: Query) -> Page[Conversation]:
        with self._store.around("views.open_cases"):
            if bool(query.team) == bool(query.assignee):
                raise ValueError("a list of open cases is of a team or of an assignee")
            narrow = (query.status or "", query.channel or "")
            narrow = (*narrow, "approvals" if query.approvals else "")
            name = ("open", query.team, query.assignee, *narrow)
            after = cursors.read(query.cursor, *name)
            found = [
                (_due(head, case), head)
                for head, case in self._cases()
                if _listed(head, case, query)
            ]
            return _page(
                [(at, head) for at, head in sorted(found, key=_position) if at > after],
                query.limit,
                *name,
            )

    def overdue(self, team: str, before: datetime, limit: int) -> Sequence[Conversation]:
        with self._store.around("views.overdue"):
            last = keys.moment(before)
            found = [
                (head, case) for head, case in self._cases() if case.team == team and case.open
            ]
            return _nearest(
                [(head, case) for head, case in found if _due(head, case) < last], limit
            )

    def stuck(self, limit: int) -> Sequence[Conversation]:
        with self._store.around("views.stuck"):
            return _nearest([(head, case) for head, case in self._cases() if case.stuck], limit)

    def messages(self, conversation_id: str, limit: int, cursor: str = "") -> Page[Message]:
        with self._store.around("views.messages"):
            mine = [m for (owner, _), m in self._store.messages.items() if owner == conversation_id]
            rows = [(keys.at(message.sent_at, message.id), message) for message in mine]
            return _newest(rows, limit, cursor, "messages", conversation_id)

    def history(self, conversation_id: str, limit: int, cursor: str = "") -> Page[Entry]:
        with self._store.around("views.history"):
            logs = self._store.logs.get(conversation_id, {})
            told = [
                (f"{keys.log(version)}:{number}", entry)
                for version in sorted(logs, reverse=True)
                for number, entry in enumerate(reversed(logs[version]), start=1)
            ]
            after = cursors.read(cursor, "history", conversation_id)
            start = [position for position, _ in told].index(after) + 1 if after else 0
            return _page(told[start:], limit, "history", conversation_id)

    def log(self, conversation_id: str, since: int, limit: int) -> Sequence[LogRow]:
        with self._store.around("views.log"):
            logs = self._store.logs.get(conversation_id, {})
            return [LogRow(logs[v]) for v in sorted(logs) if v >= since][: max(1, limit)]

    def opened(
        self, since: datetime, until: datetime, limit: int, cursor: str = ""
    ) -> Page[Opened]:
        with self._store.around("views.opened"):
            name = ("opened", since.isoformat(), until.isoformat())
            after = cursors.read(cursor, *name)
            told = [
                (f"{entry.at.date()}#{keys.at(entry.at, owner)}", owner, version, entry)
                for owner, logs in self._store.logs.items()
                for version, entries in logs.items()
                for entry in entries
                if entry.kind is EntryKind.CASE_OPENED and since <= entry.at < until
            ]
            rows = [
                (place, Opened(owner, entry.case_number, version, entry.at))
                for place, owner, version, entry in sorted(told, key=_position)
                if place > after
            ]
            return _page(rows, limit, *name)

    def contact(self, contact_id: str) -> Contact | None:
        with self._store.around("views.contact"):
            return self._store.contacts.get(contact_id)

    def identities(self, contact_id: str) -> Sequence[Identity]:
        with self._store.around("views.identities"):
            mine = self._store.identities_of.get(contact_id, {})
            return [
                mine[place]
                for place in sorted(mine, key=lambda place: keys.identity_of_contact(*place))
            ]

    def conversations_of(self, contact_id: str, limit: int, cursor: str = "") -> Page[Conversation]:
        with self._store.around("views.conversations_of"):
            mine = [head for head in self._store.heads.values() if head.contact_id == contact_id]
            rows = [(keys.at(head.created_at, head.id), head) for head in mine]
            return _newest(rows, limit, cursor, "contact", contact_id)

    def _cases(self) -> Iterable[tuple[Conversation, Case]]:
        return [(head, head.case) for head in self._store.heads.values() if head.case]


def _due(head: Conversation, case: Case) -> str:
    return keys.at(deadline(case) or keys.NEVER, head.id)


def _nearest(found: Sequence[tuple[Conversation, Case]], limit: int) -> list[Conversation]:
    return [head for head, _ in sorted(found, key=lambda pair: _due(*pair))][
        : max(1, min(limit, MOST))
    ]


def _newest(rows: Sequence[tuple[str, T]], limit: int, cursor: str, *of: str) -> Page[T]:
    before = cursors.read(cursor, *of)
    newest = sorted(rows, key=_position, reverse=True)
    return _page([row for row in newest if not before or row[0] < before], limit, *of)


def _page(rows: Sequence[tuple[str, T]], limit: int, *of: str) -> Page[T]:
    held = max(1, min(limit, MOST))
    page = rows[:held]
    end = page[-1][0] if len(rows) > held else ""
    return Page(tuple(row for _, row in page), cursors.write(end, *of))


def _position(row: tuple[str, object]) -> str:
    return row[0]


def _listed(head: Conversation, case: Case, query: Query) -> bool:
    return (
        case.status in OPEN
        and (bool(case.approvals) or not query.approvals)
        and query.team in ("", case.team)
        and query.assignee in ("", case.assignee or case.offered_to)
        and query.status in (None, case.status)
        and not (query.team and query.status is Status.QUEUED and case.offered_to)
        and query.channel in (None, head.channel)
    )
