"""How to connect an official account, in plain words."""

from collections.abc import Sequence

from chalicelib.channels.contract import Secret
from chalicelib.channels.line.signature import secrets_of
from chalicelib.domain.policy import Handle

_KEYS = (
    "On the tab Basic settings copy the channel secret; on the tab Messaging API issue a "
    "long-lived channel access token."
)
_SWITCHES = (
    "On the tab Messaging API switch on `Use webhook` and `Webhook redelivery`: without the second "
    "LINE never repeats what we missed. Neither can be switched by us."
)
_GREETINGS = (
    "In the Official Account Manager, under response settings, switch off the automatic answers "
    "unless you want them beside your agents'."
)
_GROUPS = "For groups: allow the account to join group chats (Messaging API tab), then invite it."


def steps(handle: Handle, callback_url: str, secret: Secret) -> Sequence[str]:
    """Return the steps. There is no verify token: the channel secret proves each delivery."""
    name, username = handle.secret or handle.id, handle.settings.get("username", "")
    held = bool(secret.get("access_token")) and bool(secrets_of(secret))
    store = (
        f'Store the secret {name}: {{"channel_secret": "<Basic settings>", "access_token": '
        '"<Messaging API, long-lived>"}.'
    )
    account = (
        f"The account_id is the bot's own user id; yours says {handle.account_id}. The probe tells "
        "the right one if it differs."
    )
    return (
        "Open developers.line.biz/console, your provider, and the account's Messaging API channel.",
        _KEYS,
        f"The secret {name} is stored." if held else store,
        account,
        f"Set `username` to the account's LINE ID, for invitations; it says {username!r}.",
        _SWITCHES,
        _GREETINGS,
        _GROUPS,
        f"Enter nothing else: the probe sets the webhook to {callback_url} and repairs it.",
    )
