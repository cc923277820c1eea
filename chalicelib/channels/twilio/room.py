"""Twilio's room. What receives is imported with it, the rest only when it is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.channels.base import Base
from chalicelib.channels.contract import Parsed, Said, Secret, Verified
from chalicelib.channels.twilio import inbound, signature
from chalicelib.domain.channel import Capabilities, Channel

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from chalicelib.channels.places import Places
    from chalicelib.domain.event import Attachment, ChannelEvent
    from chalicelib.domain.policy import Handle
    from chalicelib.workflows.networks import Fetched, Health, Missed, Outgoing, SendResult

MMS_SETTING = "mms"
PRICE_SETTING = "price_per_segment_usd"

_DAY = 86_400
_SMS = Capabilities(text_limit=1_600, receipts=True, attachments=True, segments=True)
_MMS = Capabilities(
    text_limit=1_600,
    receipts=True,
    attachments=True,
    segments=True,
    files=10,
    file_kinds=("image", "video", "audio", "document"),
    file_bytes=5_000_000,  # of all files of one message together, says Twilio
)
_WHATSAPP = Capabilities(
    text_limit=1_600,
    window_seconds=_DAY,
    after_window=(
        "The customer's last message is more than 24 hours old: WhatsApp takes only templates now. "
        "Send an approved template, or wait until the customer writes again."
    ),
    receipts=True,
    attachments=True,
    files=1,
    file_kinds=("image", "video", "audio", "document"),
    file_bytes=16_000_000,
    templates=True,
)


class TwilioRoom(Base):
    """Implements contract.Room for SMS and WhatsApp by Twilio.

    The secret is

        {"account_sid": "AC...", "auth_tokens": ["the one in use", "..."],
         "messaging_service_sid": "MG..."}

    and the last is optional. The handle's account id is our number in E.164 form (`+15550100`), on
    WhatsApp too.
    """

    # words in plain text would be sent to the customer, JSON would be an error in Twilio's log
    thanks: Said | None = Said("<Response/>", "text/xml")

    def verify(
        self,
        body: bytes,
        headers: Mapping[str, str],
        secret: Secret,
        now: datetime,
        *,
        url: str = "",
    ) -> Verified:
        """Check `X-Twilio-Signature` over our own address. Raises SignatureError."""
        del now
        tokens = secret.get("auth_tokens")
        return signature.verify(
            body, headers, url, tokens if isinstance(tokens, list | tuple) else ()
        )

    def parse(
        self,
        body: bytes,
        received_at: datetime,
        *,
        account_id: str = "",
        event_id: str = "",
        thread: str = "",
    ) -> Parsed:
        """Return the form's event. Raises PayloadError.

        `event_id` is verify()'s: which message of ours a status is about.
        """
        del thread
        return inbound.parse(body, received_at, account_id, event_id)

    def capabilities(self, handle: Handle, *, public: bool) -> Capabilities:
        """Return what SMS or WhatsApp can do. Neither has anything public."""
        del public
        if handle.channel is Channel.WHATSAPP:
            return _WHATSAPP
        return _MMS if handle.settings.get(MMS_SETTING) == "yes" else _SMS

    def send(self, outgoing: Outgoing, secret: Secret, places: Places) -> SendResult:
        """Send one message, once."""
        from chalicelib.channels.twilio import sending  # noqa: PLC0415

        return sending.send(outgoing, secret, places)

    def price(self, outgoing: Outgoing) -> int:
        """Return the price of an SMS by the handle's price of a segment; 0 where none is set."""
        from chalicelib.domain.segments import price_micros  # noqa: PLC0415

        if outgoing.handle.channel is Channel.WHATSAPP:
            return 0
        return price_micros(outgoing.text, outgoing.handle.settings.get(PRICE_SETTING, ""))

    def fetch(
        self, handle: Handle, attachment: Attachment, most: int, *, secret: Secret, places: Places
    ) -> Fetched:
        """Return a file of a message. Raises FetchError or FetchLaterError."""
        from chalicelib.channels.twilio import media  # noqa: PLC0415

        del handle
        return media.fetch(attachment, most, secret, places)

    def probes(self, handle: Handle) -> int:
        """Return a day."""
        del handle
        return _DAY

    def probe(self, handle: Handle, callback_url: str, secret: Secret, places: Places) -> Health:
        """Ask for the account and the number, and have the number post to us again."""
        from chalicelib.channels.twilio import health  # noqa: PLC0415

        return health.probe(handle, callback_url, secret, places)

    def fetch_back(
        self, missed: Missed, secret: Secret, places: Places
    ) -> Iterable[Sequence[ChannelEvent]]:
        """Yield what customers wrote in a stretch of time. Raises PollError."""
        from chalicelib.channels.twilio import back  # noqa: PLC0415

        return back.fetch_back(missed, secret, places)

    def guide(self, handle: Handle, callback_url: str, secret: Secret) -> Sequence[str]:
        """Return the steps in Twilio's console."""
        from chalicelib.channels.twilio import guide  # noqa: PLC0415

        return guide.guide(handle, callback_url, secret)
