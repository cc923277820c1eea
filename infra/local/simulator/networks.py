"""The networks beside Meta's: their platforms behind one server, what customers do, what follows.

What a customer does there is a webhook to deliver, or nothing where we look for ourselves.
"""

import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

from infra.local.simulator import line, mails, sms, sns, telegram, x_webhooks
from infra.local.simulator.bluesky import BlueskyPlatform
from infra.local.simulator.brand import Brand
from infra.local.simulator.crm import CrmTaker
from infra.local.simulator.email import EmailAccount, EmailPlatform
from infra.local.simulator.faults import Faults
from infra.local.simulator.graph import Sent
from infra.local.simulator.happening import Happening
from infra.local.simulator.ledger import Ledger
from infra.local.simulator.line import LinePlatform
from infra.local.simulator.mastodon import MastodonPlatform
from infra.local.simulator.paging import OpsgenieTaker, PagerDutyTaker
from infra.local.simulator.post import Door, Webhook
from infra.local.simulator.taker import Asked, Posting, Taker, Told
from infra.local.simulator.telegram import TelegramPlatform
from infra.local.simulator.twilio import TwilioPlatform
from infra.local.simulator.x import XPlatform
from infra.local.simulator.x_webhooks import XAccount
from infra.local.simulator.youtube import YoutubePlatform

DELIVERED = 0.6
"""Seconds after which a mail of ours has been delivered."""

Later = tuple[float, Webhook]
Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A file that left with a mail of ours."""

    customer: str
    name: str
    body: bytes


@dataclass(slots=True)
class XTaker:
    """Implements Taker for several accounts of X: each call belongs to whose token it carries."""

    accounts: Sequence[tuple[XAccount, XPlatform]]
    prefix: str = "x"

    def take(self, asked: Asked) -> Told:
        """Hand the call to its account; with nobody's token to the first, which refuses it."""
        token = asked.headers.get("authorization", "").removeprefix("Bearer ").encode()
        for keys, platform in self.accounts:
            own = (keys.access_token.encode(), keys.bearer.encode())
            if any(hmac.compare_digest(token, one) for one in own):
                return platform.take(asked)
        return self.accounts[0][1].take(asked)


class Networks:
    """Every network beside Meta's. `sent` hears of each message of ours that one of them took."""

    def __init__(
        self, brand: Brand, ledger: Ledger, faults: Faults, sent: Callable[[str, Sent], None]
    ) -> None:
        self._brand, self._ledger, self._faults, self._sent = brand, ledger, faults, sent
        self._text = sms.SmsAccount(
            brand.text.number,
            sns.topic(brand.text.topic_arn, now()),
            brand.text.handle,
            brand.text.configuration_set,
        )
        self.telegram = TelegramPlatform(brand.telegram, ledger, faults, self._by("telegram"), now)
        self.sms = sms.SmsPlatform(self._text, ledger, faults, self._by("sms"), now)
        account = EmailAccount((brand.mail,))
        self.email = EmailPlatform(account, ledger, faults, self._by("email"), now)
        self.youtube = YoutubePlatform(brand.youtube, ledger, faults, self._by("youtube"), now)
        self.mastodon = MastodonPlatform(brand.mastodon, ledger, faults, self._by("mastodon"), now)
        self.bluesky = BlueskyPlatform(brand.bluesky, ledger, faults, self._by("bluesky"), now)
        self.line = LinePlatform(brand.line, ledger, faults, self._by("line"), now)
        self.crm = CrmTaker(brand.crm_secret)
        self.pagerduty = PagerDutyTaker(brand.routing_key)
        self.opsgenie = OpsgenieTaker(brand.genie_key)
        pushed = (self.telegram, self.sms, self.email, self.line)
        polled = (self.youtube, self.mastodon, self.bluesky)
        own = (self.crm, self.pagerduty, self.opsgenie)
        self.takers: dict[str, Taker] = {one.prefix: one for one in (*pushed, *polled, *own)}
        self.reached_at("")

    def reached_at(self, url: str) -> None:
        """Say where we are: X and Twilio know the address that they call."""
        twilio = replace(self._brand.twilio, public_url=url)
        self.twilio = TwilioPlatform(twilio, self._ledger, self._faults, self._by("twilio"), now)
        self.x: dict[str, tuple[XAccount, XPlatform]] = {
            one.handle: (one, self._account_of_x(one, url)) for one in self._brand.x
        }
        self.takers |= {"twilio": self.twilio, "x": XTaker(tuple(self.x.values()))}

    def _account_of_x(self, account: XAccount, url: str) -> XPlatform:
        called = replace(account, callback_url=f"{url}/webhooks/x/{account.handle}")
        return XPlatform(called, self._ledger, self._faults, self._by(account.handle), now)

    def _by(self, network: str) -> Callable[[Sent], None]:
        return lambda sent: self._sent(network, sent)

    # -- what customers do ------------------------------------------------------------------------

    def on_x(self, one: Happening, handle: str, *, named: bool) -> Webhook | None:
        """Let somebody post: naming the brand, answering it (`parent`), or only talking about it.

        X tells nobody of the last.
        """
        keys, platform = self.x[handle]
        platform.write(one, summoned=named)
        if named:
            return posted(x_webhooks.mention(one, keys))
        return posted(x_webhooks.reply(one, keys)) if one.parent else None

    def direct_on_x(self, one: Happening, handle: str) -> Webhook:
        """Let somebody write a direct message."""
        return posted(x_webhooks.message(one, self.x[handle][0]))

    def on_telegram(self, one: Happening) -> Webhook:
        """Let somebody write to the bot, in a group where `post` names one."""
        if one.post:
            self.telegram.wrote(one.post, one.id, one.person)
        return posted(telegram.message(one, self._brand.telegram))

    def start_on_telegram(self, one: Happening) -> Webhook:
        """Let somebody follow a link to the bot, whose code is `token`."""
        return posted(telegram.started(one, self._brand.telegram))

    def on_line(self, one: Happening) -> Webhook:
        """Let somebody write to the official account, in a group where `post` names one."""
        if one.post:
            self.line.wrote(one.post, one.person)
        return posted(line.message(one, self._brand.line))

    def by_twilio(self, one: Happening) -> Webhook:
        """Let somebody write on WhatsApp to the number at Twilio."""
        return posted(self.twilio.write(one, whatsapp=True))

    def by_text(self, one: Happening) -> Webhook:
        """Let somebody write an SMS to the number at AWS, whose topic tells of it."""
        return self._noticed(sms.message(one, self._text))

    def by_mail(self, one: Happening, raw: bytes) -> Webhook:
        """Let a mail come in. `one.account` is the address it was sent to."""
        told = mails.received(raw, f"ses-{one.id}".replace("@", "-"), [one.account], one.at)
        return Webhook("email received", Door.MAIL, raw, notice=json.dumps(told))

    def on_youtube(self, one: Happening) -> None:
        """Let somebody comment under a video (`post`)."""
        self.youtube.write(one)

    def on_mastodon(self, one: Happening, *, public: bool) -> None:
        """Let somebody name the brand in a post, or write to it alone."""
        self.mastodon.write(one, public=public)

    def on_bluesky(self, one: Happening, *, public: bool) -> None:
        """Let somebody name the brand in a post, or write to it in private."""
        if public:
            self.bluesky.write(one)
        else:
            self.bluesky.whisper(one)

    # -- what follows a message of ours -----------------------------------------------------------

    def follows(self, network: str, sent: Sent) -> Sequence[Later]:
        """Return (seconds from now, webhook) of what a network tells of it, nearest first."""
        if network in self.x:
            return _posted(x_webhooks.aftermath(sent, self.x[network][0]))
        if network == "twilio":
            return _posted(self.twilio.follows(sent))
        if network == "sms":
            return [(wait, self._noticed(one)) for wait, one in self.sms.follows(sent)]
        return [(DELIVERED, self._delivered(sent))] if network == "email" else ()

    def reply_address(self, customer: str) -> str:
        """Return where an answer to the newest mail that this customer got goes; empty: none."""
        for raw in reversed(self.email.mails):
            mail = message_from_bytes(raw, policy=policy.default)
            if mail["To"].addresses[0].addr_spec == customer:
                return str((mail["Reply-To"] or mail["From"]).addresses[0].addr_spec)
        return ""

    def enclosed(self) -> Sequence[Enclosed]:
        """Return the files of all mails of ours."""
        found = []
        for raw in tuple(self.email.mails):
            mail = message_from_bytes(raw, policy=policy.default)
            to = str(mail["To"].addresses[0].addr_spec)
            for part in mail.iter_attachments():
                body = part.get_content()
                content = body if isinstance(body, bytes) else str(body).encode()
                found.append(Enclosed(to, str(part.get_filename()), content))
        return found

    def _noticed(self, one: Posting) -> Webhook:
        """Return what the topic of SMS tells: the message within the envelope that SNS signs."""
        told: Mapping[str, str] = json.loads(one.body)
        return Webhook(one.name, Door.TEXT, b"", notice=told["Message"])

    def _delivered(self, sent: Sent) -> Webhook:
        one = sent.received
        at = one.at + timedelta(seconds=DELIVERED)
        about: Json = {
            "timestamp": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "recipients": [one.customer],
        }
        message_id = one.platform_id.partition("@")[0]
        told = mails.news("Delivery", message_id, one.account, about, one.token)
        return Webhook("email delivered", Door.MAIL, b"", notice=json.dumps(told))


def posted(one: Posting) -> Webhook:
    """Return a network's webhook as the post office delivers it."""
    return Webhook(one.name, Door.OWN, one.body, path=one.path, headers=one.headers)


def now() -> datetime:
    """Return the time, aware UTC, cut to milliseconds."""
    found = datetime.now(UTC)
    return found.replace(microsecond=found.microsecond // 1000 * 1000)


def _posted(found: Sequence[tuple[float, Posting]]) -> Sequence[Later]:
    return [(wait, posted(one)) for wait, one in found]
