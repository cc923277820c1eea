"""Hooks: the company's own systems are told what happens, at least once, for about a day.

Two letters a piece of news, so that a slow or broken receiver holds up nothing else: the table's
stream puts the news on the queue, the door `hooks` makes of it one letter for each endpoint that
wants it, and each of those is delivered, tried again and at last set aside on its own.
"""

import json
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass, replace

from chalicelib.domain import hook
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.entry import Entry, EntryKind
from chalicelib.domain.policy import Endpoint
from chalicelib.workflows.change import team_of
from chalicelib.workflows.errors import NotFoundError, RetryLaterError
from chalicelib.workflows.networks import SendResult, SendState
from chalicelib.workflows.ports import Parts

PREFIX = "hook/"
"""Where the bucket keeps what no endpoint took."""

MOST = 100_000
"""How many events of an endpoint a command looks at."""


@dataclass(frozen=True, slots=True)
class News:
    """A new log row of a conversation: something happened."""

    conversation_id: str
    version: int


@dataclass(frozen=True, slots=True)
class Order:
    """One event for one endpoint, exactly as it is to be signed and sent."""

    endpoint: str
    event_id: str
    body: str


def enqueue(
    parts: Parts, conversation_id: str, version: int, kinds: Collection[str] | None = None
) -> bool:
    """Put the news of one log row on the queue; False when nobody asks for any of it.

    `kinds` are those of the row's entries (None: not known). Called by the table's stream for
    every new log row, most of which no endpoint asks for.
    """
    known = [kind for kind in EntryKind if kind.value in (kinds or ())]
    endpoints = parts.policies.current().endpoints
    if not any(kinds is None or hook.asks(endpoint, known) for endpoint in endpoints):
        return False
    parts.hooks.send(_written(News(conversation_id, version)))
    return True


def told(parts: Parts, news: News) -> int:
    """Order the delivery of a log row's events to each endpoint that wants them; return how many.

    Told twice, the same events are ordered again under the same ids, which receivers recognise.
    """
    endpoints = parts.policies.current().endpoints
    row = parts.conversations.log(news.conversation_id, news.version) if endpoints else None
    conversation = parts.conversations.get(news.conversation_id) if row else None
    if row is None or conversation is None:
        return 0
    entries = tuple(replace(entry, version=news.version) for entry in row.entries)
    orders = [
        order for endpoint in endpoints for order in _orders(parts, endpoint, conversation, entries)
    ]
    for order in orders:
        parts.hooks.send(_written(order))
    return len(orders)


def deliver(parts: Parts, order: Order, tries: int) -> str:
    """Deliver one event, once; return what became of it.

    `tries` is how often the queue has handed out the order, this time included. Raises
    RetryLaterError, with the wait, until the last attempt; then the event is set aside.
    """
    endpoint = _endpoint(parts, order.endpoint)
    if endpoint is None:
        parts.meter.count("HookDropped", endpoint=order.endpoint)
        return "dropped"
    result = parts.hook_sender.deliver(
        endpoint.url, endpoint.secret, order.event_id, order.body.encode("utf-8")
    )
    if result.state is SendState.ACCEPTED:
        parts.meter.count("HookDelivered", endpoint=order.endpoint)
        return "delivered"
    wait = _wait(order, result, tries)
    if wait is not None:
        raise RetryLaterError("the endpoint did not take it", seconds=wait)
    _set_aside(parts, order, result)
    return "set_aside"


def set_aside(parts: Parts, endpoint: str = "", limit: int = MOST) -> list[tuple[str, str]]:
    """Return endpoint and event id of what was given up, oldest first for each endpoint."""
    prefix = f"{PREFIX}{endpoint}/" if endpoint else PREFIX
    return [_named(key) for key in parts.blobs.keys(prefix, limit)]


def resend(parts: Parts, endpoint: str, event_id: str = "") -> int:
    """Queue what an endpoint did not take again, one event or all; return how many.

    Each goes out under the id it always had, and is forgotten once the queue has it: a process that
    dies in between sends it twice. Raises NotFoundError for an endpoint that care.yaml does not
    know, or an event that is not there.
    """
    if _endpoint(parts, endpoint) is None:
        raise NotFoundError(f"care.yaml knows no endpoint {endpoint}.")
    kept = parts.blobs.keys(f"{PREFIX}{endpoint}/", MOST)
    keys = [key for key in kept if event_id in ("", _named(key)[1])]
    if event_id and not keys:
        raise NotFoundError(f"No event {event_id} of {endpoint} was set aside.")
    for key in keys:
        parts.hooks.send(parts.blobs.get(key)[0])
        parts.blobs.delete(key)
    return len(keys)


def _orders(
    parts: Parts, endpoint: Endpoint, conversation: Conversation, entries: tuple[Entry, ...]
) -> Iterator[Order]:
    team = team_of(parts, conversation)
    for position, entry in enumerate(entries):
        if hook.wants(endpoint, entry, conversation, team):
            told = hook.data(endpoint, entry, conversation, team, position)
            text = _text(parts, conversation, entry) if endpoint.texts else ""
            found = hook.event_id(endpoint, conversation.id, entry.version, position)
            yield Order(endpoint.id, found, hook.body(entry, told, text).decode("ascii"))


def _text(parts: Parts, conversation: Conversation, entry: Entry) -> str:
    """Return what the entry's message says now, or what the entry itself quotes."""
    if not entry.message_id:
        return entry.text
    message = parts.conversations.message(conversation.id, entry.message_id)
    return message.shown if message else ""


def _endpoint(parts: Parts, name: str) -> Endpoint | None:
    return next((one for one in parts.policies.current().endpoints if one.id == name), None)


def _wait(order: Order, result: SendResult, tries: int) -> int | None:
    if result.state is SendState.FAILED:
        return None
    return hook.wait_seconds(order.event_id, tries, result.retry_after_seconds)


def _set_aside(parts: Parts, order: Order, result: SendResult) -> None:
    """Keep the event under a key of its own: however often it is given up, it is there once."""
    day = json.loads(order.body)["timestamp"][:10]
    key = f"{PREFIX}{order.endpoint}/{day}/{order.event_id}"
    reason = result.error_code or "no_answer"
    parts.blobs.put(key, _written(order), {"endpoint": order.endpoint, "reason": reason})
    parts.meter.count("HookGivenUp", endpoint=order.endpoint, reason=reason)


def _named(key: str) -> tuple[str, str]:
    endpoint, _, event_id = key.removeprefix(PREFIX).split("/")
    return endpoint, event_id


def _written(letter: News | Order) -> bytes:
    return json.dumps(asdict(letter)).encode("ascii")
