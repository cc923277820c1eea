"""One stretch of time of one account at Meta: how the Graph API is asked for it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from chalicelib.channels import answers, wire
from chalicelib.channels.contract import PayloadError
from chalicelib.channels.instant import instant
from chalicelib.channels.meta import account, envelope, graph
from chalicelib.channels.places import Places
from chalicelib.channels.questions import poll_error
from chalicelib.domain.event import ChannelEvent
from chalicelib.workflows.networks import Missed, SendResult

MAX_PAGES = 40
MOST_BYTES = 4_000_000


@dataclass(frozen=True, slots=True)
class Look:
    """One stretch of time of one account, and what opens it."""

    missed: Missed
    key: account.Key
    places: Places

    @property
    def account_id(self) -> str:
        """Return the account's id, as webhooks name it."""
        return self.missed.handle.account_id

    def ask(self, edge: str, query: Mapping[str, str]) -> wire.Json:
        """Return one answer of the Graph API. Raises PollError."""
        call = graph.Call(self.key, edge, method="GET", query=query, most_bytes=MOST_BYTES)
        found = graph.ask(call, self.places)
        if isinstance(found, SendResult):
            reason = f"meta_{wire.word(found.error_code)}"
            raise poll_error(replace(found, error_code=reason))
        return found

    def pages(self, edge: str, query: Mapping[str, str]) -> Iterator[Sequence[wire.Json]]:
        """Yield an edge page by page.

        The next page is asked for by its cursor; the address that Meta offers holds our token.
        """
        after: Mapping[str, str] = {}
        for _ in range(MAX_PAGES):
            found = self.ask(edge, {**query, **after})
            yield answers.parts(found, "data")
            cursor = after_of(found)
            if not cursor:
                return
            after = {"after": cursor}

    def too_old(self, row: wire.Json, name: str) -> bool:
        """Return whether a row's time is before the stretch; one without a time is not."""
        at = instant(row.get(name))
        return at is not None and at < self.missed.since

    def events(self, name: str, entries: Sequence[object]) -> list[ChannelEvent]:
        """Return the events of entries in a webhook's form that happened in the stretch."""
        body = json.dumps({"object": name, "entry": list(entries)}).encode("ascii")
        found = envelope.parse(body, self.places.now()).events
        since, until = self.missed.since, self.missed.until
        return [
            event
            for event in found
            if event.occurred_at is not None and since <= event.occurred_at <= until
        ]


def after_of(found: wire.Json) -> str:
    """Return the cursor of the next page, empty when there is none."""
    paging = answers.part(found, "paging")
    try:
        cursor = wire.text(answers.part(paging, "cursors"), "after")
        return cursor if paging.get("next") else ""
    except PayloadError:
        return ""
