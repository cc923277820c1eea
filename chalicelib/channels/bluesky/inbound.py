"""From a post or a private message of Bluesky to an event."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.channels import wire
from chalicelib.channels.contract import PayloadError
from chalicelib.channels.instant import instant
from chalicelib.domain.channel import Channel
from chalicelib.domain.event import Attachment, ChannelEvent, EventKind, Person
from chalicelib.domain.ident import digest

REASONS = ("mention", "reply", "quote")
_LOG = "chat.bsky.convo.defs#log"
_PICTURES = "https://cdn.bsky.app/img/feed_fullsize/plain"
MOST_FACETS = 100


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads for one account of ours. `other` returns whom a private talk is with."""

    account_id: str
    received_at: datetime
    other: Callable[[str], str]

    def post(self, row: wire.Json) -> ChannelEvent:
        """Return somebody's post, or our own one, with its author. Raises PayloadError."""
        record, author = wire.table(row, "record"), wire.table(row, "author")
        uri, by = wire.ident(row, "uri"), _person(author)
        if not uri or by is None:
            raise PayloadError("uri_missing" if by else "author_missing")
        answered = wire.table(record, "reply")
        own = by.id == self.account_id
        text, files = text_of(record), _attachments(record, by.id)
        return replace(
            self._event(EventKind.ECHO if own else EventKind.MESSAGE, uri),
            public=True,
            occurred_at=_time(row, record),
            contact=None if own else by,
            author=by,
            message_id=uri,
            post_id=wire.ident(wire.table(answered, "root"), "uri") or uri,
            parent_id=wire.ident(wire.table(answered, "parent"), "uri"),
            text=text,
            attachments=files,
            subject=wire.text(row, "reason") or "post",
            permalink=_link(uri),
        )

    def log(self, entry: wire.Json) -> ChannelEvent | str:
        """Return what an entry of the private log tells, or the word for what is none of ours."""
        kind = wire.text(entry, "$type").removeprefix(_LOG)
        talk, message = wire.ident(entry, "convoId"), wire.table(entry, "message")
        number = wire.ident(message, "id")
        if kind == "CreateMessage" and "text" in message:
            return self._message(talk, number, message)
        if kind in ("AddReaction", "RemoveReaction"):
            reaction = wire.table(entry, "reaction")
            return self._reaction(talk, number, reaction, taken=kind == "RemoveReaction")
        return f"bluesky.{wire.word(kind)}"

    def _message(self, talk: str, number: str, message: wire.Json) -> ChannelEvent:
        sender = wire.ident(wire.table(message, "sender"), "did")
        if not talk or not number or not sender:
            raise PayloadError("message_incomplete")
        own = sender == self.account_id
        contact = Person(self.other(talk) if own else sender)
        embed = wire.table(wire.table(message, "embed"), "record")
        quoted = wire.ident(embed, "uri")
        return replace(
            self._event(EventKind.ECHO if own else EventKind.MESSAGE, talk, number),
            occurred_at=instant(message.get("sentAt")),
            contact=contact,
            author=Person(self.account_id) if own else contact,
            message_id=f"{talk}/{number}",
            text=text_of(message),
            attachments=(Attachment("post", url=_link(quoted)),) if quoted else (),
            subject="text",
        )

    def _reaction(
        self, talk: str, number: str, reaction: wire.Json, *, taken: bool
    ) -> ChannelEvent:
        by = wire.ident(wire.table(reaction, "sender"), "did")
        if not talk or not number or not by:
            raise PayloadError("reaction_incomplete")
        emoji, at = wire.text(reaction, "value"), wire.text(reaction, "createdAt")
        contact = Person(self.other(talk) if by == self.account_id else by)
        return replace(
            self._event(EventKind.REACTION, talk, number, by, emoji, at, str(taken)),
            occurred_at=instant(at),
            contact=contact,
            author=Person(by),
            message_id=f"{talk}/{number}",
            emoji="" if taken else emoji,
        )

    def _event(self, kind: EventKind, *key: str) -> ChannelEvent:
        return ChannelEvent(
            key=digest("event", Channel.BLUESKY, self.account_id, kind, *key),
            kind=kind,
            channel=Channel.BLUESKY,
            account_id=self.account_id,
            public=False,
            received_at=self.received_at,
        )


def text_of(record: wire.Json) -> str:
    """Return the words with whole links: what is shown of a link may be shortened.

    Facets say where, in bytes of UTF-8.
    """
    raw = wire.text(record, "text").encode("utf-8")
    links: list[tuple[int, int, bytes]] = []
    for one in wire.rows(record, "facets")[:MOST_FACETS]:
        facet = wire.as_object(one, "facet")
        index = wire.table(facet, "index")
        start, end = wire.number(index, "byteStart"), wire.number(index, "byteEnd")
        uri = next(filter(None, (_target(feature) for feature in wire.rows(facet, "features"))), "")
        if uri and 0 <= start < end <= len(raw):
            links.append((start, end, uri.encode("utf-8")))
    until = len(raw)
    for start, end, whole in sorted(links, reverse=True):
        if end <= until:
            raw, until = raw[:start] + whole + raw[end:], start
    return raw.decode("utf-8", "replace")


def kept(kind: str, row: object) -> bytes:
    """Return a body with one row that could not be read, which parse() takes."""
    return json.dumps({"kind": kind, "row": row}).encode("ascii")


def parse(body: bytes, received_at: datetime, account_id: str) -> ChannelEvent | str:
    """Return what a kept row tells. Raises PayloadError."""
    top = wire.as_object(wire.read(body), "body")
    row, kind = wire.table(top, "row"), wire.text(top, "kind")
    reader = Reader(account_id, received_at, lambda talk: f"hidden:{talk}")
    if kind == "log":
        return reader.log(row)
    if kind != "post":
        raise PayloadError("kind_unknown")
    return reader.post(row)


def _target(feature: object) -> str:
    return wire.text(wire.as_object(feature, "feature"), "uri")


def _person(author: wire.Json) -> Person | None:
    did, handle = wire.ident(author, "did"), wire.text(author, "handle")
    name = wire.text(author, "displayName") or handle
    return Person(did, name, handle) if did else None


def _time(row: wire.Json, record: wire.Json) -> datetime | None:
    """Return when it was written, but never later than the network saw it: authors may claim."""
    written, seen = instant(record.get("createdAt")), instant(row.get("indexedAt"))
    return min(written, seen) if written and seen else written or seen


def _link(uri: str) -> str:
    parts = uri.removeprefix("at://").split("/")
    full = uri.startswith("at://") and len(parts) == 3  # noqa: PLR2004  (author, collection, key)
    return f"https://bsky.app/profile/{parts[0]}/post/{parts[2]}" if full else ""


def _attachments(record: wire.Json, author: str) -> tuple[Attachment, ...]:
    embed = wire.table(record, "embed")
    media = wire.table(embed, "media") or embed
    images = [wire.as_object(one, "image") for one in wire.rows(media, "images")]
    found = [_picture(one, author) for one in images]
    outside = wire.table(media, "external")
    if outside:
        title = wire.text(outside, "title")
        found.append(Attachment("link", url=wire.text(outside, "uri"), title=title))
    video = wire.ident(wire.table(wire.table(media, "video"), "ref"), "$link")
    if video:
        found.append(Attachment("video", media_id=video, title=wire.text(media, "alt")))
    quoted = wire.table(embed, "record")
    uri = wire.ident(wire.table(quoted, "record") or quoted, "uri")
    return (*found, Attachment("post", url=_link(uri))) if uri else tuple(found)


def _picture(image: wire.Json, author: str) -> Attachment:
    blob = wire.table(image, "image")
    cid = wire.ident(wire.table(blob, "ref"), "$link")
    url = f"{_PICTURES}/{author}/{cid}@jpeg" if cid else ""
    mime_type = wire.text(blob, "mimeType")
    return Attachment("image", url, cid, mime_type, title=wire.text(image, "alt"))
