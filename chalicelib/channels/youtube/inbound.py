"""Comment threads and comments as the API lists them, as events (protocols 6).

An edited comment shows its newest text and no earlier one: it is told as the message it was and as
its edit. A comment that is gone is only absent, so deletions are never told.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.channels import wire
from chalicelib.channels.contract import Parsed, PayloadError, Unreadable
from chalicelib.channels.instant import instant
from chalicelib.domain.channel import Channel
from chalicelib.domain.event import ChannelEvent, EventKind, Person
from chalicelib.domain.ident import digest

THREAD, COMMENT = "youtube#commentThread", "youtube#comment"
_WATCH = "https://www.youtube.com/watch?v={video}&lc={comment}"
MAX_ITEMS = 10_000


@dataclass(frozen=True, slots=True)
class Said:
    """One comment with its place: the video (or, without one, the channel) and the thread."""

    comment: wire.Json
    post_id: str
    parent_id: str = ""

    @property
    def id(self) -> str:
        """Return the comment's id. Raises PayloadError when there is none."""
        return _required(self.comment, "id")

    @property
    def snippet(self) -> wire.Json:
        """Return what the API says about it."""
        return wire.table(self.comment, "snippet")

    @property
    def mark(self) -> str:
        """Return what is equal for a comment as it is now, and another once it is edited."""
        about = self.comment.get("snippet")
        changed = about.get("updatedAt") if isinstance(about, dict) else about
        return digest(wire.canonical([self.comment.get("id"), changed]))[:10]

    @property
    def changed_at(self) -> datetime | None:
        """Return when it was last written, where that can be read."""
        return self._at("updatedAt") or self.published_at

    @property
    def published_at(self) -> datetime | None:
        """Return when it was first written, where that can be read."""
        return self._at("publishedAt")

    def _at(self, name: str) -> datetime | None:
        about = self.comment.get("snippet")
        return instant(about.get(name)) if isinstance(about, dict) else None


def parse(body: bytes, received_at: datetime, account_id: str) -> Parsed:
    """Return the events of a list as the API answers it, or of one element kept to be read again.

    Raises PayloadError when it is no such list.
    """
    top = wire.as_object(wire.read(body), "body")
    if not isinstance(top.get("items"), list):
        raise PayloadError("not_youtube")
    items = wire.rows(top, "items")
    if len(items) > MAX_ITEMS:
        raise PayloadError("too_many")
    parsed = Parsed()
    for item in items:
        parsed = _with(parsed, item, received_at, account_id)
    return parsed


def _with(parsed: Parsed, item: object, received_at: datetime, account_id: str) -> Parsed:
    try:
        kind, found = said(item)
    except PayloadError as error:
        lost = Unreadable(error.reason, kept(item))
        return replace(parsed, unreadable=(*parsed.unreadable, lost))
    if kind:
        return replace(parsed, ignored=(*parsed.ignored, kind))
    for one in found:
        told = tell(one, received_at, account_id)
        if isinstance(told, Unreadable):
            parsed = replace(parsed, unreadable=(*parsed.unreadable, told))
        else:
            parsed = replace(parsed, events=(*parsed.events, *told))
    return parsed


def tell(one: Said, received_at: datetime, account_id: str) -> list[ChannelEvent] | Unreadable:
    """Return a comment's events; one that cannot be read does not cost the rest of its thread."""
    try:
        return events_of(one, received_at, account_id)
    except PayloadError as error:
        about = one.comment.get("snippet")
        alone = {**about, "videoId": one.post_id} if isinstance(about, dict) else about
        return Unreadable(error.reason, kept({**one.comment, "kind": COMMENT, "snippet": alone}))


def kept(item: object) -> bytes:
    """Return a body with this element alone, which parse() takes."""
    return json.dumps({"items": [item]}).encode("ascii")


def said(item: object) -> tuple[str, list[Said]]:
    """Return an element's comments, or a word for an element of another kind.

    Raises PayloadError.
    """
    element = wire.as_object(item, "item")
    kind = wire.text(element, "kind")
    if kind == COMMENT:
        return "", [reply(element, "")]
    if kind != THREAD:
        return f"youtube.{wire.word(kind.rpartition('#')[2])}", []
    return "", list(_thread(element))


def _thread(element: wire.Json) -> Iterator[Said]:
    about = wire.table(element, "snippet")
    top = wire.table(about, "topLevelComment")
    post_id = wire.ident(about, "videoId") or wire.ident(about, "channelId")
    first = Said(top, post_id or _post(top))
    yield first
    for raw in wire.rows(wire.table(element, "replies"), "comments"):
        yield reply(wire.as_object(raw, "reply"), first.post_id)


def reply(comment: wire.Json, post_id: str) -> Said:
    """Return an answer in a thread. The id of one is its thread's, a full stop, and its own."""
    thread = wire.ident(wire.table(comment, "snippet"), "parentId")
    return Said(comment, post_id or _post(comment), thread or thread_of(_required(comment, "id")))


def thread_of(comment_id: str) -> str:
    """Return the thread a reply belongs to; empty for a comment that begins one."""
    thread, dot, _ = comment_id.partition(".")
    return thread if dot else ""


def events_of(one: Said, received_at: datetime, account_id: str) -> list[ChannelEvent]:
    """Return what a comment tells: itself, and its edit where it was edited.

    Raises PayloadError.
    """
    author = _author(one.snippet)
    own = author is not None and author.id == account_id
    kind = EventKind.ECHO if own else EventKind.MESSAGE
    first = ChannelEvent(
        key=digest("event", Channel.YOUTUBE, account_id, kind, one.id),
        kind=kind,
        channel=Channel.YOUTUBE,
        account_id=account_id,
        public=True,
        received_at=received_at,
        occurred_at=one.published_at,
        contact=None if own else author,
        author=author,
        message_id=one.id,
        post_id=one.post_id,
        parent_id=one.parent_id,
        text=wire.text(one.snippet, "textOriginal") or wire.text(one.snippet, "textDisplay"),
        subject="comment",
        permalink=_WATCH.format(video=one.post_id, comment=one.id),
    )
    changed = one.changed_at
    if changed is None or changed == one.published_at:
        return [first]
    told = digest("event", Channel.YOUTUBE, account_id, "edit", one.id, changed.isoformat())
    return [first, replace(first, key=told, kind=EventKind.EDIT, occurred_at=changed)]


def _author(snippet: wire.Json) -> Person | None:
    """Return who wrote it; an account that is gone has a name and no id."""
    found = wire.ident(wire.table(snippet, "authorChannelId"), "value")
    name = wire.text(snippet, "authorDisplayName")
    return Person(found, name=name, username=name.removeprefix("@")) if found else None


def _post(comment: wire.Json) -> str:
    about = wire.table(comment, "snippet")
    return wire.ident(about, "videoId") or wire.ident(about, "channelId")


def _required(source: wire.Json, key: str) -> str:
    found = wire.ident(source, key)
    if not found:
        raise PayloadError(f"{key}_missing")
    return found
