"""What Meta still has of a stretch of time: conversations and comments, read by the Graph API.

What is found is put into the form of a webhook and read by the same reader, so that messages have
the same ids and contacts as if they had been delivered, and the table refuses what it has.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from chalicelib.channels import wire
from chalicelib.channels.contract import PayloadError
from chalicelib.channels.instant import instant
from chalicelib.channels.meta import account, envelope, graph
from chalicelib.channels.places import Places
from chalicelib.domain.channel import Channel
from chalicelib.domain.event import ChannelEvent
from chalicelib.workflows.networks import ErrorClass, Missed, PollError, SendResult

MAX_PAGES = 40
MOST_BYTES = 4_000_000
_LASTING = (ErrorClass.CHANNEL, ErrorClass.CONTENT, ErrorClass.RECIPIENT)


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
            lasting = found.error_class in _LASTING
            raise PollError(
                f"meta_{wire.word(found.error_code)}",
                lasting=lasting,
                wait_seconds=found.retry_after_seconds,
            )
        return found

    def pages(self, edge: str, query: Mapping[str, str]) -> Iterator[Sequence[wire.Json]]:
        """Yield an edge page by page.

        The next page is asked for by its cursor; the address that Meta offers holds our token.
        """
        after: Mapping[str, str] = {}
        for _ in range(MAX_PAGES):
            found = self.ask(edge, {**query, **after})
            yield objects(found, "data")
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


def fetch_back(
    missed: Missed, secret: Mapping[str, object], places: Places
) -> Iterable[Sequence[ChannelEvent]]:
    """Return what was said in a stretch of time, in pages, newest first. Raises PollError."""
    from chalicelib.channels.meta import history_talk, history_wall  # noqa: PLC0415

    channel = missed.handle.channel
    if channel is Channel.WHATSAPP:
        return ()
    key = account.key(missed.handle, secret, places)
    if key is None:
        raise PollError("no_token", lasting=True)
    look = Look(missed, key, places)
    if channel is Channel.FACEBOOK_PAGE:
        return history_wall.of_page(look)
    if channel is Channel.MESSENGER:
        return history_talk.of_account(look)
    return _both(history_talk.of_account(look), history_wall.of_instagram(look))


def _both(
    first: Iterable[Sequence[ChannelEvent]], second: Iterable[Sequence[ChannelEvent]]
) -> Iterator[Sequence[ChannelEvent]]:
    yield from first
    yield from second


def objects(source: wire.Json, key: str) -> Sequence[wire.Json]:
    """Return the objects in a list, and nothing for what is no list."""
    found = source.get(key)
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else ()


def part(source: wire.Json, key: str) -> wire.Json:
    """Return the object at `key`, an empty one for anything else."""
    found = source.get(key)
    return found if isinstance(found, dict) else {}


def after_of(found: wire.Json) -> str:
    """Return the cursor of the next page, empty when there is none."""
    paging = part(found, "paging")
    try:
        cursor = wire.text(part(paging, "cursors"), "after")
        return cursor if paging.get("next") else ""
    except PayloadError:
        return ""
