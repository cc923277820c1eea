"""What the Bot API's errors mean for a message that was to be sent (protocols part 3)."""

from http import HTTPStatus

from chalicelib.channels.verdicts import (
    CHANNEL,
    CONTENT,
    RECIPIENT,
    RETRY,
    THROTTLED,
    UNKNOWN,
    WINDOW,
    Verdict,
)

_CODES = {
    HTTPStatus.TOO_MANY_REQUESTS: THROTTLED,
    HTTPStatus.UNAUTHORIZED: CHANNEL,  # the token was revoked
    HTTPStatus.NOT_FOUND: CHANNEL,  # a token that never was one
    HTTPStatus.CONFLICT: CHANNEL,
    HTTPStatus.FORBIDDEN: RECIPIENT,  # blocked, put out, deactivated, or never started
}
_PHRASES = (
    # what a 400 is about is only told in words; in lower case
    ("business_peer_usage_missing", WINDOW),  # the chat was not active in the last 24 hours
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
        return RETRY
    if code in _CODES:
        return _CODES[HTTPStatus(code)]
    told = description.lower()
    return next((verdict for phrase, verdict in _PHRASES if phrase in told), CONTENT)


def of_status(status: int) -> Verdict:
    """Return what an answer means that is not Telegram's own.

    429 and 503 say that nothing was done. Whatever else stands between us leaves open whether the
    message went out, and Telegram does not recognise a message that is sent twice.
    """
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        return RETRY
    if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return _CODES.get(HTTPStatus(status), CONTENT) if status in _CODES else CONTENT
    return UNKNOWN
