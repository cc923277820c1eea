"""How to connect a bot, in plain words."""

from collections.abc import Sequence

from chalicelib.channels.contract import Secret
from chalicelib.channels.telegram.signature import tokens_of
from chalicelib.domain.policy import Handle

_GROUPS = (
    "For groups: turn the privacy mode off (@BotFather, /setprivacy) or make the bot an "
    "administrator, then add it to the group. To delete messages it must be an administrator."
)
_BUSINESS = (
    "For a business account: choose the bot as chatbot in its settings, under Telegram Business, "
    "and let it answer."
)


def steps(handle: Handle, callback_url: str, secret: Secret) -> Sequence[str]:
    """Return the steps. There is no verify token to enter: we hand Telegram ours ourselves."""
    name, username = handle.secret or handle.id, handle.settings.get("username", "")
    held = bool(secret.get("token")) and bool(tokens_of(secret))
    store = (
        f'Store the secret {name}: {{"token": "<bot token>", "secret_token": "<random>"}}; the '
        "secret_token is yours to invent, up to 256 of A-Z a-z 0-9 _ -."
    )
    return (
        "In Telegram, write to @BotFather: /newbot makes a bot, /token shows the token of one.",
        f"The number before the token's colon is the account_id; yours says {handle.account_id}.",
        f"The secret {name} is stored." if held else store,
        f"Set `username` to the bot's name without @, for invitations; it says {username!r}.",
        _GROUPS,
        _BUSINESS,
        f"Enter nothing anywhere: the probe sets the webhook to {callback_url} and repairs it.",
    )
