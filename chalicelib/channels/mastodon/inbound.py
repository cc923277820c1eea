"""From a post of Mastodon to an event."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.channels import markup, wire
from chalicelib.channels.contract import PayloadError
from chalicelib.channels.instant import instant
from chalicelib.domain.channel import Channel
from chalicelib.domain.event import Attachment, ChannelEvent, EventKind, Person
from chalicelib.domain.ident import digest

PUBLIC = ("public", "unlisted")
MOST_ATTACHMENTS = 20
_LEADING_NAME = re.compile(r"\A@[\w.-]+(?:@[\w.-]+)?\s+")


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads posts for one account of ours.

    `domain` completes the names of people on our own instance. `root` returns the first post of
    the thread that a post id is in.
    """

    account_id: str
    domain: str
    received_at: datetime
    root: Callable[[str], str]

    def mention(self, status: wire.Json) -> tuple[ChannelEvent, ...]:
        """Return somebody's post, and its edit where it was edited before we saw it.

        So an edit is never missed, whichever of the two texts came first. Raises PayloadError.
        """
        said = self._said(EventKind.MESSAGE, status)
        edited = self.edit(status)
        return (said, edited) if edited else (said,)

    def edit(self, status: wire.Json) -> ChannelEvent | None:
        """Return the post's newest text as an edit; None when it was never edited."""
        at = instant(status.get("edited_at"))
        if at is None:
            return None
        said = self._said(EventKind.EDIT, status)
        key = self._key(said.message_id, "edit", at.isoformat())
        return replace(said, key=key, occurred_at=at)

    def echo(self, status: wire.Json) -> ChannelEvent | None:
        """Return an answer of the brand itself; None for a post that answers nobody.

        In public the post it answers says where it belongs. The name of the one who is answered
        stands before our own answers only so that Mastodon tells them.
        """
        parent = wire.ident(status, "in_reply_to_id")
        to = self._addressee(status)
        if not parent and (to is None or _is_public(status)):
            return None
        made = self._bare(EventKind.ECHO, status)
        return replace(
            made,
            author=Person(self.account_id),
            contact=None if made.public else to,
            text=_LEADING_NAME.sub("", _words(status), count=1),
            post_id="",
        )

    def _said(self, kind: EventKind, status: wire.Json) -> ChannelEvent:
        made = self._bare(kind, status)
        account = wire.table(status, "account")
        by = self._person(account)
        if by is None:
            raise PayloadError("account_missing")
        root = self._root(status, made.message_id) if made.public else ""
        automatic = wire.flag(account, "bot")
        return replace(made, contact=by, author=by, post_id=root, automatic=automatic)

    def _bare(self, kind: EventKind, status: wire.Json) -> ChannelEvent:
        number = wire.ident(status, "id")
        if not number:
            raise PayloadError("id_missing")
        attachments = _attachments(status)
        text = _words(status)
        return ChannelEvent(
            key=self._key(number, "post"),
            kind=kind,
            channel=Channel.MASTODON,
            account_id=self.account_id,
            public=_is_public(status),
            received_at=self.received_at,
            occurred_at=instant(status.get("created_at")),
            message_id=number,
            parent_id=wire.ident(status, "in_reply_to_id"),
            text=text,
            attachments=attachments,
            subject="text" if text or not attachments else attachments[0].kind,
            permalink=wire.text(status, "url"),
        )

    def _root(self, status: wire.Json, number: str) -> str:
        parent = wire.ident(status, "in_reply_to_id")
        return self.root(parent) if parent else number

    def _person(self, account: wire.Json) -> Person | None:
        address = wire.ident(account, "acct").lower()
        if not address:
            return None
        whole = address if "@" in address else f"{address}@{self.domain}"
        return Person(whole, wire.text(account, "display_name") or address, whole)

    def _addressee(self, status: wire.Json) -> Person | None:
        """Return whom a post of ours is to: the one it answers, else the first one named."""
        named = [wire.as_object(one, "mention") for one in wire.rows(status, "mentions")]
        answered = wire.ident(status, "in_reply_to_account_id")
        chosen = next((one for one in named if wire.ident(one, "id") == answered), None)
        return self._person(chosen or named[0]) if named else None

    def _key(self, *parts: str) -> str:
        return digest("event", Channel.MASTODON, self.account_id, *parts)


def kept(row: object, domain: str) -> bytes:
    """Return a body with one row that could not be read, which parse() takes."""
    return json.dumps({"domain": domain, "row": row}).encode("ascii")


def parse(body: bytes, received_at: datetime, account_id: str) -> tuple[ChannelEvent, ...]:
    """Return the events of a kept row: a mention, a post found by its words, or one of our own.

    What it answers counts as the first post of its thread: nobody is asked here. Raises
    PayloadError.
    """
    top = wire.as_object(wire.read(body), "body")
    row = wire.table(top, "row")
    status = wire.table(row, "status") or row
    reader = Reader(account_id, wire.text(top, "domain"), received_at, lambda number: number)
    if author_of(status) != account_id:
        return reader.mention(status)
    echo = reader.echo(status)
    return (echo,) if echo else ()


def author_of(status: wire.Json) -> str:
    """Return the author's id on our instance."""
    return wire.ident(wire.table(status, "account"), "id")


def names(status: wire.Json, account_id: str) -> bool:
    """Return whether a post names an account."""
    named = [wire.as_object(one, "mention") for one in wire.rows(status, "mentions")]
    return any(wire.ident(one, "id") == account_id for one in named)


def _is_public(status: wire.Json) -> bool:
    """Return whether anybody can read it. An unknown visibility counts as private."""
    return wire.text(status, "visibility") in PUBLIC


def _words(status: wire.Json) -> str:
    """Return the words, after the warning that hides them and before the choices of a poll.

    Mastodon cuts long links for display, by marks on parts of them that are all kept here. Raises
    PayloadError for what is too long to be read whole.
    """
    html = wire.text(status, "content")
    if len(html) > markup.LONGEST:
        raise PayloadError("text_too_long")
    poll = wire.table(status, "poll")
    rows = [wire.as_object(one, "option") for one in wire.rows(poll, "options")]
    choices = "\n".join(f"- {wire.text(row, 'title')}" for row in rows)
    parts = (wire.text(status, "spoiler_text"), markup.text_of(html), choices)
    return "\n\n".join(part for part in parts if part)


def _attachments(status: wire.Json) -> tuple[Attachment, ...]:
    rows = wire.rows(status, "media_attachments")[:MOST_ATTACHMENTS]
    return tuple(_attachment(wire.as_object(one, "media")) for one in rows)


def _attachment(media: wire.Json) -> Attachment:
    kind = wire.text(media, "type")
    kinds = {"gifv": "video", "unknown": "document", "": "document"}
    return Attachment(
        kinds.get(kind, kind),
        url=wire.text(media, "url") or wire.text(media, "remote_url"),
        media_id=wire.ident(media, "id"),
        title=wire.text(media, "description"),
    )
