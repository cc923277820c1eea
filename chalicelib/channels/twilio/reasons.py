"""Plain words for Twilio's error codes, in answers and in the news of a message alike."""

from collections.abc import Mapping

_TOLD: Mapping[str, str] = {
    "21610": "The customer has opted out of messages from this number (STOP).",
    "30001": "Twilio's queue was full.",
    "30002": "The Twilio account is suspended.",
    "30003": "The phone is switched off or out of reach.",
    "30004": "The number or its carrier blocks messages from us.",
    "30005": "The number does not exist or is no longer in use.",
    "30006": "This is a landline, or a carrier that takes no messages.",
    "30007": "The carrier filtered the message as unwanted.",
    "30008": "The carrier gave no reason.",
    "30034": "The number is not registered for business messages in the USA (A2P 10DLC).",
    "63003": "WhatsApp does not know this number.",
    "63016": "The customer's last message is more than 24 hours old: only a template may leave.",
    "63018": "WhatsApp's limit for messages from this number was reached.",
    "63024": "WhatsApp does not take this recipient.",
    "63032": "WhatsApp does not deliver to this user just now.",
}


def told(code: str) -> str:
    """Return plain words for a code that a person may meet, or nothing."""
    return _TOLD.get(code, "")
