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
    ordinary, longest = closings(can, last_inbound_at)
    if can.window_seconds is None:
        is_open, human_only = True, False
    else:
        is_open = longest is not None and now < longest
        human_only = is_open and ordinary is not None and now >= ordinary
    return Room(
        open=is_open,
        human_only=human_only,
        closes_at=longest,
        text_limit=can.text_limit,
        text_unit=can.text_unit.value,
        instead="" if is_open else can.after_window,
    )


def seconds_left(closes_at: datetime | None, now: datetime) -> int | None:
    """Return the whole seconds until then, never below zero; None: there is no end."""
    return None if closes_at is None else max(0, int((closes_at - now).total_seconds()))


def closings(
    can: Capabilities, last_inbound_at: datetime | None
) -> tuple[datetime | None, datetime | None]:
    """Return when the window closes for anything, and for words that a person typed.

    None where there is no window, or none was ever open.
    """
    if can.window_seconds is None or last_inbound_at is None:
        return None, None
    ordinary = timedelta(seconds=can.window_seconds)
    longest = timedelta(seconds=can.human_window_seconds or can.window_seconds)
    return last_inbound_at + ordinary, last_inbound_at + max(ordinary, longest)
