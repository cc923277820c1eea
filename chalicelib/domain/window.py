"""Windows and limits: whether a text may leave on a channel now, and what may be done instead."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.channel import Capabilities


@dataclass(frozen=True, slots=True)
class Room:
    """What a reply may be right now.

    `closes_at` None: no window on this channel; `human_only`: past the ordinary window.
    """

    open: bool
    human_only: bool
    closes_at: datetime | None
    text_limit: int
    text_unit: str
    instead: str = ""


def room(can: Capabilities, last_inbound_at: datetime | None, now: datetime) -> Room:
    """Return what may be sent at `now`, given when the customer last wrote."""
    limit = {"text_limit": can.text_limit, "text_unit": can.text_unit.value}
    if can.window_seconds is None:
        return Room(open=True, human_only=False, closes_at=None, **limit)  # type: ignore[arg-type]
    if last_inbound_at is None:
        return Room(open=False, human_only=False, closes_at=None, instead=can.after_window, **limit)  # type: ignore[arg-type]
    ordinary = last_inbound_at + timedelta(seconds=can.window_seconds)
    longest = last_inbound_at + timedelta(seconds=can.human_window_seconds or can.window_seconds)
    return Room(
        open=now < longest,
        human_only=ordinary <= now < longest,
        closes_at=longest,
        instead="" if now < longest else can.after_window,
        **limit,  # type: ignore[arg-type]
    )
