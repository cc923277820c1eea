"""What a message at Twilio holds: words, files, a place, the press of a button."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from chalicelib.channels import wire
from chalicelib.domain.event import Attachment, kind_of

MOST_FILES = 50  # Twilio sends at most ten
_FLAGS = {"Forwarded": "forwarded", "FrequentlyForwarded": "frequently_forwarded"}

Form = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Content:
    """The words and parts of a message, and what kind it is."""

    subject: str
    text: str
    attachments: tuple[Attachment, ...]
    flags: tuple[str, ...]


def content_of(form: Form) -> Content:
    """Return what a message holds. Of a pressed button the words stand in `ButtonText`."""
    button, chosen = wire.text(form, "ButtonText"), wire.text(form, "ListTitle")
    kind = wire.text(form, "MessageType") or "text"
    if form.get("ButtonPayload") or button:
        kind = "button"
    elif form.get("ListId") or chosen:
        kind = "list_reply"
    return Content(
        wire.word(kind),
        button or chosen or wire.text(form, "Body"),
        (*_files(form), *_parts(form)),
        tuple(word for name, word in _FLAGS.items() if wire.text(form, name).lower() == "true"),
    )


def file_of(url: str, mime_type: str) -> Attachment:
    """Return a file of a message. Its address answers only to our account."""
    return Attachment(kind_of(mime_type), url=url, mime_type=mime_type)


def _files(form: Form) -> Iterator[Attachment]:
    for number in range(min(wire.number(form, "NumMedia"), MOST_FILES)):
        url = wire.text(form, f"MediaUrl{number}")
        if url:
            yield file_of(url, wire.text(form, f"MediaContentType{number}"))


def _parts(form: Form) -> Iterator[Attachment]:
    if form.get("Latitude") and form.get("Longitude"):
        spot = f"{wire.text(form, 'Latitude')},{wire.text(form, 'Longitude')}"
        named = (wire.text(form, "Label"), wire.text(form, "Address"))
        yield Attachment("location", name=spot, title=", ".join(filter(None, named)))
    if form.get("ButtonPayload"):
        yield Attachment("button", name=wire.text(form, "ButtonPayload"))
    if form.get("ListId"):
        about = wire.text(form, "ListDescription")
        yield Attachment("list_reply", name=wire.text(form, "ListId"), title=about)
    if form.get("ReferralSourceUrl") or form.get("ReferralHeadline"):
        yield Attachment(
            "referral",
            url=wire.text(form, "ReferralSourceUrl"),
            title=wire.text(form, "ReferralHeadline"),
        )
