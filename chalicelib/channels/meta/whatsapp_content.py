"""What a WhatsApp message holds: words, files, places, answers to buttons, orders."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from chalicelib.channels import wire
from chalicelib.domain.event import Attachment

_MEDIA = ("image", "video", "audio", "document", "sticker")


@dataclass(frozen=True, slots=True)
class Content:
    """The words and parts of a message, and what kind it is.

    An unknown kind is `unsupported`: somebody wrote something.
    """

    subject: str
    text: str = ""
    attachments: tuple[Attachment, ...] = ()


def content_of(message: wire.Json) -> Content:
    """Return what a message of any kind holds.

    Raises PayloadError when a part is not what WhatsApp documents.
    """
    kind = wire.text(message, "type")
    reader = _KINDS.get(kind)
    content = reader(message, kind) if reader else Content("unsupported")
    referral = wire.table(message, "referral")
    if not referral:
        return content
    advert = Attachment(
        "referral", url=wire.text(referral, "source_url"), title=wire.text(referral, "headline")
    )
    return replace(content, attachments=(*content.attachments, advert))


def _text(message: wire.Json, kind: str) -> Content:
    return Content(kind, wire.text(wire.table(message, "text"), "body"))


def _media(message: wire.Json, kind: str) -> Content:
    media = wire.table(message, kind)
    file = Attachment(
        kind,
        url=wire.text(media, "url"),
        media_id=wire.ident(media, "id"),
        mime_type=wire.text(media, "mime_type"),
        name=wire.text(media, "filename"),
    )
    subject = "voice" if wire.flag(media, "voice") else kind
    return Content(subject, wire.text(media, "caption"), (file,))


def _location(message: wire.Json, kind: str) -> Content:
    place = wire.table(message, kind)
    spot = f"{wire.text(place, 'latitude')},{wire.text(place, 'longitude')}"
    title = ", ".join(
        part for part in (wire.text(place, "name"), wire.text(place, "address")) if part
    )
    return Content(
        kind, "", (Attachment(kind, url=wire.text(place, "url"), name=spot, title=title),)
    )


def _contacts(message: wire.Json, kind: str) -> Content:
    cards = [wire.as_object(raw, "contact") for raw in wire.rows(message, "contacts")]
    return Content(kind, "", tuple(_card(card) for card in cards))


def _card(card: wire.Json) -> Attachment:
    phones = [wire.as_object(raw, "phone") for raw in wire.rows(card, "phones")]
    first = wire.text(phones[0], "phone") if phones else ""
    return Attachment(
        "contact", name=first, title=wire.text(wire.table(card, "name"), "formatted_name")
    )


def _interactive(message: wire.Json, kind: str) -> Content:
    """Return an answer to buttons, a list or a flow; it may have an error instead of a body."""
    answer = wire.table(message, kind)
    for part in ("button_reply", "list_reply"):
        chosen = wire.table(answer, part)
        if chosen:
            title, about = wire.text(chosen, "title"), wire.text(chosen, "description")
            return Content(
                part, title, (Attachment(part, name=wire.ident(chosen, "id"), title=about),)
            )
    flow = wire.table(answer, "nfm_reply")
    if not flow:
        return Content("unsupported")
    # response_json is text that should be JSON and sometimes is not: kept as it is
    form = Attachment("flow", name=wire.text(flow, "response_json"), title=wire.text(flow, "name"))
    return Content("flow", wire.text(flow, "body"), (form,))


def _button(message: wire.Json, kind: str) -> Content:
    button = wire.table(message, kind)
    return Content(
        kind, wire.text(button, "text"), (Attachment(kind, name=wire.text(button, "payload")),)
    )


def _order(message: wire.Json, kind: str) -> Content:
    order = wire.table(message, kind)
    items = [wire.as_object(raw, "product") for raw in wire.rows(order, "product_items")]
    return Content(kind, wire.text(order, "text"), tuple(_product(item) for item in items))


def _product(item: wire.Json) -> Attachment:
    quantity, price, currency = (
        wire.text(item, key) for key in ("quantity", "item_price", "currency")
    )
    title = f"{quantity} x {price} {currency}"
    return Attachment("product", name=wire.ident(item, "product_retailer_id"), title=title)


_KINDS: dict[str, Callable[[wire.Json, str], Content]] = {
    "text": _text,
    "location": _location,
    "contacts": _contacts,
    "interactive": _interactive,
    "button": _button,
    "order": _order,
    **dict.fromkeys(_MEDIA, _media),
}
