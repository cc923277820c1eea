"""Personal data in public: what a customer's message shows of it, and what ours must not.

Nothing here keeps or repeats what was found: only its kinds, and for the writer its places.
"""

from collections.abc import Sequence

from chalicelib.domain import personal
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.message import Direction, Message
from chalicelib.domain.personal import Finding
from chalicelib.domain.policy import Handle
from chalicelib.workflows.change import handle_of
from chalicelib.workflows.errors import RefusedError
from chalicelib.workflows.ports import Parts

REGION = "region"
"""The handle's setting with the country its customers write telephone numbers for."""

WORDS = {
    "address": "a postal address",
    "card": "a card number",
    "email": "a mail address",
    "iban": "a bank account number",
    "phone": "a telephone number",
}
"""What each kind is called to people."""


def look(parts: Parts, message: Message, handle: Handle) -> tuple[str, ...]:
    """Return the kinds of personal data that a customer's public message shows now, sorted.

    Empty for any other message, and where the policy does not want it. What the brand itself makes
    known is not counted. Never raises: customers are answered though a detector be broken, which is
    counted.
    """
    if not message.public or message.direction is not Direction.INBOUND or not message.shown:
        return ()
    try:
        return personal.kinds(_found(parts, handle, message.shown))
    except Exception:  # noqa: BLE001 - whatever it is, the message comes first
        parts.meter.count("DetectorFailed", channel=handle.channel.value)
        return ()


def refuse(parts: Parts, conversation: Conversation, text: str) -> None:
    """Raise RefusedError when a text that would be public shows personal data.

    Call it for what is to be said in public only; a conversation that is private as a whole is let
    through. The refusal names the kinds and their places, never the data. A detector that fails is
    counted and replaced by what needs none: telephone numbers are then not seen, all else is.
    """
    if not conversation.public:
        return
    handle = handle_of(parts.policies.current(), conversation)
    try:
        found = _found(parts, handle, text)
    except Exception:  # noqa: BLE001 - an answer must not hang on a library
        from chalicelib.domain import detection  # noqa: PLC0415 - its patterns take time to build

        parts.meter.count("DetectorFailed", channel=handle.channel.value)
        found = _not_ours(parts, detection.find(text), text)
    if found:
        raise RefusedError(
            f"This would be public and shows {_named(found)}.",
            code="personal_data",
            instead=("take it out", "write it in a private talk"),
        )


def _found(parts: Parts, handle: Handle, text: str) -> tuple[Finding, ...]:
    """Return what a text shows that is not the brand's own."""
    privacy = parts.policies.current().privacy
    if not privacy.detect:
        return ()
    region = handle.settings.get(REGION) or privacy.region
    return _not_ours(parts, parts.detector.find(text, region), text)


def _not_ours(parts: Parts, found: Sequence[Finding], text: str) -> tuple[Finding, ...]:
    return personal.without(found, text, parts.policies.current().privacy.allowed)


def _named(found: Sequence[Finding]) -> str:
    """Return the findings in words, each with the characters (counted from 1) that it takes."""
    return ", ".join(
        f"{WORDS[one.kind]} (characters {one.start + 1} to {one.end})" for one in found
    )
