"""What Google's errors mean for a call of ours (YouTube Data API v3, "Errors"; protocols 6)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from zoneinfo import ZoneInfo

from chalicelib.channels import transport, wire
from chalicelib.channels.contract import PayloadError
from chalicelib.workflows.networks import ErrorClass, SendResult, SendState

MAX_ERROR_TEXT = 300
_PACIFIC = "America/Los_Angeles"  # where the day of a quota begins


@dataclass(frozen=True, slots=True)
class _Verdict:
    state: SendState
    error_class: ErrorClass


_RETRY = _Verdict(SendState.RETRY, ErrorClass.UNAVAILABLE)
_THROTTLED = _Verdict(SendState.RETRY, ErrorClass.THROTTLED)
_LIMIT = _Verdict(SendState.FAILED, ErrorClass.LIMIT)
_CHANNEL = _Verdict(SendState.FAILED, ErrorClass.CHANNEL)
_RECIPIENT = _Verdict(SendState.FAILED, ErrorClass.RECIPIENT)
_CONTENT = _Verdict(SendState.FAILED, ErrorClass.CONTENT)
_UNKNOWN = _Verdict(SendState.UNKNOWN, ErrorClass.UNANSWERED)

_REASONS = {
    **dict.fromkeys(("quotaExceeded", "dailyLimitExceeded"), _LIMIT),
    **dict.fromkeys(("rateLimitExceeded", "userRateLimitExceeded"), _THROTTLED),
    **dict.fromkeys(("backendError", "internalError", "serviceUnavailable"), _RETRY),
    **dict.fromkeys(
        (
            "authError",
            "authorizationRequired",
            "insufficientPermissions",
            "accessNotConfigured",
            "keyInvalid",
            "keyExpired",
            "invalid_grant",
            "invalid_client",
            "unauthorized_client",
            "ineligibleAccount",
            "channelSuspended",
            "channelClosed",
        ),
        _CHANNEL,
    ),
    **dict.fromkeys(("parentCommentNotFound", "commentNotFound", "parentIdMissing"), _RECIPIENT),
    **dict.fromkeys(("forbidden", "parentCommentIsPrivate"), _RECIPIENT),
}


def of(answer: transport.Answer, now: datetime) -> SendResult:
    """Return what an answer that is no yes says. A quota is there again at midnight, Pacific."""
    reason, text = _said(answer)
    verdict = _REASONS.get(reason) or _of_status(answer.status, explained=bool(reason))
    wait = wire.number(answer.headers, "retry-after")
    if verdict is _LIMIT:
        wait = until_midnight(now)
    return SendResult(
        verdict.state,
        error_class=verdict.error_class,
        error_code=reason or f"http_{answer.status}",
        error_text=text[:MAX_ERROR_TEXT],
        retry_after_seconds=wait,
    )


def until_midnight(now: datetime) -> int:
    """Return the seconds until the next day begins where Google counts its quotas."""
    there = now.astimezone(ZoneInfo(_PACIFIC))
    tomorrow = there.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return max(int(tomorrow.timestamp() - now.timestamp()), 1)


def _said(answer: transport.Answer) -> tuple[str, str]:
    """Return reason and words: of the API's errors, or of the token endpoint's flat form."""
    try:
        found = wire.as_object(wire.read(answer.body), "answer")
        if isinstance(found.get("error"), str):
            return wire.text(found, "error"), wire.text(found, "error_description")
        error = wire.table(found, "error")
        listed = wire.rows(error, "errors")
        first = wire.as_object(listed[0], "error") if listed else {}
        reason = wire.text(first, "reason") or wire.text(error, "status")
        return reason, wire.text(error, "message")
    except PayloadError:
        return "", ""


def _of_status(status: int, *, explained: bool) -> _Verdict:
    """Return what a status alone means: something between may fail after YouTube took it."""
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return _THROTTLED
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        return _RETRY
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _RETRY if explained else _UNKNOWN
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return _CHANNEL if status == HTTPStatus.UNAUTHORIZED or not explained else _CONTENT
    return _CONTENT if status >= HTTPStatus.BAD_REQUEST else _UNKNOWN
