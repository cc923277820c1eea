"""What to do at AWS to connect a number, in plain words."""

from collections.abc import Sequence

from chalicelib.channels.contract import Secret
from chalicelib.channels.sms.sending import CONFIGURATION_SETTING
from chalicelib.domain.policy import Handle


def guide(handle: Handle, callback_url: str, secret: Secret) -> Sequence[str]:
    """Return the steps, with the exact address."""
    stored = isinstance(secret.get("topics"), list | tuple)
    return [
        *([] if stored else [_secret(handle.secret or handle.id)]),
        *_console(handle.account_id),
        (
            "Only for a topic outside the stack: subscribe it over HTTPS to "
            f"{callback_url} with raw message delivery off, and put its ARN into topics. Hearback "
            "confirms the subscription by itself."
        ),
        f"Send an SMS to {handle.account_id}. It must appear at the desk within seconds.",
    ]


def _secret(name: str) -> str:
    return (
        f'Store the secret {name}: the JSON {{"topics": []}}. Sending needs no key of its own '
        "(the stage's role may send); the list is for topics that post to us over HTTPS, by ARN."
    )


def _console(number: str) -> list[str]:
    return [
        (
            "The stack has an SNS topic for SMS: its ARN is the output SmsTopicArn. It is already "
            "connected to Hearback by a queue."
        ),
        (
            "In the console of AWS End User Messaging, Phone numbers, request a number that can do "
            f"two-way SMS in your country ({number} in care.yaml) and finish its registration."
        ),
        (
            f"Open {number}, Two-way SMS, Edit settings: enable two-way messages, destination type "
            "Amazon SNS, 'Existing SNS topic', and choose the stack's topic."
        ),
        (
            "For delivery reports: Configuration sets, create one, add an event destination of "
            "type Amazon SNS with the same topic for all text events, and write its name into the "
            f"handle's setting {CONFIGURATION_SETTING}."
        ),
    ]
