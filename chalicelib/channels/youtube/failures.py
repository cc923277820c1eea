"""What Google's errors mean for a call of ours (YouTube Data API v3, "Errors"; protocols 6)."""

from datetime import datetime, timedelta
from http import HTTPStatus
from zoneinfo import ZoneInfo

from chalicelib.channels import transport, waits, wire
from chalicelib.channels.contract import PayloadError
from chalicelib.channels.verdicts import (
    CHANNEL,
    CONTENT,
    LIMIT,
    RECIPIENT,
    RETRY,
    THROTTLED,
    UNKNOWN,
    Verdict,
)
from chalicelib.workflows.networks import SendResult

_PACIFIC = "America/Los_Angeles"  # where the day of a quota begins

_REASONS = {
    **dict.fromkeys(("quotaExceeded", "dailyLimitExceeded"), LIMIT),
    **dict.fromkeys(("rateLimitExceeded", "userRateLimitExceeded"), THROTTLED),
    **dict.fromkeys(("backendError", "internalError", "serviceUnavailable"), RETRY),
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
        CHANNEL,
    ),
    **dict.fromkeys(("parentCommentNotFound", "commentNotFound", "parentIdMissing"), RECIPIENT),
    **dict.fromkeys(("forbidden", "parentCommentIsPrivate"), RECIPIENT),
}


def of(answer: transport.Answer, now: datetime) -> SendResult:
    """Return what an answer that is no yes says. A quota is there again at midnight, Pacific."""
    reason, text = _said(answer)
    verdict = _REASONS.get(reason) or _of_status(answer.status, explained=bool(reason))
    wait = until_midnight(now) if verdict is LIMIT else waits.asked(answer)
    return verdict.result(reason or f"http_{answer.status}", text, wait)


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


def _of_status(status: int, *, explained: bool) -> Verdict:
    """Return what a status alone means: something between may fail after YouTube took it."""
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return THROTTLED
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        return RETRY
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return RETRY if explained else UNKNOWN
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return CHANNEL if status == HTTPStatus.UNAUTHORIZED or not explained else CONTENT
    return CONTENT if status >= HTTPStatus.BAD_REQUEST else UNKNOWN
