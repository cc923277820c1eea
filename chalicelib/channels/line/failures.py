"""What LINE's errors mean for a message that was to be sent.

https://developers.line.biz/en/reference/messaging-api/#status-codes and #error-responses.
"""

from dataclasses import dataclass
from http import HTTPStatus

from chalicelib.channels import transport, wire
from chalicelib.channels.contract import PayloadError
from chalicelib.channels.line import api
from chalicelib.workflows.networks import ErrorClass, SendResult, SendState

MAX_ERROR_TEXT = 300
MOST_DETAILS = 3


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of the message."""

    state: SendState
    error_class: ErrorClass


_RETRY = Verdict(SendState.RETRY, ErrorClass.UNAVAILABLE)
_THROTTLED = Verdict(SendState.RETRY, ErrorClass.THROTTLED)
_LIMIT = Verdict(SendState.FAILED, ErrorClass.LIMIT)
_CHANNEL = Verdict(SendState.FAILED, ErrorClass.CHANNEL)
_RECIPIENT = Verdict(SendState.FAILED, ErrorClass.RECIPIENT)
_CONTENT = Verdict(SendState.FAILED, ErrorClass.CONTENT)

_OURS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
_PHRASES = (
    # what a 400 is about is only told in words; in lower case
    ("failed to send messages", _RECIPIENT),  # nobody has this id
    ("property, 'to'", _RECIPIENT),
    ("property, to,", _RECIPIENT),
    ("authentication failed", _CHANNEL),
)


def of_answer(answer: transport.Answer) -> SendResult:
    """Return what an answer means that is no yes."""
    text = text_of(answer)
    verdict = _verdict(answer.status, text.lower())
    throttled = verdict is _THROTTLED
    return SendResult(
        verdict.state,
        error_class=verdict.error_class,
        error_code=f"http_{answer.status}",
        error_text=text[:MAX_ERROR_TEXT],
        retry_after_seconds=wire.number(answer.headers, "retry-after") if throttled else 0,
    )


def text_of(answer: transport.Answer) -> str:
    """Return LINE's own words for an error, with the fields that it names."""
    told = api.told(answer)
    try:
        rows = [wire.as_object(row, "detail") for row in wire.rows(told, "details")]
        details = [f"{wire.text(row, 'property')} {wire.text(row, 'message')}" for row in rows]
        said = wire.text(told, "message")
    except PayloadError:
        return ""
    shown = "; ".join(one.strip() for one in details[:MOST_DETAILS])
    return f"{said}: {shown}" if shown else said


def _verdict(status: int, text: str) -> Verdict:
    """Return what a status means.

    LINE recognises a repeat, so what may or may not have been done is simply done again. The same
    status says that too much was asked at once, and that the month's messages are used up.
    """
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return _LIMIT if "monthly limit" in text else _THROTTLED
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _RETRY
    if status in _OURS or status < HTTPStatus.BAD_REQUEST:  # redirects are not followed
        return _CHANNEL
    return next((verdict for phrase, verdict in _PHRASES if phrase in text), _CONTENT)
