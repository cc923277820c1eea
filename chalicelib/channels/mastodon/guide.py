"""How to connect an account, in plain words."""

from collections.abc import Sequence

from chalicelib.channels.contract import Secret
from chalicelib.domain.policy import Handle

_SCOPES = "read:accounts read:notifications read:statuses read:search write:media write:statuses"


def steps(handle: Handle, secret: Secret) -> Sequence[str]:
    """Return the steps. There is no callback URL: Hearback looks by itself."""
    name = handle.secret or handle.id
    instance = handle.settings.get("instance", "https://<instance>")
    lookup = f"{instance}/api/v1/accounts/lookup?acct=<name>"
    store = f'Store the secret {name}: {{"token": "<access token>"}}.'
    return (
        f"Log in to {instance} as the account that answers.",
        f"Open {instance}/settings/applications/new and allow: {_SCOPES}.",
        f"The secret {name} is stored." if secret.get("token") else store,
        f"{lookup} shows the `id` that is the account_id; yours says {handle.account_id}.",
        "Let private mentions through: Preferences, Notifications, accept everybody.",
        "There is no callback URL to enter: Hearback looks for mentions by itself.",
    )
