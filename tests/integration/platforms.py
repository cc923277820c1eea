"""The platforms that the doors' life needs: simulated ones on loopback, and Meta in one answer."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from chalicelib.channels import transport
from infra.local.simulator import sns
from infra.local.simulator.email import EmailAccount, EmailPlatform
from infra.local.simulator.faults import Faults
from infra.local.simulator.ledger import Ledger
from infra.local.simulator.mastodon import MastodonKeys, MastodonPlatform
from infra.local.simulator.server import Server
from infra.local.simulator.sms import SmsAccount, SmsPlatform
from infra.local.simulator.twilio import TwilioPlatform
from infra.local.simulator.twilio_post import TwilioAccount
from infra.local.simulator.x import XPlatform
from infra.local.simulator.x_webhooks import XAccount

PUBLIC = "https://care.example.com"
MAIL, TEXT = "care@example.com", "+15550199"
KEY = "0123456789abcdef0123456789abcdef"
TOPIC = "arn:aws:sns:us-east-1:000000000000:hearback-local-sms"
MASTODON = MastodonKeys("1093", "mastodon-token", "acme", "social.example")
X = XAccount()
TWILIO = TwilioAccount("AClocal", "twilio-token-1", "+15550100", PUBLIC)

SECRETS = {
    "care-mail": {"reply_keys": [KEY]},
    "care-text": {},
    "care-mastodon": {"token": MASTODON.token},
    "acme-x": X.secret,
    "paging-duty": {"routing_key": KEY},
    "links": {"key": KEY},
    "acme-sms": {"account_sid": TWILIO.sid, "auth_tokens": [TWILIO.token]},
}
"""What our secrets hold for these handles and for pages, by the secrets' names."""


class Networks:
    """The networks that are called at an address of their own."""

    def __init__(self, now):
        self.faults, self.sent, ledger = Faults({}), [], Ledger()
        common = (ledger, self.faults, self.sent.append, now)
        self.texts = SmsAccount(TEXT, sns.topic(TOPIC, now()))
        self.mail = EmailPlatform(EmailAccount((MAIL,)), *common)
        self.text = SmsPlatform(self.texts, *common)
        self.mastodon = MastodonPlatform(MASTODON, *common)
        self.x = XPlatform(X, *common)
        self.twilio = TwilioPlatform(TWILIO, *common)

    @contextmanager
    def listening(self) -> Iterator[dict[str, str]]:
        """Yield where each network is."""
        takers = (self.mail, self.text, self.mastodon, self.x, self.twilio)
        server = Server({one.prefix: one for one in takers})
        try:
            yield {one.prefix: f"{server.url}/{one.prefix}" for one in takers}
        finally:
            server.close()


class Exchange:
    """Every call of ours: loopback is really called, and everybody else is as busy as told."""

    def __init__(self):
        self.sent, self.busy, self.gone = 0, False, False
        self._really = transport.exchange

    def __call__(self, request):
        if request.url.startswith("http://127.0.0.1:"):
            return self._really(request)
        if self.busy or self.gone:
            return transport.Answer(503 if self.busy else 410, b"")
        self.sent += 1
        body = {"message_id": f"out_{self.sent}", "id": f"out_{self.sent}", "success": True}
        return transport.Answer(200, json.dumps(body).encode())
