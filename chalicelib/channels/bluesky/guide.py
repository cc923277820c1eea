"""How to connect an account, in plain words."""

from collections.abc import Sequence

from chalicelib.channels.contract import Secret
from chalicelib.domain.policy import Handle


def steps(handle: Handle, secret: Secret) -> Sequence[str]:
    """Return the steps. There is no callback URL: Hearback looks by itself."""
    name = handle.secret or handle.id
    store = f'Store the secret {name}: {{"identifier": "<handle>", "password": "<app password>"}}.'
    return (
        "In Bluesky's settings, Privacy and security, App passwords, add one for Hearback.",
        "Allow it access to direct messages, or set `private` to no in the handle's settings.",
        f"The secret {name} is stored." if secret.get("password") else store,
        f"The account_id is the account's DID (did:plc:...); yours says {handle.account_id}.",
        "In the chat settings, allow messages from everyone: else strangers cannot write.",
        "There is no callback URL to enter: Hearback looks for mentions by itself.",
    )
