"""What LINE's errors mean for a message that was to be sent.

https://developers.line.biz/en/reference/messaging-api/#status-codes and #error-responses.
"""

from http import HTTPStatus

from chalicelib.channels import answers, transport, waits, wire
from chalicelib.channels.contract import PayloadError
from chalicelib.channels.verdicts import (
    CHANNEL,
    CONTENT,
    LIMIT,
    RECIPIENT,
    RETRY,
    THROTTLED,
    Verdict,
)
from chalicelib.workflows.networks import SendResult

MOST_DETAILS = 3

_OURS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
_PHRASES = (
    # what a 400 is about is only told in words; in lower case
    ("failed to send messages", RECIPIENT),  # nobody has this id
    ("property, 'to'", RECIPIENT),
    ("property, to,", RECIPIENT),
    ("authentication failed", CHANNEL),
)


def of_answer(answer: transport.Answer) -> SendResult:
    """Return what an answer means that is no yes."""
    text = text_of(answer)
    verdict = _verdict(answer.status, text.lower())
    wait = waits.asked(answer) if verdict is THROTTLED else 0
    return verdict.result(f"http_{answer.status}", text, wait)


def text_of(answer: transport.Answer) -> str:
    """Return LINE's own words for an error, with the fields that it names."""
    told = answers.told(answer)
    try:
        rows = [wire.as_object(row, "detail") for row in wire.rows(told, "details")]
        details = [f"{wire.text(row, 'property')} {wire.text(row, 'message')}" for row in rows]
        said = wire.text(told, "message")
    except PayloadError:
        return ""
    shown = "; ".join(one.strip() for one in details[:MOST_DETAILS] if one.strip())
    return f"{said}: {shown}" if shown else said


def _verdict(status: int, text: str) -> Verdict:
    """Return what a status means.

    LINE recognises a repeat, so what may or may not have been done is simply done again. The same
    status says that too much was asked at once, and that the month's messages are used up.
    """
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return LIMIT if "monthly limit" in text else THROTTLED
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return RETRY
    if status in _OURS or status < HTTPStatus.BAD_REQUEST:  # redirects are not followed
        return CHANNEL
    return next((verdict for phrase, verdict in _PHRASES if phrase in text), CONTENT)
