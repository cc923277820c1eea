"""What to do in X's developer console, step by step (docs/channels/x.md has the same at length)."""

from collections.abc import Sequence

from chalicelib.channels.contract import Secret
from chalicelib.channels.x.keys import keys_of
from chalicelib.channels.x.probing import NEEDED, WANTED
from chalicelib.channels.x.signature import secrets_of
from chalicelib.domain.policy import Handle

_SHAPE = (
    '{"consumer_secrets": ["<API secret key>"], "consumer_key": "<API key>", '
    '"access_token": "<the account\'s token>", "access_token_secret": "<its secret>", '
    '"bearer": "<app-only bearer token>"}'
)


def lines(handle: Handle, callback_url: str, secret: Secret) -> Sequence[str]:
    """Return the steps, a line each; no key is repeated in them."""
    name = handle.secret or handle.id
    steps = (
        """Open https://console.x.com, choose your app (or make one) and buy credits: X charges for
        every event, post and message.""",
        """Under User authentication settings, allow Read, Write and Direct Messages. Do this before
        you make the account's tokens: older tokens keep their older rights.""",
        f"""Under Keys and tokens, signed in as the account {handle.account_id} ({handle.name}),
        make the API key and secret, the access token and secret, and the bearer token.""",
        f"Store them in the secret {name}, as JSON: {_SHAPE}",
        _state(secret),
        f"""Register the webhook: POST https://api.x.com/2/webhooks with the bearer token and
        {{"url": "{callback_url}"}}. X asks for a proof (CRC) at once, which Hearback gives by the
        first of consumer_secrets. There is no verify token.""",
        f"""The daily probe then subscribes the account to {", ".join((*NEEDED, *WANTED))}; nothing
        is to be clicked for it.""",
        f"""In care.yaml, give the handle channel: x and account_id: '{handle.account_id}', and in
        its settings a monthly_budget_usd, after which nothing is sent until the next month.""",
        """With an enterprise contract, add access: enterprise to the settings: then customers who
        did not mention you can be answered too.""",
    )
    return tuple(" ".join(step.split()) for step in steps)


def _state(secret: Secret) -> str:
    keys = keys_of(secret)
    lacks = [
        name
        for name, there in (
            ("consumer_secrets", secrets_of(secret.get("consumer_secrets"))),
            ("access_token", keys.access_token),
            ("bearer", keys.bearer),
        )
        if not there
    ]
    if lacks:
        return f"The secret still lacks: {', '.join(lacks)}."
    if not (keys.token_secret and keys.consumer_key):
        return (
            "The secret is complete, but its access_token is one of OAuth 2.0, which ends after "
            "two hours: renew it in time, or use consumer_key and access_token_secret."
        )
    return "The secret is complete."
