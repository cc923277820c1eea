"""What X's refusals mean for a message that was to be sent (protocols 2.6)."""

import re
from datetime import datetime

from chalicelib.channels import answers, transport, verdicts, waits, wire
from chalicelib.channels.verdicts import Verdict
from chalicelib.channels.x import api
from chalicelib.workflows.networks import ErrorClass, SendResult, SendState

USUAL_WAIT = 60
UNAUTHORIZED, PAYMENT, TOO_MANY, UNAVAILABLE = 401, 402, 429, 503
ELSEWHERE, SERVER = range(300, 400), range(500, 600)

_RESETS = (
    "x-rate-limit",
    "x-user-limit-24hour",
    "x-app-limit-24hour",
)


def _failed(error_class: ErrorClass, code: str, text: str = "") -> Verdict:
    return Verdict(SendState.FAILED, error_class, code, text)


_DUPLICATE = _failed(
    ErrorClass.CONTENT,
    "duplicate",
    "X says that these words were already posted. Look there before writing other ones.",
)
_UNSUMMONED = _failed(
    ErrorClass.CONTENT,
    "not_summoned",
    "X lets us answer only those who mentioned or quoted us. A direct message may be possible.",
)
_OURS = "your account|temporarily locked|oauth|client-forbidden|unsupported-auth"
_WORDS = (
    (re.compile(r"duplicate", re.IGNORECASE), _DUPLICATE),
    (
        re.compile(r"mentioned|summoned|reply to this conversation is not allowed", re.IGNORECASE),
        _UNSUMMONED,
    ),
    (
        re.compile(r"deleted or not visible|latest version|not found", re.IGNORECASE),
        _failed(ErrorClass.CONTENT, "gone"),
    ),
    (
        re.compile(_OURS, re.IGNORECASE),
        _failed(ErrorClass.CHANNEL, "http_403"),
    ),
)
_NOT_ABOUT_THEM = re.compile(f"duplicate|{_OURS}", re.IGNORECASE)
"""A direct message that X forbids is mostly forbidden by the customer's settings."""

_MONEY = re.compile(r"usage-cap|usagecap|credit|spend-?cap", re.IGNORECASE)


def result_of(answer: transport.Answer, now: datetime, *, direct: bool) -> SendResult:
    """Return what an answer that is not a yes means. `direct`: for a direct message."""
    told = answers.told(answer)
    errors = answers.parts(told, "errors")
    problem = told if told.get("title") or told.get("detail") else (errors or [{}])[0]
    status = answer.status
    if answer.ok and problem:  # a 200 whose errors say that it was refused after all
        status = wire.number(problem, "status") or 400
    said = " ".join(api.word(problem, name) for name in ("title", "detail", "message", "type"))
    verdict = _verdict(status, said, direct=direct)
    text = api.word(problem, "detail") or api.word(problem, "message")
    wait = _wait(answer, now) if verdict.state is SendState.RETRY else 0
    return verdict.result(f"http_{status}", text, wait)


def _verdict(status: int, said: str, *, direct: bool) -> Verdict:
    known = _of_status(status, said)
    if known:
        return known
    if direct and status in (403, 404) and not _NOT_ABOUT_THEM.search(said):
        return _failed(ErrorClass.RECIPIENT, "cannot_direct_message")
    found = (verdict for pattern, verdict in _WORDS if pattern.search(said))
    return next(found, verdicts.CONTENT)


def _of_status(status: int, said: str) -> Verdict | None:
    """Return what the status alone says, whatever was to be sent.

    After any other failure of a server it may have gone out all the same: the echo will tell, and X
    does not recognise a direct message that comes twice.
    """
    if status == PAYMENT or (status == TOO_MANY and _MONEY.search(said)):
        return _failed(ErrorClass.CHANNEL, "no_credits")
    if status == TOO_MANY:
        return verdicts.THROTTLED
    if status == UNAVAILABLE:
        return verdicts.RETRY
    if status in SERVER:
        return verdicts.UNKNOWN
    if status == UNAUTHORIZED or status in ELSEWHERE:
        return _failed(ErrorClass.CHANNEL, f"http_{status}")
    return None


def _wait(answer: transport.Answer, now: datetime) -> int:
    """Return the seconds until the limit that was reached is over, and at least one.

    X says when each limit ends (Unix seconds) and how much of it is left.
    """
    reached = [one for one in _RESETS if answer.headers.get(f"{one}-remaining", "0") == "0"]
    ends = [waits.until(answer, f"{name}-reset", now) for name in reached]
    return max(waits.asked(answer), *ends, 0) or USUAL_WAIT
