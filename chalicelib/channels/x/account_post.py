"""Posts in the form of the API v1.1, which the Account Activity API still delivers."""

from collections.abc import Iterable, Sequence

from chalicelib.channels import wire
from chalicelib.channels.contract import Ignored, PayloadError
from chalicelib.channels.x import words
from chalicelib.channels.x.activity_post import best
from chalicelib.channels.x.post import Post
from chalicelib.channels.x.told import Told, ident, person_of, required, when
from chalicelib.domain.event import Attachment, ChannelEvent


def read(told: Told, raw: wire.Json) -> ChannelEvent | Ignored:
    """Return the event of a post. Raises PayloadError when it lacks what identifies it.

    The thread's root is not told here. Where X leaves it out, all public posts of one person are
    one conversation: to part them by the post answered would open a new one with each answer.
    """
    if isinstance(raw.get("retweeted_status"), dict):
        return Ignored("x.repost")
    author = person_of(raw.get("user"))
    if author is None:
        raise PayloadError("user_missing")
    whole = wire.table(raw, "extended_tweet") or raw
    parent = ident(raw, "in_reply_to_status_id")
    named, quotes = _names(told, whole), _quotes(told, raw)
    subject = "reply" if parent else "post"
    post = Post(
        id=required(raw, "id"),
        history=tuple(wire.ident({"id": one}, "id") for one in _history(raw)),
        author=author,
        at=when(raw),
        text=_text(raw, whole),
        subject="quote" if quotes else "mention" if named and not parent else subject,
        root=ident(raw, "conversation_id"),
        parent=parent,
        summoned=named or quotes,
        attachments=tuple(_attachments(whole)),
    )
    return post.event(told)


def _history(raw: wire.Json) -> Sequence[object]:
    return wire.rows(wire.table(raw, "edit_history"), "edit_tweet_ids")


def _text(raw: wire.Json, whole: wire.Json) -> str:
    text = wire.text(whole, "full_text") or wire.text(raw, "full_text") or wire.text(raw, "text")
    return words.shown(text, words.hidden(whole), _links(whole))


def _links(whole: wire.Json) -> list[wire.Json]:
    return words.links(wire.table(whole, "entities"))


def _names(told: Told, whole: wire.Json) -> bool:
    """Return whether the writer named the brand: the people answered stand in the hidden part."""
    start = words.hidden(whole)
    for raw in wire.rows(wire.table(whole, "entities"), "user_mentions"):
        one = wire.as_object(raw, "mention")
        places = wire.rows(one, "indices")
        at = places[0] if places and isinstance(places[0], int) else 0
        if wire.ident(one, "id_str") == told.account_id and at >= start:
            return True
    return False


def _quotes(told: Told, raw: wire.Json) -> bool:
    writer = person_of(wire.table(raw, "quoted_status").get("user"))
    return writer is not None and writer.id == told.account_id


def _attachments(whole: wire.Json) -> Iterable[Attachment]:
    """Yield the files. Their numeric ids have been seen as fractions and are not needed."""
    listed = wire.table(whole, "extended_entities") or wire.table(whole, "entities")
    for raw in wire.rows(listed, "media"):
        one = wire.as_object(raw, "media")
        video, mime_type = best(wire.rows(wire.table(one, "video_info"), "variants"), "bitrate")
        kind = "image" if wire.text(one, "type") in ("", "photo") else "video"
        url = video or wire.text(one, "media_url_https") or wire.text(one, "media_url")
        yield Attachment(kind, url=url, mime_type=mime_type)
