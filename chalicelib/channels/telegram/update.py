"""One update of Telegram, and the kinds of update that we ask for."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from chalicelib.channels import wire
from chalicelib.channels.contract import Ignored
from chalicelib.domain.channel import Channel
from chalicelib.domain.event import ChannelEvent, EventKind
from chalicelib.domain.ident import digest

Found = list[ChannelEvent | Ignored]

TOLD = (
    "message",
    "edited_message",
    "channel_post",
    "business_connection",
    "business_message",
    "edited_business_message",
    "deleted_business_messages",
    "guest_message",
    "message_reaction",
    "callback_query",
    "my_chat_member",
)
"""The kinds that we ask for with setWebhook: each that may carry a customer's words, or news of
whether we still reach the customer. Without the list Telegram would leave the reactions out."""


@dataclass(frozen=True, slots=True)
class Update:
    """One update: its number, which of Telegram's kinds it is, and what it holds.

    `account_id` is the bot's: the body does not name it.
    """

    account_id: str
    number: str
    kind: str
    value: wire.Json
    received_at: datetime

    def event(self, kind: EventKind, *more: str) -> ChannelEvent:
        """Return a bare private event. `more` tells several events of one update apart."""
        return ChannelEvent(
            key=digest("event", Channel.TELEGRAM, self.account_id, self.number, *more),
            kind=kind,
            channel=Channel.TELEGRAM,
            account_id=self.account_id,
            public=False,
            received_at=self.received_at,
        )


Reader = Callable[[Update], Found]
