"""What the Bot API's errors mean for a message that was to be sent (protocols part 3)."""

from dataclasses import dataclass
from http import HTTPStatus

from chalicelib.workflows.networks import ErrorClass, SendState


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of the message."""

    state: SendState
    error_class: ErrorClass


RECIPIENT = Verdict(SendState.FAILED, ErrorClass.RECIPIENT)
UNKNOWN = Verdict(SendState.UNKNOWN, ErrorClass.UNANSWERED)
_RETRY = Verdict(SendState.RETRY, ErrorClass.UNAVAILABLE)
_THROTTLED = Verdict(SendState.RETRY, ErrorClass.THROTTLED)
_CHANNEL = Verdict(SendState.FAILED, ErrorClass.CHANNEL)
_WINDOW = Verdict(SendState.FAILED, ErrorClass.WINDOW)
_CONTENT = Verdict(SendState.FAILED, ErrorClass.CONTENT)

_CODES = {
    HTTPStatus.TOO_MANY_REQUESTS: _THROTTLED,
    HTTPStatus.UNAUTHORIZED: _CHANNEL,  # the token was revoked
    HTTPStatus.NOT_FOUND: _CHANNEL,  # a token that never was one
    HTTPStatus.CONFLICT: _CHANNEL,
    HTTPStatus.FORBIDDEN: RECIPIENT,  # blocked, put out, deactivated, or never started
}
_PHRASES = (
    # what a 400 is about is only told in words; in lower case
    ("business_peer_usage_missing", _WINDOW),  # the chat was not active in the last 24 hours
    ("business_", RECIPIENT),  # the connection is gone, or never covered this chat
    ("chat not found", RECIPIENT),
    ("user not found", RECIPIENT),
    ("peer_id_invalid", RECIPIENT),
    ("thread not found", RECIPIENT),
    ("topic_", RECIPIENT),  # closed or deleted
    ("rights to send", RECIPIENT),
    ("chat_write_forbidden", RECIPIENT),
)


def of_error(code: int, description: str) -> Verdict:
    """Return what an error that Telegram explained means."""
    if code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _RETRY
    if code in _CODES:
        return _CODES[HTTPStatus(code)]
    told = description.lower()
    return next((verdict for phrase, verdict in _PHRASES if phrase in told), _CONTENT)


def of_status(status: int) -> Verdict:
    """Return what an answer means that is not Telegram's own.

    429 and 503 say that nothing was done. Whatever else stands between us leaves open whether the
    message went out, and Telegram does not recognise a message that is sent twice.
    """
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        return _RETRY
    if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return _CODES.get(HTTPStatus(status), _CONTENT) if status in _CODES else _CONTENT
    return UNKNOWN
