"""Posts in the form of the API v2: those of the X Activity API and those that a search finds."""

from collections.abc import Iterable

from chalicelib.channels import wire
from chalicelib.channels.contract import Ignored
from chalicelib.channels.x import words
from chalicelib.channels.x.post import Post
from chalicelib.channels.x.told import Told, ident, required, when
from chalicelib.domain.event import Attachment, ChannelEvent

_SUBJECTS = {
    "post.mention.create": "mention",
    "post.reply.create": "reply",
    "post.quote.create": "quote",
}
_NAMED = ("post.mention.create", "post.quote.create")
_KINDS = {"3": "image", "7": "video", "13": "video", "16": "video"}
"""What the first part of a media key means."""


def read(told: Told, raw: wire.Json, event_type: str = "") -> ChannelEvent | Ignored:
    """Return the event of a post. Raises PayloadError when it lacks what identifies it."""
    references = _references(raw)
    if "retweeted" in references:
        return Ignored("x.repost")
    author = told.person(required(raw, "author_id"))
    subject = _SUBJECTS.get(event_type) or _kind(references)
    post = Post(
        id=required(raw, "id"),
        history=tuple(wire.ident({"id": one}, "id") for one in _history(raw)),
        author=author,
        at=when(raw),
        text=_text(raw),
        subject=subject,
        root=ident(raw, "conversation_id"),
        parent=_first(told, references.get("replied_to", "")),
        summoned=event_type in _NAMED or _names(told, raw) or _quotes(told, references),
        attachments=tuple(_attachments(told, raw)),
    )
    return post.event(told)


def _history(raw: wire.Json) -> Iterable[object]:
    return wire.rows(raw, "edit_history_tweet_ids")


def _references(raw: wire.Json) -> dict[str, str]:
    """Return the posts that this one refers to: replied_to, quoted or retweeted."""
    found = [wire.as_object(one, "reference") for one in wire.rows(raw, "referenced_tweets")]
    return {wire.text(one, "type"): ident(one, "id") for one in found}


def _kind(references: dict[str, str]) -> str:
    if "replied_to" in references:
        return "reply"
    return "quote" if "quoted" in references else "post"


def _first(told: Told, post_id: str) -> str:
    """Return the first id of a post that came along, so that the answer to an edit finds it."""
    history = told.posts.get(post_id, {}).get("edit_history_tweet_ids")
    first = history[0] if isinstance(history, list) and history else post_id
    return first if isinstance(first, str) else post_id


def _text(raw: wire.Json) -> str:
    """Return the whole text: that of a long post stands apart."""
    whole = wire.table(raw, "note_tweet") or raw
    links = words.links(wire.table(raw, "entities"))
    if whole is not raw:
        links += words.links(wire.table(whole, "entities"))
    return words.shown(wire.text(whole, "text"), words.hidden(raw), links)


def _names(told: Told, raw: wire.Json) -> bool:
    """Return whether the writer named the brand: the people answered stand in the hidden part."""
    start = words.hidden(raw)
    for raw_one in wire.rows(wire.table(raw, "entities"), "mentions"):
        one = wire.as_object(raw_one, "mention")
        brand = told.people.get(told.account_id)
        name = wire.text(one, "username").lower()
        ours = ident(one, "id") == told.account_id or (
            brand is not None and name != "" and name == brand.username.lower()
        )
        if ours and wire.number(one, "start") >= start:
            return True
    return False


def _quotes(told: Told, references: dict[str, str]) -> bool:
    quoted = told.posts.get(references.get("quoted", ""), {})
    return quoted.get("author_id") == told.account_id


def _attachments(told: Told, raw: wire.Json) -> Iterable[Attachment]:
    """Yield the pictures and videos; one that the body only names is looked up when fetched."""
    keys = wire.rows(wire.table(raw, "attachments"), "media_keys")
    for key in (wire.ident({"key": one}, "key") for one in keys):
        kind = _KINDS.get(key.partition("_")[0], "file")
        yield of_media(told.media[key]) if key in told.media else Attachment(kind, media_id=key)


def of_media(raw: wire.Json) -> Attachment:
    """Return the attachment that a media object of the API v2 describes."""
    kind = "image" if wire.text(raw, "type") == "photo" else "video"
    url, mime_type = wire.text(raw, "url"), ""
    if not url:
        url, mime_type = best(wire.rows(raw, "variants"), "bit_rate")
    return Attachment(
        kind,
        url=url,
        media_id=wire.ident(raw, "media_key"),
        mime_type=mime_type,
        title=wire.text(raw, "alt_text"),
    )


def best(variants: Iterable[object], rate: str) -> tuple[str, str]:
    """Return URL and type of the best plain video; nothing when there are only playlists."""
    found = [wire.as_object(one, "variant") for one in variants]
    plain = [one for one in found if wire.text(one, "content_type").startswith("video/")]
    if not plain:
        return "", ""
    first = max(plain, key=lambda one: wire.number(one, rate))
    return wire.text(first, "url"), wire.text(first, "content_type")
