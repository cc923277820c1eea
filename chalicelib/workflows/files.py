"""Files: what customers attach is fetched into our own bucket, and handed to agents by short links.

Platforms' addresses expire, some within minutes: the table's stream orders the fetching as soon as
the message is stored. What an agent uploads for a reply is kept beside it in the same way.
"""

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from chalicelib.domain import file
from chalicelib.domain.access import Actor
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.event import Attachment
from chalicelib.domain.ident import digest
from chalicelib.domain.message import Direction, Message
from chalicelib.domain.policy import Handle
from chalicelib.workflows.change import handle_of, persist
from chalicelib.workflows.errors import NotFoundError, NotNowError, RefusedError, RetryLaterError
from chalicelib.workflows.networks import Fetched, FetchError, FetchLaterError
from chalicelib.workflows.ports import Commit, Parts, Upload
from chalicelib.workflows.read import conversation as seen

MOST_BYTES = 25 * 1024 * 1024
LINK_SECONDS = 300
UPLOAD_SECONDS = 900

_WAITS = (5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 21_600, 36_000)
"""Seconds after each attempt that brought nothing: a bit more than a day in all."""

ATTEMPTS = len(_WAITS) + 1
ALL = -1


@dataclass(frozen=True, slots=True)
class Order:
    """What the queue of files carries: which attachment of a message, or ALL that are missing."""

    conversation_id: str
    message_id: str
    index: int = ALL


@dataclass(frozen=True, slots=True)
class Link:
    """Where a file can be had until `expires_at`, by whoever has the address."""

    url: str
    expires_at: datetime
    name: str
    mime_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Offered:
    """A file that a person wants to upload.

    `key` is the request's idempotency key: asked again, the same place is given.
    """

    name: str
    mime_type: str
    size: int
    key: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a browser may put one file until `expires_at`."""

    upload: Upload
    expires_at: datetime


def enqueue(parts: Parts, order: Order) -> None:
    """Put an order on the queue.

    Called by the table's stream for every message with a file to fetch.
    """
    parts.files.send(json.dumps(asdict(order)).encode("ascii"))


def fetch(parts: Parts, order: Order, tries: int = 1) -> str:
    """Carry out one order; return what became of it.

    Several missing files are ordered one by one, so that none waits for another. Told twice, a file
    that is kept is left alone; between, it is fetched and written over itself. A message that was
    deleted meanwhile keeps its files unfetched. `tries` is how often the queue has handed out the
    order. Raises RetryLaterError, with the wait, until the last attempt; then the file is refused.
    """
    message = parts.conversations.message(order.conversation_id, order.message_id)
    due = _due(message, order.index)
    if message is None or not due:
        return "settled"
    if order.index == ALL and len(due) > 1:
        for place in due:
            enqueue(parts, replace(order, index=place))
        return "split"
    return _fetch_one(parts, message, due[0], tries)


def link(parts: Parts, actor: Actor, conversation_id: str, message_id: str, index: int) -> Link:
    """Return a short-lived address of a file for a person who sees the conversation.

    Raises NotFoundError where this person may see no such file, deleted messages included,
    NotNowError when it is not kept (yet, or at all).
    """
    found = seen(parts, actor, conversation_id)
    message = parts.conversations.message(found.id, message_id)
    gone = message is None or message.deleted_at is not None
    if message is None or gone or not 0 <= index < len(message.attachments):
        raise NotFoundError("There is no such file.")
    one = message.attachments[index]
    if not one.key:
        code = "file_refused" if one.refused else "file_not_kept"
        raise NotNowError(f"The file is not here: {one.refused or 'not fetched yet'}.", code=code)
    name = file.safe_name(one.name) or f"file-{index + 1}"
    url = parts.media.link(one.key, LINK_SECONDS, name=name, mime_type=one.mime_type)
    expires_at = parts.now() + timedelta(seconds=LINK_SECONDS)
    return Link(url, expires_at, name, file.served_as(one.mime_type), one.size)


def upload(parts: Parts, actor: Actor, conversation_id: str, offered: Offered) -> Place:
    """Return where a person's browser may put a file that shall leave with a reply.

    Raises NotFoundError where this person sees no such conversation, RefusedError for a file that
    no reply may carry.
    """
    found = seen(parts, actor, conversation_id)
    name, mime_type = file.safe_name(offered.name), offered.mime_type
    if not name:
        raise RefusedError("The file needs a name.", code="file_name")
    if not 0 < offered.size <= MOST_BYTES:
        raise RefusedError(f"A file may have {MOST_BYTES} bytes.", code="file_too_large")
    if file.refusal(b"", name) or file.served_as(mime_type) != mime_type:
        raise RefusedError("Files of this kind are not sent.", code="file_type")
    key = f"{file.UPLOAD}{found.id}/{digest('upload', actor.id, offered.key)}/{name}"
    place = parts.media.upload(key, mime_type, MOST_BYTES, UPLOAD_SECONDS)
    return Place(place, parts.now() + timedelta(seconds=UPLOAD_SECONDS))


def _due(message: Message | None, index: int) -> tuple[int, ...]:
    if message is None or not file.wanted(message):
        return ()
    missing = file.missing(message)
    return missing if index == ALL else tuple(place for place in missing if place == index)


def _fetch_one(parts: Parts, message: Message, place: int, tries: int) -> str:
    wanted = message.attachments[place]
    try:
        kept = _kept(parts, message, place, _bytes(parts, message, wanted))
    except FetchError as error:
        kept = replace(wanted, refused=error.reason)
    except FetchLaterError as error:
        if tries < ATTEMPTS:
            wait = _WAITS[max(1, tries) - 1]
            raise RetryLaterError("the file cannot be had now", seconds=wait) from error
        parts.meter.count("FileNotFetched")
        kept = replace(wanted, refused="not_fetched")
    return persist(lambda: _note(parts, message, place, wanted, kept))


def _bytes(parts: Parts, message: Message, wanted: Attachment) -> Fetched:
    """Return the file from where it is now. Raises FetchError or FetchLaterError."""
    if message.direction is not Direction.INBOUND:
        try:
            body = parts.media.get(wanted.key)
        except LookupError:
            raise FetchError("gone") from None
        return Fetched(body, wanted.mime_type, wanted.name)
    conversation = parts.conversations.get(message.conversation_id)
    if conversation is None:
        raise LookupError(f"no conversation {message.conversation_id}")
    return parts.network.fetch(_handle(parts, conversation, message), wanted, MOST_BYTES)


def _handle(parts: Parts, conversation: Conversation, message: Message) -> Handle:
    """Return the handle that the message came in by: the private one on a private side."""
    policy, side = parts.policies.current(), conversation.side
    if conversation.public and not message.public and side is not None:
        conversation = replace(
            conversation, channel=side.channel, handle=side.handle, account_id=side.account_id
        )
    return handle_of(policy, conversation)


def _kept(parts: Parts, message: Message, place: int, fetched: Fetched) -> Attachment:
    """Put a file into the bucket; return the attachment that leads there. Raises FetchError."""
    wanted = message.attachments[place]
    name = file.safe_name(wanted.name or fetched.name)
    if not fetched.body or len(fetched.body) > MOST_BYTES:
        raise FetchError("too_large" if fetched.body else "empty")
    if refusal := file.refusal(fetched.body, name):
        raise FetchError(refusal)
    mime_type = file.mime_type(fetched.body, fetched.mime_type or wanted.mime_type)
    key = f"{file.MEDIA}{message.conversation_id}/{message.id}/{place}"
    parts.media.put(key, fetched.body, mime_type, name)
    return replace(
        wanted, key=key, size=len(fetched.body), mime_type=mime_type, name=wanted.name or name
    )


def _note(parts: Parts, told: Message, place: int, wanted: Attachment, kept: Attachment) -> str:
    """Write down where the file is, unless the message has changed or somebody was faster."""
    message = parts.conversations.message(told.conversation_id, told.id)
    if message is None or not _due(message, place) or message.attachments[place] != wanted:
        return "settled"
    attachments = list(message.attachments)
    attachments[place] = kept
    parts.conversations.commit(Commit(update=(replace(message, attachments=tuple(attachments)),)))
    if kept.refused:
        parts.meter.count("FileRefused", reason=kept.refused)
        return "refused"
    parts.meter.count("FileKept")
    return "kept"
