"""The brand as the networks know it: every account with its keys, the same that the stack holds."""

from collections.abc import Mapping
from dataclasses import dataclass

from infra.local.simulator.bluesky import BlueskyKeys
from infra.local.simulator.line import LineKeys
from infra.local.simulator.mastodon import MastodonKeys
from infra.local.simulator.telegram import TelegramKeys
from infra.local.simulator.twilio_post import TwilioAccount
from infra.local.simulator.world import Accounts
from infra.local.simulator.x_webhooks import XAccount
from infra.local.simulator.youtube import YoutubeKeys


@dataclass(frozen=True, slots=True)
class TextNumber:
    """The brand's number at AWS, and the topic that tells of it."""

    handle: str
    number: str
    configuration_set: str
    topic_arn: str


@dataclass(frozen=True, slots=True)
class Brand:
    """Every account. `x` are two of one app: the second has little money.

    Twilio's `public_url` is empty until the stack is there.
    """

    meta: Accounts
    x: tuple[XAccount, XAccount]
    telegram: TelegramKeys
    twilio: TwilioAccount
    text: TextNumber
    mail: str
    youtube: YoutubeKeys
    mastodon: MastodonKeys
    bluesky: BlueskyKeys
    line: LineKeys
    crm_secret: str
    routing_key: str = ""
    genie_key: str = ""

    def account_of(self, handle: str) -> str:
        """Return the account id of a handle of the local care.yaml."""
        return self.accounts[handle]

    @property
    def accounts(self) -> Mapping[str, str]:
        """Return every account id by the handle's id."""
        return {
            "acme-page": self.meta.page,
            "acme-messenger": self.meta.page,
            "acme-instagram": self.meta.instagram,
            "acme-whatsapp": self.meta.phone,
            self.meta.standard: self.meta.standard,
            **{one.handle: one.account for one in self.x},
            self.telegram.handle: self.telegram.bot,
            self.twilio.whatsapp_handle: self.twilio.number,
            self.text.handle: self.text.number,
            "acme-mail": self.mail,
            "acme-youtube": self.youtube.channel,
            "acme-mastodon": self.mastodon.account,
            "acme-bluesky": self.bluesky.did,
            self.line.handle: self.line.bot,
        }
