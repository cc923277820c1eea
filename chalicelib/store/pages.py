"""Pages: what people are paged of, one row a page and one a member.

A queue's row names its current page. What joins twice is one row; a page's row is written on the
condition that it is as it was read.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from pynamodb.expressions.condition import Condition

from chalicelib.domain.page import Member, Page, PageState
from chalicelib.store import keys, records, rows
from chalicelib.store.codec import decode, encode
from chalicelib.store.commit import at_rev
from chalicelib.store.rows import Row
from chalicelib.store.table import LARGEST_BATCH, Refusal, Table, Write, WritesRefusedError
from chalicelib.workflows.ports import Clock, StaleError

OVER_LIFE = timedelta(days=90)
MEMBER_LIFE = timedelta(days=180)
REF_LIFE = timedelta(days=7)
TOLD_LIFE = timedelta(days=2)


class Pages:
    """`ladder.ports.Pages` on the table. Every method may raise BusyError."""

    def __init__(self, table: Table, now: Clock) -> None:
        self._table = table
        self._now = now

    def get(self, page_id: str) -> Page | None:
        """Return a page, or None."""
        row = self._table.get(keys.page(page_id), keys.HEAD)
        return _page_of(row) if row else None

    def current(self, queue: str) -> Page | None:
        """Return the page that a queue's new members join, open or not any more, or None."""
        row = self._table.get(keys.page_queue(queue), keys.CURRENT)
        return self.get(row.page_id) if row else None

    def open(self, page: Page, replaces: Page | None) -> Page:
        """Store a new page and make it the queue's current one, in one transaction.

        Raises StaleError when another is current meanwhile, or the id is taken.
        """
        queue = keys.page_queue(page.queue)
        values = {"pk": queue, "sk": keys.CURRENT, "kind": "page_queue", "page_id": page.id}
        condition = Row.page_id == replaces.id if replaces else self._nothing(queue)
        try:
            self._table.transact(
                [
                    Write(_values(page, self._now()), Refusal.STALE, at_rev(page.rev)),
                    Write(values, Refusal.STALE, condition),
                ]
            )
        except WritesRefusedError as error:
            raise StaleError(page.queue) from error
        return replace(page, rev=page.rev + 1)

    def _nothing(self, queue: str) -> Condition:
        """Return the condition that a queue has no page, or one that is gone by its age."""
        row = self._table.get(queue, keys.CURRENT)
        if row and self.get(row.page_id) is None:
            return Row.page_id == row.page_id
        return Row.pk.does_not_exist()

    def join(self, page_id: str, member: Member) -> bool:
        """Add a member; False when it was there."""
        values = {
            "pk": keys.page(page_id),
            "sk": keys.MEMBERS + keys.at(member.due_at, member.key),
            "kind": "member",
            "body": encode(member),
            "expires_at": self._now() + MEMBER_LIFE,
        }
        try:
            self._table.write(Write(values, Refusal.PRESENT, Row.pk.does_not_exist()))
        except WritesRefusedError:
            return False
        return True

    def members(self, page_id: str, limit: int = 1000) -> Sequence[Member]:
        """Return the members of a page, in the order of their deadlines."""
        found: list[Row] = []
        after = keys.MEMBERS
        while len(found) < limit:
            within = (
                Row.sk.startswith(keys.MEMBERS)
                if after == keys.MEMBERS
                else Row.sk.between(after + " ", keys.MEMBERS + "~")
            )
            some, after = self._table.page(
                keys.page(page_id), limit - len(found), within, consistent_read=True
            )
            found += some
            if not after:
                break
        return [decode(row.body, Member) for row in found]

    def save(self, page: Page) -> Page:
        """Write it, `rev` raised by one. Raises StaleError when it is not at its `rev` any more."""
        if not page.rev:
            raise StaleError(page.id)
        write = Write(_values(page, self._now()), Refusal.STALE, at_rev(page.rev))
        try:
            self._table.write(write)
        except WritesRefusedError as error:
            raise StaleError(page.id) from error
        return replace(page, rev=page.rev + 1)

    def arm(self, page_id: str, rev: int, token: str, armed_for: datetime) -> None:
        """Record the waiting machine. Raises StaleError when the page is not at `rev` any more.

        Raises nothing when the very same was recorded before: the answer to a time-out after the
        write.
        """
        key = {"pk": keys.page(page_id), "sk": keys.HEAD}
        stamped = records.stamp(armed_for)
        actions = (Row.token.set(token), Row.armed_for.set(stamped), Row.rev.set(rev + 1))
        try:
            self._table.write(Write(key, Refusal.STALE, Row.rev == rev, actions))
        except WritesRefusedError as error:
            found = error.refused[0].found
            if found and (found.rev, found.token, found.armed_for) == (rev + 1, token, stamped):
                return
            raise StaleError(page_id) from error

    def listed(self, team: str, limit: int) -> Sequence[Page]:
        """Return pages of a team that are not over, newest first, 100 at most. The list lags."""
        found, _ = self._table.page(
            keys.pages_of(team),
            max(1, min(limit, LARGEST_BATCH)),
            index_name=rows.OPEN,
            scan_index_forward=False,
        )
        pages = (_page_of(row) for row in self._table.batch([(r.pk, r.sk) for r in found]))
        return [page for page in pages if page.state is not PageState.OVER]

    def note_ref(self, ref: str, page_id: str) -> None:
        """Remember which page a carrier's id belongs to, for its receipts; for a week."""
        self._note(keys.page_ref(ref), keys.NOTE, REF_LIFE, page_id=page_id)

    def of_ref(self, ref: str) -> str:
        """Return the page that a carrier's id belongs to, or an empty text."""
        row = self._table.get(keys.page_ref(ref), keys.NOTE)
        return str(row.page_id) if row else ""

    def told_at(self, person: str, medium: str) -> datetime | None:
        """Return when somebody was last told by that medium, or None."""
        row = self._table.get(keys.told(person), keys.escape(medium))
        return records.instant(row.body) if row else None

    def note_told(self, person: str, medium: str, at: datetime) -> None:
        """Remember when somebody was told, for two days."""
        self._note(keys.told(person), keys.escape(medium), TOLD_LIFE, body=records.stamp(at))

    def _note(self, pk: str, sk: str, life: timedelta, **facts: str) -> None:
        values = {"pk": pk, "sk": sk, "kind": "note", "expires_at": self._now() + life}
        self._table.write(Write(values | facts))


def _values(page: Page, now: datetime) -> dict[str, Any]:
    over = page.state is PageState.OVER
    return {
        "pk": keys.page(page.id),
        "sk": keys.HEAD,
        "kind": "page",
        "body": encode(replace(page, rev=0, token="", armed_for=None)),
        "rev": page.rev + 1,
        "page_id": page.id,
        "status": page.state.value,
        "generation": page.generation,
        "token": page.token or None,
        "armed_for": records.stamp(page.armed_for) if page.armed_for else None,
        "open_pk": None if over else keys.pages_of(page.team),
        "due": None if over else keys.at(page.opened_at, page.id),
        "expires_at": now + OVER_LIFE if over else None,
    }


def _page_of(row: Row) -> Page:
    body = decode(row.body, Page)
    armed_for = records.instant(row.armed_for)
    return replace(body, rev=int(row.rev), token=row.token or "", armed_for=armed_for)
