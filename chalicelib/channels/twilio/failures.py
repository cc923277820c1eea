"""What Twilio's error codes mean for a message that was to be sent (protocols 4.3).

https://www.twilio.com/docs/api/errors has them all; those here are what a reply can meet.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from chalicelib.workflows.networks import ErrorClass, SendState

OPTED_OUT = "opted_out"
"""Our own code for 21610: the customer sent STOP, and only the customer can take it back."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of the message. `code` is ours where it says more than Twilio's number."""

    state: SendState
    error_class: ErrorClass
    code: str = ""


_THROTTLED = Verdict(SendState.RETRY, ErrorClass.THROTTLED)
_RETRY = Verdict(SendState.RETRY, ErrorClass.UNAVAILABLE)
_CHANNEL = Verdict(SendState.FAILED, ErrorClass.CHANNEL)
_WINDOW = Verdict(SendState.FAILED, ErrorClass.WINDOW)
_RECIPIENT = Verdict(SendState.FAILED, ErrorClass.RECIPIENT)
_CONTENT = Verdict(SendState.FAILED, ErrorClass.CONTENT)
_LIMIT = Verdict(SendState.FAILED, ErrorClass.LIMIT)
UNKNOWN = Verdict(SendState.UNKNOWN, ErrorClass.UNANSWERED)

_CODES: Mapping[int, Verdict] = {
    **dict.fromkeys((20429, 63018, 30001, 14107), _THROTTLED),
    **dict.fromkeys((20003, 20404, 20005, 20006, 21603, 21606, 21659, 21660, 21711), _CHANNEL),
    **dict.fromkeys((21608, 21701, 21703, 30002, 30034, 63007, 63020), _CHANNEL),
    21610: Verdict(SendState.FAILED, ErrorClass.RECIPIENT, OPTED_OUT),
    **dict.fromkeys((21211, 21214, 21265, 21408, 21612, 21614, 30003, 30004), _RECIPIENT),
    **dict.fromkeys((30005, 30006, 63003, 63024, 63032), _RECIPIENT),
    **dict.fromkeys((21602, 21617, 21619, 21620, 21623, 30007, 12300), _CONTENT),
    **dict.fromkeys((21655, 21656, 63005, 63013, 63019, 63021), _CONTENT),
    63016: _WINDOW,
    **dict.fromkeys((30022, 30023, 63038), _LIMIT),
}

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


def of_error(status: int, code: int) -> Verdict:
    """Return what an answer with Twilio's own error code means. 0 is none.

    A failure of Twilio's server says what it says: it did not make the message. Anything between
    us and Twilio (no code) leaves that open, and Twilio cannot be sent the same message twice
    safely.
    """
    known = _CODES.get(code)
    if known:
        return known
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return _THROTTLED
    if status == HTTPStatus.SERVICE_UNAVAILABLE or (
        code and status >= HTTPStatus.INTERNAL_SERVER_ERROR
    ):
        return _RETRY
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return _CHANNEL
    refused = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    return _CONTENT if refused else UNKNOWN
