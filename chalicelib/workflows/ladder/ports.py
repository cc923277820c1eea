"""What the ladder needs of the outside besides the ports of all workflows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from chalicelib.domain.ladder import PagingEndpoint
from chalicelib.domain.page import Member, Page


@dataclass(frozen=True, slots=True)
class Carried:
    """What a carrier said of one telling. `ref` is its id for it, under which receipts come.

    `again`: trying the same later may help (a time-out, a throttle); else it never will.
    """

    taken: bool
    ref: str = ""
    reason: str = ""
    again: bool = False


class Pages(Protocol):
    """The pages in the table. Every read is strongly consistent."""

    def get(self, page_id: str) -> Page | None: ...
    def current(self, queue: str) -> Page | None:
        """Return the page that a queue's new members join, open or not any more, or None."""
        ...

    def open(self, page: Page, replaces: Page | None) -> Page:
        """Store a new page and make it the queue's current one, in one transaction.

        `replaces` is the page that was current (None: there was none). Raises StaleError when
        another is current meanwhile.
        """
        ...

    def join(self, page_id: str, member: Member) -> bool:
        """Add a member; False when it was there."""
        ...

    def members(self, page_id: str, limit: int = 1000) -> Sequence[Member]:
        """Return the members of a page, in the order of their deadlines."""
        ...

    def save(self, page: Page) -> Page:
        """Write it, `rev` raised by one. Raises StaleError when it is not at its `rev` any more."""
        ...

    def arm(self, page_id: str, rev: int, token: str, armed_for: datetime) -> None:
        """Record the waiting machine. Raises StaleError when the page is not at `rev` any more."""
        ...

    def listed(self, team: str, limit: int) -> Sequence[Page]:
        """Return pages of a team that are not over, newest first."""
        ...

    def note_ref(self, ref: str, page_id: str) -> None:
        """Remember which page a carrier's id belongs to, for its receipts; for some days."""
        ...

    def of_ref(self, ref: str) -> str:
        """Return the page that a carrier's id belongs to, or an empty text."""
        ...

    def told_at(self, person: str, medium: str) -> datetime | None:
        """Return when somebody was last told by that medium, or None."""
        ...

    def note_told(self, person: str, medium: str, at: datetime) -> None:
        """Remember when somebody was told."""
        ...


class Pager(Protocol):
    """What carries a telling to a person or a system. Never raises for what the carrier says."""

    def sms(self, phone: str, text: str) -> Carried: ...
    def email(self, address: str, subject: str, body: str) -> Carried: ...
    def webhook(self, endpoint: PagingEndpoint, action: str, facts: Mapping[str, str]) -> Carried:
        """Tell a paging system; `action` is trigger, acknowledge or resolve.

        `facts`: page (also the deduplication key), summary, severity (warning, breach, critical),
        team, count, link, body, at (ISO 8601).
        """
        ...


class Links(Protocol):
    """Signed links by which one person acknowledges one page with one tap."""

    def link(self, page_id: str, person: str) -> str:
        """Return an address, short enough for an SMS."""
        ...

    def person(self, token: str) -> tuple[str, str] | None:
        """Return page id and agent id of a link's token, or None when we did not make it."""
        ...
