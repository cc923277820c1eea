"""The wall of a Facebook page: comments, visitor posts, reactions, mentions and ratings.

All of it is public.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from chalicelib.channels import wire
from chalicelib.channels.contract import Ignored, PayloadError
from chalicelib.channels.instant import instant
from chalicelib.channels.meta.element import Element, Found
from chalicelib.domain.channel import Channel
from chalicelib.domain.event import Attachment, ChannelEvent, EventKind, Person

_POSTS = ("post", "status", "photo", "video")
_SHARES = ("share", "link", "album", "event", "note")  # of interest only with words
_REACTIONS = ("reaction", "like")
_EMOJI = {
    "like": "👍",
    "love": "❤️",
    "haha": "😆",
    "wow": "😮",
    "sad": "😢",
    "angry": "😠",
    "care": "🤗",
}
_VERBS: Mapping[str, EventKind] = {
    "": EventKind.MESSAGE,
    "add": EventKind.MESSAGE,
    "edit": EventKind.EDIT,  # visitor posts and ratings
    "edited": EventKind.EDIT,  # comments
    "update": EventKind.EDIT,
    "remove": EventKind.DELETE,
    "delete": EventKind.DELETE,
    "hide": EventKind.HIDE,
    "unhide": EventKind.UNHIDE,
}


@dataclass(frozen=True, slots=True)
class Deed:
    """One change of the wall: somebody did something to something."""

    element: Element
    value: wire.Json
    item: str
    verb: str
    author: Person | None

    @property
    def from_brand(self) -> bool:
        """Return whether the page itself did it, or one of its people acting as the page."""
        return self.author is not None and self.author.id == self.element.entry_id

    def event(self, kind: EventKind) -> ChannelEvent:
        """Return a bare event.

        An edit's own time is the entry's: its created_time may be that of the first text.
        """
        bare = self.element.event(
            kind, Channel.FACEBOOK_PAGE, self.element.entry_id, self.element.fingerprint
        )
        created = instant(self.value.get("created_time"))
        first = kind in (EventKind.MESSAGE, EventKind.ECHO)
        return replace(
            bare,
            occurred_at=(created or bare.occurred_at) if first else (bare.occurred_at or created),
            contact=None if self.from_brand else self.author,
            author=self.author,
            post_id=wire.ident(self.value, "post_id")
            or wire.ident(self.value, "open_graph_story_id"),
            parent_id=wire.ident(self.value, "parent_id"),
            permalink=wire.text(self.value, "permalink_url")
            or wire.text(wire.table(self.value, "post"), "permalink_url"),
        )


def read(element: Element) -> Found:
    """Return the events of one change of a page.

    Raises PayloadError when a known one lacks what identifies it.
    """
    if element.field not in ("feed", "mention", "ratings"):
        return [Ignored(f"page.{wire.word(element.field)}")]
    value = element.body
    deed = Deed(element, value, wire.text(value, "item"), wire.text(value, "verb"), _author(value))
    if deed.item in _REACTIONS:
        return [_reaction(deed)]
    kind, subject = _VERBS.get(deed.verb), _subject(deed)
    if kind is None or not subject or (deed.verb == "update" and not wire.text(value, "message")):
        return [Ignored(f"page.{element.field}.{wire.word(deed.item)}.{wire.word(deed.verb)}")]
    message_id = _message_id(deed)
    if not message_id:
        raise PayloadError("id_missing")
    if kind is EventKind.MESSAGE:
        said = _said(deed, subject, message_id)
        hidden = _later(deed, EventKind.HIDE, subject, message_id)
        return [said, hidden] if wire.flag(value, "is_hidden") else [said]
    return [_later(deed, kind, subject, message_id)]


def _said(deed: Deed, subject: str, message_id: str) -> ChannelEvent:
    if deed.from_brand:
        kind = EventKind.ECHO
    elif deed.item in _SHARES and not wire.text(deed.value, "message"):
        return replace(deed.event(EventKind.NOTICE), message_id=message_id, detail=deed.item)
    else:
        kind = EventKind.MESSAGE
    return replace(
        deed.event(kind),
        message_id=message_id,
        text=_words(deed),
        attachments=_attachments(deed.value),
        subject=subject,
        detail=_verdict(deed.value) if subject == "rating" else "",
    )


def _later(deed: Deed, kind: EventKind, subject: str, message_id: str) -> ChannelEvent:
    text = _words(deed) if kind is EventKind.EDIT else ""
    return replace(deed.event(kind), message_id=message_id, text=text, subject=subject)


def _reaction(deed: Deed) -> ChannelEvent:
    target = wire.ident(deed.value, "comment_id") or wire.ident(deed.value, "post_id")
    target = (
        target
        or wire.ident(deed.value, "open_graph_story_id")
        or wire.ident(deed.value, "parent_id")
    )
    if not target:
        raise PayloadError("id_missing")
    name = wire.text(deed.value, "reaction_type").lower() or "like"
    emoji = "" if deed.verb == "remove" else _EMOJI.get(name, name)
    return replace(
        deed.event(EventKind.REACTION), message_id=target, emoji=emoji, subject="reaction"
    )


def _subject(deed: Deed) -> str:
    if deed.element.field == "mention":
        return "mention"
    if deed.item in ("comment", "rating"):
        return deed.item
    return "post" if deed.item in (*_POSTS, *_SHARES) else ""


def _message_id(deed: Deed) -> str:
    order = (
        ("open_graph_story_id",) if deed.item == "rating" else ("comment_id", "post_id", "share_id")
    )
    return next((found for key in order if (found := wire.ident(deed.value, key))), "")


def _author(value: wire.Json) -> Person | None:
    """Return who did it, where it is said: in `from`, or flat in older payloads and in ratings."""
    given = wire.table(value, "from")
    if wire.ident(given, "id"):
        return Person(wire.ident(given, "id"), name=wire.text(given, "name"))
    for role in ("sender", "reviewer"):
        if wire.ident(value, f"{role}_id"):
            return Person(wire.ident(value, f"{role}_id"), name=wire.text(value, f"{role}_name"))
    return None


def _words(deed: Deed) -> str:
    return wire.text(deed.value, "review_text" if deed.item == "rating" else "message")


def _verdict(value: wire.Json) -> str:
    """Return what a rating says without words: positive, negative, or 1 to 5 in older ones."""
    return wire.text(value, "recommendation_type").lower() or wire.text(value, "rating")


def _attachments(value: wire.Json) -> tuple[Attachment, ...]:
    one = [
        Attachment(kind, url=wire.text(value, kind))
        for kind in ("photo", "video", "link")
        if value.get(kind)
    ]
    many = [wire.text({"photo": url}, "photo") for url in wire.rows(value, "photos")]
    seen = {attachment.url for attachment in one}
    return (*one, *(Attachment("photo", url=url) for url in many if url and url not in seen))
