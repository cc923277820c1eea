"""What to do at Twilio to connect a number, in plain words."""

from collections.abc import Sequence

from chalicelib.channels.contract import Secret
from chalicelib.channels.twilio import api
from chalicelib.channels.twilio.sending import CALLBACK_RETRIES
from chalicelib.domain.channel import Channel
from chalicelib.domain.policy import Handle


def guide(handle: Handle, callback_url: str, secret: Secret) -> Sequence[str]:
    """Return the steps, with the exact address; never a token."""
    name = handle.secret or handle.id
    whatsapp = handle.channel is Channel.WHATSAPP
    steps = [] if api.account_of(secret) else _keys(name)
    steps += _whatsapp(callback_url) if whatsapp else _sms(handle, callback_url)
    return [
        *steps,
        (
            f"In care.yaml the handle {handle.id} has account_id {handle.account_id} (the number "
            "with its +, for WhatsApp too) and the setting provider: twilio."
        ),
        (
            f"Send a message from a phone to {handle.account_id}. It must appear at the desk "
            "within seconds; if not, Twilio's console says why under Monitor, Logs, Errors."
        ),
    ]


def _keys(name: str) -> list[str]:
    return [
        (
            "In Twilio's console (https://console.twilio.com) the start page shows Account SID "
            "and Auth Token. Of a subaccount, take the subaccount's own."
        ),
        (
            f'Store both: the secret {name} is the JSON {{"account_sid": "AC...", "auth_tokens": '
            '["the auth token"]}. To change the token later, list the new one first and the old '
            "one second until the old one is gone. With a messaging service add "
            '"messaging_service_sid": "MG...".'
        ),
    ]


def _sms(handle: Handle, callback_url: str) -> list[str]:
    return [
        (
            f"Open Phone Numbers, Manage, Active numbers, {handle.account_id}, Messaging "
            "configuration. Under 'A message comes in' choose Webhook, HTTP POST, and put in "
            f"{callback_url}{CALLBACK_RETRIES} (what follows the # tells Twilio to try again)."
        ),
        (
            "If the number belongs to a messaging service: in its Integration settings choose "
            "'Defer to sender's webhook', and leave the service's own request URL empty."
        ),
        "Nothing is to be set for delivery reports: Hearback asks for them with each message.",
    ]


def _whatsapp(callback_url: str) -> list[str]:
    return [
        (
            "Open Messaging, Senders, WhatsApp senders, and choose the sender. Under 'Webhook URL "
            f"for incoming messages' put in {callback_url}{CALLBACK_RETRIES} with HTTP POST."
        ),
        (
            "Put the same address into 'Status callback URL' if you also send from elsewhere; "
            "Hearback asks for the reports of its own messages with each of them."
        ),
        (
            "For answers after 24 hours make templates under Content Template Builder and have "
            "WhatsApp approve them. Hearback names a template by its Content SID (HX...)."
        ),
    ]
