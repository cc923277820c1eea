"""Who works on the local day, with which keys.

This is what the stack is set up with, and what the simulator uses.
"""

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from chalicelib.domain.agent import Role
from chalicelib.domain.channel import Channel
from chalicelib.domain.policy import Policy
from infra.local.simulator.world import Accounts
from infra.people import Person

CARE = Path(__file__).parents[1] / "care.yaml"
TEAM = "care"
APP_ID = "263902037430999"
AGENTS = ("ana", "ben", "cleo")
LEAD, ADMIN = "lena", "adam"


@dataclass(frozen=True, slots=True)
class Keys:
    """The secrets of one run: made anew each time, never written to a file."""

    accounts: Accounts
    verify_token: str

    def contents(self, standard_url: str) -> Mapping[str, Mapping[str, object]]:
        """Return what Secrets Manager holds, by name; generic replies go to `standard_url`."""
        ours = self.accounts
        meta = {
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
    """Return new keys for the accounts of a policy with one handle on each channel."""
    account = {handle.channel: handle.account_id for handle in policy.handles}
    page, instagram = account[Channel.FACEBOOK_PAGE], account[Channel.INSTAGRAM]
    phone = account[Channel.WHATSAPP]
    accounts = Accounts(
        page=page,
        instagram=instagram,
        phone=phone,
        waba="110000000000001",
        standard=account[Channel.WEBHOOK],
        app_id=APP_ID,
        app_secret=secrets.token_hex(16),
        instagram_secret=secrets.token_hex(16),
        tokens={one: secrets.token_urlsafe(24) for one in (page, instagram, phone)},
        standard_secret=_whsec(),
        standard_out_secret=_whsec(),
    )
    return Keys(accounts, secrets.token_urlsafe(16))


def people() -> tuple[Person, ...]:
    """Return who works: three agents, a lead and an administrator, all in one team."""
    agents = [Person(name, Role.AGENT, (TEAM,), name.capitalize()) for name in AGENTS]
    return (
        *agents,
        Person(LEAD, Role.LEAD, (TEAM,), "Lena"),
        Person(ADMIN, Role.ADMIN, (TEAM,), "Adam"),
    )


def _whsec() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()
