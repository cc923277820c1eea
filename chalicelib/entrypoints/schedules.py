"""Schedules: what runs by the clock of the wall."""

import logging
from time import monotonic
from typing import TYPE_CHECKING

from chalice.app import Blueprint, CloudWatchEvent, Rate

from chalicelib import bootstrap
from chalicelib.bootstrap import Parts
from chalicelib.entrypoints.observed import count, noted, observed

if TYPE_CHECKING:
    from chalicelib.workflows.networks import Missed
    from chalicelib.workflows.watching.poll import Look

POLLING_SECONDS = 40
"""How long one run goes on looking where there is more at once: less than a run's minute."""

log = logging.getLogger(__name__)

schedules_blueprint = Blueprint(__name__)


@schedules_blueprint.schedule(Rate(5, unit=Rate.MINUTES), name="sweep")
@observed
def sweep(event: CloudWatchEvent) -> None:  # noqa: ARG001  (Chalice's signature)
    """Find the cases and the pages that no machine looked at in time."""
    from chalicelib.workflows.ladder.late import restart_late
    from chalicelib.workflows.stuck import sweep as work

    parts = bootstrap.parts()
    noted(found=work(parts), pages=restart_late(parts))


@schedules_blueprint.schedule(Rate(1, unit=Rate.MINUTES), name="poll")
@observed
def poll(event: CloudWatchEvent) -> None:  # noqa: ARG001  (Chalice's signature)
    """Look at the networks that have no webhooks."""
    from chalicelib.workflows.watching import poll as polling

    parts, ends = bootstrap.parts(), monotonic() + POLLING_SECONDS
    queued, more = 0, True
    while more and monotonic() < ends:
        more = False
        for look in polling.due(parts):
            taken, again = _looked(parts, look)
            queued, more = queued + taken, more or again
    noted(queued=queued)


@schedules_blueprint.schedule(Rate(1, unit=Rate.HOURS), name="watch")
@observed
def watch(event: CloudWatchEvent) -> None:  # noqa: ARG001  (Chalice's signature)
    """Look after every handle's connection, and fetch back what was missed."""
    from chalicelib.workflows.watching import watch as watching

    parts = bootstrap.parts()
    noted(queued=sum(fetch_back(parts, missed) for missed in watching.watch(parts)))


def fetch_back(parts: Parts, missed: "Missed") -> int:
    """Queue what the platform still has of a stretch of time; return how many events.

    What was taken before is known to the table, so too much does no harm. A platform that cannot be
    read is counted: the next watch tries again.
    """
    from chalicelib.channels.registry import room_name
    from chalicelib.entrypoints.receiving import queue
    from chalicelib.workflows.networks import PollError

    queued = 0
    try:
        for events in parts.network.fetch_back(missed):
            queued += queue(parts, events, room_name(missed.handle))
    except PollError as error:
        count("FetchBackFailed", handle=missed.handle.id, reason=error.reason)
    count("FetchedBack", queued, handle=missed.handle.id)
    return queued


def _looked(parts: Parts, look: "Look") -> tuple[int, bool]:
    """Make one look; return how many events it brought and whether there is more at once.

    One that fails must not keep the others from being made.
    """
    from chalicelib.channels.registry import room_name
    from chalicelib.entrypoints import receiving
    from chalicelib.workflows.watching import poll as polling

    handle = look.wanted.handle
    try:
        found = polling.look(parts, look)
        if found is None:
            return 0, False
        room = room_name(handle)
        for raw in found.odd:
            receiving.keep(parts, room, raw, handle.account_id)
        queued = receiving.queue(parts, found.events, room)
        return queued, polling.keep(parts, look, found)
    except Exception:
        # Its cursor stays where it was, so nothing is lost; the lease lets it be made again.
        log.exception("A look failed.")
        count("PollFailed", handle=handle.id, reason="failed")
        return 0, False
