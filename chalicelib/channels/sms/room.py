"""The room of AWS End User Messaging. What receives is imported with it, the rest when needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.channels.base import Base
from chalicelib.channels.contract import Parsed, Secret, Verified
from chalicelib.channels.sms import inbound, sns
from chalicelib.channels.sms.certificates import Certificates
from chalicelib.domain.channel import Capabilities

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from chalicelib.channels.places import Places
    from chalicelib.domain.policy import Handle
    from chalicelib.workflows.networks import Health, Outgoing, SendResult

PRICE_SETTING = "price_per_segment_usd"

_DAY = 86_400
_SMS = Capabilities(text_limit=1_600, receipts=True, segments=True)


class SmsRoom(Base):
    """Implements contract.Room for SMS by AWS End User Messaging.

    The secret is `{"topics": ["arn:aws:sns:..."]}`: the topics that may post to us over HTTPS (none
    where all comes by the queue). `certificates`, if there, maps URLs to PEM texts and then those
    alone are trusted. The handle's account id is our number in E.164 form.
    """

    greets = True

    def __init__(self, certificates: Certificates | None = None) -> None:
        self.certificates = certificates or Certificates()

    def verify(
        self,
        body: bytes,
        headers: Mapping[str, str],
        secret: Secret,
        now: datetime,
        *,
        url: str = "",
    ) -> Verified:
        """Check SNS's signature, its topic and its time. Raises SignatureError."""
        del url
        return sns.verify(body, headers, secret, now, self.certificates)

    def greet(self, proven: Verified, secret: Secret, places: Places) -> bool:
        """Confirm the subscription of one of our topics."""
        del secret
        return sns.greet(proven, places)

    def parse(
        self,
        body: bytes,
        received_at: datetime,
        *,
        account_id: str = "",
        event_id: str = "",
        thread: str = "",
    ) -> Parsed:
        """Return the event of an envelope or of a bare message. Raises PayloadError."""
        del thread
        return inbound.parse(body, received_at, account_id, event_id)

    def capabilities(self, handle: Handle, *, public: bool) -> Capabilities:
        """Return what SMS can do. It has nothing public."""
        del handle, public
        return _SMS

    def send(self, outgoing: Outgoing, secret: Secret, places: Places) -> SendResult:
        """Send one message, once. The stage's role is the key."""
        from chalicelib.channels.sms import sending  # noqa: PLC0415

        del secret
        return sending.send(outgoing, places)

    def price(self, outgoing: Outgoing) -> int:
        """Return the price by the handle's price of a segment; 0 where none is set."""
        from chalicelib.domain.segments import price_micros  # noqa: PLC0415

        return price_micros(outgoing.text, outgoing.handle.settings.get(PRICE_SETTING, ""))

    def probes(self, handle: Handle) -> int:
        """Return a day."""
        del handle
        return _DAY

    def probe(self, handle: Handle, callback_url: str, secret: Secret, places: Places) -> Health:
        """Ask AWS for the number: whether it is active and takes messages."""
        from chalicelib.channels.sms import health  # noqa: PLC0415

        del callback_url, secret
        return health.probe(handle, places)

    def guide(self, handle: Handle, callback_url: str, secret: Secret) -> Sequence[str]:
        """Return the steps in AWS's console."""
        from chalicelib.channels.sms import guide  # noqa: PLC0415

        return guide.guide(handle, callback_url, secret)
