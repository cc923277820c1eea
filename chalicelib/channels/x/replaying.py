"""Events that X could not deliver: it sends those of the last day again when it is asked to."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from chalicelib.channels.contract import Secret
from chalicelib.channels.places import Places
from chalicelib.channels.questions import poll_error
from chalicelib.channels.x import api, failures, probing
from chalicelib.channels.x.keys import Keys, keys_of
from chalicelib.domain.policy import Handle
from chalicelib.workflows.networks import (
    Health,
    HealthState,
    Missed,
    PollError,
    SendResult,
)

WINDOW = timedelta(hours=2)
SETTLED = timedelta(minutes=10)
"""A replay must end at least this long ago."""


def ask(missed: Missed, secret: Secret, places: Places) -> int:
    """Ask X for a stretch of time again, window by window; return how many were asked for.

    Raises PollError. What arrives twice is recognised by its key, so the whole stretch may be asked
    for again.
    """
    keys = keys_of(secret)
    if not keys.bearer:
        raise PollError("no_bearer", lasting=True)
    spans = list(windows(missed.since, missed.until, places.now()))
    if not spans:
        return 0
    webhook_id = _webhook(missed.handle, keys, places)
    for since, until in spans:
        content = {
            "webhook_id": webhook_id,
            "from_date": f"{since:%Y%m%d%H%M}",
            "to_date": f"{until:%Y%m%d%H%M}",
        }
        call = api.Call("POST", "/2/webhooks/replay", content, by_app=True)
        answer = api.ask(call, keys, places)
        if isinstance(answer, SendResult):
            raise PollError(answer.error_code)
        if not answer.ok:
            raise poll_error(failures.result_of(answer, places.now(), direct=False))
    return len(spans)


def windows(since: datetime, until: datetime, now: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield the windows to ask for, in whole minutes (UTC), within what X still has."""
    start = max(since.astimezone(UTC), now - probing.REPLAYED + timedelta(minutes=1))
    start = start.replace(second=0, microsecond=0)
    end = min(until.astimezone(UTC) + timedelta(minutes=1), now - SETTLED)
    end = end.replace(second=0, microsecond=0)
    while start < end:
        stop = min(start + WINDOW, end)
        yield start, stop
        start = stop


def _webhook(handle: Handle, keys: Keys, places: Places) -> str:
    listed = probing.webhooks(keys, places, handle)
    if isinstance(listed, Health):
        raise PollError("webhooks_unread", lasting=listed.state is HealthState.BROKEN)
    for hook in listed:
        if api.word(hook, "url").endswith(f"/webhooks/x/{handle.id}"):
            return api.word(hook, "id")
    raise PollError("no_webhook", lasting=True)
