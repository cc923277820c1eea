"""Instagram: direct messages, comments and mentions of a professional account."""

from dataclasses import replace

from chalicelib.channels import wire
from chalicelib.channels.contract import Ignored, PayloadError
from chalicelib.channels.instant import instant
from chalicelib.channels.meta import direct, messenger
from chalicelib.channels.meta.element import Element, Found
from chalicelib.domain.channel import Channel
from chalicelib.domain.event import Attachment, ChannelEvent, EventKind, Person
from chalicelib.domain.ident import digest

MENTION = "mention:"
"""Begins the post id of a mention: under somebody else's post, which is answered differently."""

_COMMENTS = ("comments", "live_comments")


def read(element: Element) -> Found:
    """Return the events of one element of an Instagram account."""
    if messenger.speaks(element):
        return direct.read(element, Channel.INSTAGRAM)
    if element.field in _COMMENTS:
        return [_comment(element)]
    if element.field == "mentions":
        return [_mention(element)]
    return [Ignored(f"instagram.{wire.word(element.field)}")]


def _comment(element: Element) -> ChannelEvent:
    """Return a comment. Instagram tells neither edits nor removals of comments.

    A comment on an ad may come twice, for the ad's media and for the original post: both are of the
    original post.
    """
    value = element.body
    comment_id, text = (
        wire.ident(value, "id") or wire.ident(value, "comment_id"),
        wire.text(value, "text"),
    )
    media, author = wire.table(value, "media"), _author(wire.table(value, "from"))
    if not comment_id:
        raise PayloadError("id_missing")
    own = author is not None and _is_brand(element, wire.table(value, "from"))
    kind = EventKind.ECHO if own else EventKind.MESSAGE
    bare = element.event(
        kind, Channel.INSTAGRAM, element.entry_id, "comment", comment_id, digest(text)
    )
    return replace(
        bare,
        occurred_at=instant(value.get("created_time") or value.get("timestamp"))
        or bare.occurred_at,
        contact=None if own else author,
        author=author,
        message_id=comment_id,
        post_id=wire.ident(media, "original_media_id") or wire.ident(media, "id"),
        parent_id=wire.ident(value, "parent_id"),
        text=text,
        attachments=_advert(media),
        subject="comment",
    )


def _mention(element: Element) -> ChannelEvent:
    """Return a mention elsewhere. Who wrote what is not said: it must be asked of the Graph API.

    A mention in a caption has no comment: the post itself is the message.
    """
    value = element.body
    media_id, comment_id = wire.ident(value, "media_id"), wire.ident(value, "comment_id")
    if not (media_id or comment_id):
        raise PayloadError("id_missing")
    mention_id = comment_id or media_id
    bare = element.event(
        EventKind.MESSAGE, Channel.INSTAGRAM, element.entry_id, "mention", mention_id
    )
    return replace(
        bare,
        message_id=mention_id,
        post_id=MENTION + media_id,
        text=wire.text(value, "text"),
        subject="mention",
    )


def _author(source: wire.Json) -> Person | None:
    """Return who wrote it, where it is said.

    Our own comments may name us only by `self_ig_scoped_id`.
    """
    found = wire.ident(source, "id") or wire.ident(source, "self_ig_scoped_id")
    return Person(found, username=wire.text(source, "username")) if found else None


def _is_brand(element: Element, source: wire.Json) -> bool:
    return (
        bool(wire.ident(source, "self_ig_scoped_id"))
        or wire.ident(source, "id") == element.entry_id
    )


def _advert(media: wire.Json) -> tuple[Attachment, ...]:
    advert = wire.ident(media, "ad_id")
    return (
        (Attachment("advert", media_id=advert, title=wire.text(media, "ad_title")),)
        if advert
        else ()
    )
