"""The accounts that these tests play with."""

from infra.local.simulator.bluesky import BlueskyKeys
from infra.local.simulator.brand import Brand, TextNumber
from infra.local.simulator.line import LineKeys
from infra.local.simulator.mastodon import MastodonKeys
from infra.local.simulator.telegram import TelegramKeys
from infra.local.simulator.twilio_post import TwilioAccount
from infra.local.simulator.world import Accounts
from infra.local.simulator.x_webhooks import XAccount
from infra.local.simulator.youtube import YoutubeKeys

ACCOUNTS = Accounts(
    page="104500000000001",
    instagram="17840000000000001",
    phone="150000000000001",
    waba="WABA1",
    standard="acme-forum",
    app_id="263902",
    app_secret="app-secret",
    instagram_secret="instagram-secret",
    tokens={
        "104500000000001": "page-token",
        "17840000000000001": "instagram-token",
        "150000000000001": "phone-token",
    },
    standard_secret="whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3",
    standard_out_secret="whsec_NzY1NDMyMTBmZWRjYmE5ODc2NTQzMjEw",
)

BRAND = Brand(
    meta=ACCOUNTS,
    x=(
        XAccount("acme-x", "1783214000000000001", "acme", "secret-1", "token-1", "bearer-1"),
        XAccount("acme-x-small", "1783214000000000002", "acmeparts", "secret-2", "token-2", "b-2"),
    ),
    telegram=TelegramKeys("6111000001", "6111000001:token", "hook", "acme_bot", "acme-telegram"),
    twilio=TwilioAccount("AC1", "token", "+15550101", "", whatsapp_handle="acme-twilio"),
    text=TextNumber("acme-text", "+15550100", "hearback", "arn:aws:sns:us-east-1:0:sms"),
    mail="care@example.com",
    youtube=YoutubeKeys("UCacme", "key", "id", "secret", "refresh"),
    mastodon=MastodonKeys("109300000000000001", "token", "acme", "social.example"),
    bluesky=BlueskyKeys("did:plc:acme", "acme.example", "password"),
    line=LineKeys("U" + "1" * 32, "token", "secret", "acme", "acme-line"),
    crm_secret="whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3",
)
