"""The room of email. What receives is imported with it, what sends only when something is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.channels.base import Base
from chalicelib.channels.contract import (
    Parsed,
    PayloadError,
    Secret,
    SignatureError,
    Verified,
)
from chalicelib.channels.email import inbound, report, told
from chalicelib.channels.email.reply_address import keys_of, plain, proved
from chalicelib.domain.channel import Capabilities

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from chalicelib.channels.places import Places
    from chalicelib.domain.event import Attachment
    from chalicelib.domain.policy import Handle
    from chalicelib.workflows.networks import Fetched, Health, Outgoing, SendResult

DAY_SECONDS = 86_400
TO = "mailto:"

_CAPABILITIES = Capabilities(
    text_limit=100_000,
    receipts=True,
    attachments=True,
    files=10,
    file_kinds=("image", "video", "audio", "document"),
    file_bytes=7_000_000,
)


class EmailRoom(Base):
    """Implements contract.Room for mail by SES.

    The secret is `{"reply_keys": ["<newest>", "<the one before>"]}`: random texts that prove the
    reply addresses.
    """

    def verify(
        self,
        body: bytes,
        headers: Mapping[str, str],
        secret: Secret,
        now: datetime,
        *,
        url: str = "",
    ) -> Verified:
        """Return the conversation that a reply address among the recipients proves.

        The sender is proved already: only our topics may write to the queue of notices. `url` is
        `mailto:` and the address of ours that the mail is read for (any, when it is left out).
        Raises SignatureError for any other: nothing proves what somebody posts to a webhook.
        """
        del headers, now
        if url and not url.startswith(TO):
            raise SignatureError("no_webhook", status=403)
        try:
            notice = told.read(body)
            wanted, event_id = plain(url.removeprefix(TO)), notice.message_id
            recipients = [one for one in notice.recipients if not wanted or plain(one) == wanted]
        except PayloadError:
            return Verified(body)
        keys = keys_of(secret.get("reply_keys"))
        for recipient in recipients:
            thread, index = proved(recipient, keys)
            if thread:
                return Verified(body, event_id, index, thread)
        return Verified(body, event_id)

    def parse(
        self,
        body: bytes,
        received_at: datetime,
        *,
        account_id: str = "",
        event_id: str = "",
        thread: str = "",
    ) -> Parsed:
        """Return the event of a mail, or of what became of one of ours. Raises PayloadError."""
        del event_id
        notice = told.read(body)
        if notice.kind != told.RECEIVED:
            return report.parse(notice, received_at, account_id)
        return inbound.parse(notice, body, received_at, account_id, thread)

    def capabilities(self, handle: Handle, *, public: bool) -> Capabilities:
        """Return the limits; mail is always private."""
        del handle, public
        return _CAPABILITIES

    def send(self, outgoing: Outgoing, secret: Secret, places: Places) -> SendResult:
        """Send one mail, once."""
        from chalicelib.channels.email import sending  # noqa: PLC0415

        return sending.send(outgoing, secret, places)

    def fetch(
        self, handle: Handle, attachment: Attachment, most: int, *, secret: Secret, places: Places
    ) -> Fetched:
        """Return a part of the stored mail; HTML is cleaned. Raises FetchError."""
        from chalicelib.channels.email import fetching  # noqa: PLC0415

        del handle, secret
        return fetching.fetch(attachment, most, places)

    def probes(self, handle: Handle) -> int:
        """Ask SES once a day."""
        del handle
        return DAY_SECONDS

    def probe(self, handle: Handle, callback_url: str, secret: Secret, places: Places) -> Health:
        """Ask SES whether it would send for this address; there is nothing that we could mend."""
        from chalicelib.channels.email import probing  # noqa: PLC0415

        del callback_url
        return probing.probe(handle, secret, places)

    def guide(self, handle: Handle, callback_url: str, secret: Secret) -> Sequence[str]:
        """Return how to connect an address, step by step."""
        from chalicelib.channels.email import guide  # noqa: PLC0415

        del callback_url
        return guide.steps(handle, secret)
