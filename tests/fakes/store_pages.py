"""The store in memory: pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from chalicelib.domain.page import Member, Page, PageState
from chalicelib.store import keys
from chalicelib.workflows.ports import StaleError

if TYPE_CHECKING:
    from tests.fakes.store import MemoryStore

PageChange = Callable[[Page | None, Page], None]


class MemoryPages:
    """`ladder.ports.Pages` in memory. What was just written is in every list at once."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self.queues: dict[str, str] = {}
        self.joined: dict[str, dict[str, Member]] = {}
        self.refs: dict[str, str] = {}
        self.told: dict[tuple[str, str], datetime] = {}

    def get(self, page_id: str) -> Page | None:
        with self._store.around("pages.get"):
            return self._store.page_rows.get(page_id)

    def current(self, queue: str) -> Page | None:
        with self._store.around("pages.current"):
            return self._store.page_rows.get(self.queues.get(queue, ""))

    def open(self, page: Page, replaces: Page | None) -> Page:
        with self._store.around("pages.open"):
            now = self._store.page_rows.get(self.queues.get(page.queue, ""))
            if (now.id if now else "") != (replaces.id if replaces else ""):
                raise StaleError(page.queue)
            if page.id in self._store.page_rows:
                raise StaleError(page.queue)
            self.queues[page.queue] = page.id
            return self._write(page)

    def join(self, page_id: str, member: Member) -> bool:
        with self._store.around("pages.join"):
            members = self.joined.setdefault(page_id, {})
            fresh = _place(member) not in members
            members.setdefault(_place(member), member)
            return fresh

    def members(self, page_id: str, limit: int = 1000) -> Sequence[Member]:
        with self._store.around("pages.members"):
            members = self.joined.get(page_id, {})
            return [members[place] for place in sorted(members)][:limit]

    def save(self, page: Page) -> Page:
        with self._store.around("pages.save"):
            stored = self._store.page_rows.get(page.id)
            if stored is None or stored.rev != page.rev:
                raise StaleError(page.id)
            return self._write(page)

    def arm(self, page_id: str, rev: int, token: str, armed_for: datetime) -> None:
        with self._store.around("pages.arm"):
            stored = self._store.page_rows.get(page_id)
            if stored is None:
                raise StaleError(page_id)
            if (stored.rev, stored.token, stored.armed_for) == (rev + 1, token, armed_for):
                return
            if stored.rev != rev:
                raise StaleError(page_id)
            self._write(replace(stored, token=token, armed_for=armed_for))

    def listed(self, team: str, limit: int) -> Sequence[Page]:
        with self._store.around("pages.listed"):
            mine = [page for page in self._store.page_rows.values() if page.team == team]
            newest = sorted(mine, key=lambda page: (page.opened_at, page.id), reverse=True)
            held = max(1, min(limit, 100))
            return [page for page in newest if page.state is not PageState.OVER][:held]

    def note_ref(self, ref: str, page_id: str) -> None:
        with self._store.around("pages.note_ref"):
            self.refs[ref] = page_id

    def of_ref(self, ref: str) -> str:
        with self._store.around("pages.of_ref"):
            return self.refs.get(ref, "")

    def told_at(self, person: str, medium: str) -> datetime | None:
        with self._store.around("pages.told_at"):
            return self.told.get((person, medium))

    def note_told(self, person: str, medium: str, at: datetime) -> None:
        with self._store.around("pages.note_told"):
            self.told[(person, medium)] = at

    def _write(self, page: Page) -> Page:
        old = self._store.page_rows.get(page.id)
        new = replace(page, rev=page.rev + 1)
        self._store.page_rows[page.id] = new
        for told in self._store.page_changed:
            told(old, new)
        return new


def _place(member: Member) -> str:
    return keys.at(member.due_at, member.key)
