"""Who works on the local day, with which keys.

This is what the stack is set up with, and what the simulator uses.
"""

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from chalicelib.domain.agent import Role
from chalicelib.domain.policy import Policy
from infra.local.simulator.bluesky import BlueskyKeys
from infra.local.simulator.brand import Brand, TextNumber
from infra.local.simulator.line import LineKeys
from infra.local.simulator.mastodon import MastodonKeys
from infra.local.simulator.telegram import TelegramKeys
from infra.local.simulator.twilio_post import TwilioAccount
from infra.local.simulator.world import Accounts
from infra.local.simulator.x_webhooks import XAccount
from infra.local.simulator.youtube import YoutubeKeys
from infra.people import Person

CARE = Path(__file__).parents[1] / "care.yaml"
TEAM = "care"
APP_ID = "263902037430999"
AGENTS = ("ana", "ben", "cleo")
LEAD, ADMIN = "lena", "adam"
PHONES = {LEAD: "+15550121", ADMIN: "+15550122"}
"""Who is paged by SMS: numbers that are reserved for examples."""

SMS_TOPIC = "arn:aws:sns:us-east-1:000000000000:hearback-local-sms"
"""The name that the template gives the topic, in the local AWS's account and region."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The secrets of one run: made anew each time, never written to a file."""

    brand: Brand
    verify_token: str
    reply_key: str

    def contents(self, standard_url: str) -> Mapping[str, Mapping[str, object]]:
        """Return what Secrets Manager holds, by name; generic replies go to `standard_url`.

        Each network's keys are named and shaped as its page in docs/channels says.
        """
        ours = self.brand
        telegram, youtube, bluesky = ours.telegram, ours.youtube, ours.bluesky
        google = ("api_key", "client_id", "client_secret", "refresh_token")
        return {
            **self._meta(standard_url),
            **{one.handle: one.secret for one in ours.x},
            telegram.handle: {"token": telegram.token, "secret_token": telegram.secret_token},
            ours.twilio.whatsapp_handle: {
                "account_sid": ours.twilio.sid,
                "auth_tokens": [ours.twilio.token],
            },
            ours.text.handle: {"topics": [ours.text.topic_arn]},
            "acme-mail": {"reply_keys": [self.reply_key]},
            "acme-youtube": {name: getattr(youtube, name) for name in google},
            "acme-mastodon": {"token": ours.mastodon.token},
            "acme-bluesky": {"identifier": bluesky.handle, "password": bluesky.password},
            ours.line.handle: {
                "channel_secret": ours.line.channel_secret,
                "access_token": ours.line.access_token,
            },
            "hook-crm": {"secrets": [ours.crm_secret]},
            "paging-pagerduty": {"routing_key": ours.routing_key},
            "paging-opsgenie": {"api_key": ours.genie_key},
        }

    def _meta(self, standard_url: str) -> Mapping[str, Mapping[str, object]]:
        ours = self.brand.meta
        meta = {
            "app_id": ours.app_id,
            "app_secrets": [ours.app_secret, ours.instagram_secret],
            "instagram_app_secret": ours.instagram_secret,
            "verify_token": self.verify_token,
            "tokens": ours.tokens,
        }
        standard = {
            "secrets": [ours.standard_secret],
            "url": standard_url,
            "out_secrets": [ours.standard_out_secret],
        }
        return {"meta": meta, ours.standard: standard}


def keys(policy: Policy) -> Keys:
    """Return new keys for the accounts of the local policy."""
    account = {handle.id: handle.account_id for handle in policy.handles}
    brand = Brand(
        meta=_meta(account),
        x=(_x(account, "acme-x", "acme"), _x(account, "acme-x-small", "acmeparts")),
        telegram=_telegram(account["acme-telegram"]),
        twilio=TwilioAccount(
            f"AC{secrets.token_hex(16)}",
            secrets.token_hex(16),
            account["acme-twilio"],
            "",
            whatsapp_handle="acme-twilio",
        ),
        text=TextNumber("acme-text", account["acme-text"], "hearback", SMS_TOPIC),
        mail=account["acme-mail"],
        youtube=YoutubeKeys(account["acme-youtube"], *(_word() for _ in range(5))),
        mastodon=MastodonKeys(account["acme-mastodon"], _word(), "acme", "social.example"),
        bluesky=BlueskyKeys(account["acme-bluesky"], "acme.example", _word()),
        line=LineKeys(account["acme-line"], _word(), secrets.token_hex(16), "acme", "acme-line"),
        crm_secret=_whsec(),
        routing_key=secrets.token_hex(16),
        genie_key=_word(),
    )
    return Keys(brand, _word(), secrets.token_hex(16))


def _meta(account: Mapping[str, str]) -> Accounts:
    page, instagram = account["acme-page"], account["acme-instagram"]
    phone = account["acme-whatsapp"]
    return Accounts(
        page=page,
        instagram=instagram,
        phone=phone,
        waba="110000000000001",
        standard=account["acme-forum"],
        app_id=APP_ID,
        app_secret=secrets.token_hex(16),
        instagram_secret=secrets.token_hex(16),
        tokens={one: secrets.token_urlsafe(24) for one in (page, instagram, phone)},
        standard_secret=_whsec(),
        standard_out_secret=_whsec(),
    )


def _x(account: Mapping[str, str], handle: str, username: str) -> XAccount:
    return XAccount(handle, account[handle], username, _word(), _word(), _word())


def _telegram(bot: str) -> TelegramKeys:
    return TelegramKeys(bot, f"{bot}:{_word()}", _word(), "acme_bot", "acme-telegram")


def people() -> tuple[Person, ...]:
    """Return who works: three agents, a lead and an administrator, all in one team."""
    agents = [Person(name, Role.AGENT, (TEAM,), name.capitalize()) for name in AGENTS]
    return (
        *agents,
        Person(LEAD, Role.LEAD, (TEAM,), "Lena", phone=PHONES[LEAD]),
        Person(ADMIN, Role.ADMIN, (TEAM,), "Adam", phone=PHONES[ADMIN]),
    )


def _word() -> str:
    return secrets.token_urlsafe(24)


def _whsec() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()
