"""What to do in Meta's console to connect an account, in plain words."""

from collections.abc import Mapping, Sequence

from chalicelib.channels.meta import account, probing
from chalicelib.domain.channel import Channel
from chalicelib.domain.policy import Handle

_COMMAND = "python -m infra.commands --stage <stage>"
_PERMISSIONS: Mapping[Channel, str] = {
    Channel.FACEBOOK_PAGE: (
        "pages_manage_metadata, pages_read_engagement, pages_read_user_content, "
        "pages_manage_engagement, pages_messaging"
    ),
    Channel.MESSENGER: "pages_messaging, pages_manage_metadata",
    Channel.INSTAGRAM: (
        "instagram_basic, instagram_manage_comments, instagram_manage_messages, "
        "pages_manage_metadata"
    ),
    Channel.WHATSAPP: "whatsapp_business_messaging, whatsapp_business_management",
}
_LOGIN_PERMISSIONS = (
    "instagram_business_basic, instagram_business_manage_comments, "
    "instagram_business_manage_messages"
)
_PRODUCT: Mapping[Channel, str] = {
    Channel.FACEBOOK_PAGE: "Webhooks, object Page",
    Channel.MESSENGER: "Messenger, Webhooks (object Page)",
    Channel.INSTAGRAM: "Instagram, Webhooks",
    Channel.WHATSAPP: "WhatsApp, Configuration, Webhook",
}
_WHATSAPP_FIELDS = ("messages", "smb_message_echoes", "user_id_update", "account_update")


def steps(handle: Handle, callback_url: str, secret: Mapping[str, object]) -> Sequence[str]:
    """Return the steps, one a line, with the callback URL and the verify token."""
    name, given = handle.secret or "meta", secret.get("verify_token")
    token = given if isinstance(given, str) and given else f"the verify_token of secret {name}"
    fields = probing.FIELDS.get(handle.channel, _WHATSAPP_FIELDS)
    return (
        "Open developers.facebook.com, My Apps, and create (or open) an app of type Business.",
        f"Store its keys: {_COMMAND} set-secret {name}, with JSON as below.",
        _secret(handle),
        f"In the app open {_PRODUCT[handle.channel]}. Callback URL: {callback_url}",
        f"Verify token: {token}",
        "Save: Meta calls the URL at once and says whether it was answered rightly.",
        f"Subscribe the app to the fields: {', '.join(fields)}",
        *_account(handle),
        "Ask for Advanced Access in App Review; else only people with a role in the app are heard.",
        f"Permissions the token needs: {_permissions(handle)}",
        f"Run {_COMMAND} probe {handle.id}: Hearback subscribes the account.",
        "Write to the account from another one: the message appears within seconds.",
    )


def _secret(handle: Handle) -> str:
    extra = ', "instagram_app_secret": "..."' if account.by_instagram_login(handle) else ""
    return (
        '{"app_id": "...", "app_secrets": ["..."], "verify_token": "a long random text"'
        f'{extra}, "tokens": {{"{handle.account_id}": "..."}}}}'
    )


def _permissions(handle: Handle) -> str:
    by_login = account.by_instagram_login(handle)
    return _LOGIN_PERMISSIONS if by_login else _PERMISSIONS[handle.channel]


def _account(handle: Handle) -> Sequence[str]:
    if handle.channel is Channel.WHATSAPP:
        return (
            "In Business Settings make a system user and give it the WhatsApp account.",
            "Make a token of that user that does not expire.",
            "Set waba_id (the WhatsApp Business Account's id) in the handle's settings.",
        )
    if account.by_instagram_login(handle):
        return (
            "Under Instagram, API setup with Instagram login, connect the account; make its token.",
            "That token ends after 60 days: renew it, and note the day under `expires`.",
            "With Facebook Login instead, set page_id in the handle's settings.",
        )
    page = account.node(handle)
    return (f"Make a page access token of page {page} that does not expire, by a system user.",)
