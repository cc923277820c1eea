"""Attachments of direct messages, and what kind of message they make."""

from chalicelib.channels import wire
from chalicelib.domain.event import Attachment

_STORY_KINDS = ("story_mention",)


def of_message(message: wire.Json) -> tuple[Attachment, ...]:
    """Return everything that came with a direct message's words, in the platform's order."""
    found = [_one(wire.as_object(raw, "attachment")) for raw in wire.rows(message, "attachments")]
    story = wire.table(wire.table(message, "reply_to"), "story")
    if story:
        found.append(
            Attachment("story", url=wire.text(story, "url"), media_id=wire.ident(story, "id"))
        )
    pressed = wire.text(wire.table(message, "quick_reply"), "payload")
    if pressed:
        found.append(Attachment("quick_reply", name=pressed))
    referral = wire.table(message, "referral")
    if referral:
        source = wire.table(referral, "ads_context_data")
        found.append(
            Attachment(
                "referral", name=wire.text(referral, "ref"), title=wire.text(source, "ad_title")
            )
        )
    return tuple(found)


def ref_of(source: wire.Json, key: str = "referral") -> str:
    """Return the code of the link (m.me/page?ref=...) that brought the customer, if any.

    One that is too long to be ours is none.
    """
    given = source.get(key)
    found = given.get("ref") if isinstance(given, dict) else None
    return wire.clean(found) if isinstance(found, str) and len(found) <= wire.MAX_ID else ""


def subject_of(message: wire.Json) -> str:
    """Return what kind of direct message it is."""
    if wire.flag(message, "is_unsupported"):
        return "unsupported"
    attachments = of_message(message)
    kinds = [attachment.kind for attachment in attachments]
    if "sticker" in kinds or message.get("sticker_id") is not None:
        return "sticker"
    for kind in ("quick_reply", *_STORY_KINDS):
        if kind in kinds:
            return kind
    if "story" in kinds:
        return "story_reply"
    if wire.text(message, "text"):
        return "text"
    return kinds[0] if kinds else "unsupported"


def _one(raw: wire.Json) -> Attachment:
    """Return one attachment.

    The payload of a shared link may be a text or null, with title and url beside it.
    """
    given = raw.get("payload")
    payload = wire.table(
        {"payload": {"url": given} if isinstance(given, str) else given}, "payload"
    )
    sticker = wire.ident(payload, "sticker_id")
    place = wire.table(payload, "coordinates")
    return Attachment(
        kind="sticker" if sticker else wire.text(raw, "type") or "file",
        url=wire.text(payload, "url") or wire.text(raw, "url"),
        media_id=sticker or wire.ident(payload, "id"),
        name=f"{wire.text(place, 'lat')},{wire.text(place, 'long')}" if place else "",
        title=wire.text(payload, "title") or wire.text(raw, "title"),
    )
