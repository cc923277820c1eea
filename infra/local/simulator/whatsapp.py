"""WhatsApp Cloud webhooks: messages, users without a phone number, statuses."""

import re

from infra.local.simulator.happening import Happening
from infra.local.simulator.world import Accounts

Payload = dict[str, object]

BSUID = re.compile(r"^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$")
"""A business-scoped user id: all that is known of a user who hides the phone number."""


def message(one: Happening, accounts: Accounts) -> Payload:
    """Return a message of a customer: text, or a picture when `media` is set."""
    hidden = bool(BSUID.match(one.person))
    body: Payload = {"id": one.id, "timestamp": str(one.seconds)}
    body["from_user_id" if hidden else "from"] = one.person
    if one.media:
        image = {"id": one.media, "mime_type": "image/jpeg", "sha256": "c2hh", "caption": one.text}
        body |= {"type": "image", "image": image}
    else:
        body |= {"type": "text", "text": {"body": one.text}}
    contact: Payload = {"profile": {"name": one.name}, "user_id" if hidden else "wa_id": one.person}
    return _change(accounts, {"contacts": [contact], "messages": [body]})


def status(one: Happening, accounts: Accounts, state: str) -> Payload:
    """Return how far a message of ours has come: `sent`, `delivered`, `read`."""
    body: Payload = {"id": one.id, "status": state, "timestamp": str(one.seconds)}
    body["recipient_user_id" if BSUID.match(one.person) else "recipient_id"] = one.person
    if one.token:
        body["biz_opaque_callback_data"] = one.token
    return _change(accounts, {"statuses": [body]})


def _change(accounts: Accounts, more: Payload) -> Payload:
    value: Payload = {
        "messaging_product": "whatsapp",
        "metadata": {
            "display_phone_number": accounts.display_phone,
            "phone_number_id": accounts.phone,
        },
        **more,
    }
    entry = {"id": accounts.waba, "changes": [{"field": "messages", "value": value}]}
    return {"object": "whatsapp_business_account", "entry": [entry]}
