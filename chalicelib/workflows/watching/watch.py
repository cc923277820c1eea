"""Watch: whether each handle is still alive. Asked of its platform, and read from its own habit.

A platform may stop delivering without a word: a token ran out, a subscription was dropped after an
hour of errors, a page's admin left. What was missed meanwhile is fetched back where it is kept.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.domain.policy import Handle
from chalicelib.domain.silence import WEEK, WEEKS, Silence, silence
from chalicelib.workflows.networks import HealthState, Missed
from chalicelib.workflows.ports import Mark, Parts, StaleError

EXPIRES_SOON = timedelta(days=7)
BEFORE = timedelta(minutes=5)
"""How much earlier than the last good probe the missed stretch begins."""

LONGEST_BACK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class State:
    """What is known of a handle's connection. Instants are None where nothing is known yet."""

    handle: str
    state: HealthState = HealthState.UNKNOWN
    problem: str = ""
    probed_at: datetime | None = None
    well_at: datetime | None = None
    expires_at: datetime | None = None
    silent_since: datetime | None = None


def watch(parts: Parts) -> Iterator[Missed]:
    """Look after every handle; return the stretches of time that should be fetched back.

    Once an hour. Counts ChannelBroken, ChannelSilent and KeyExpiring while they last, and
    ChannelRepaired once: the alarms are made of these. A handle that cannot be looked after keeps
    no other from it; what went wrong last is raised at the end, so that it is seen and tried again.
    """
    failed: Exception | None = None
    for handle in parts.policies.current().handles:
        try:
            missed = _looked_after(parts, handle)
        except Exception as error:  # noqa: BLE001 - raised below, once the others have had their turn
            failed = error
            continue
        if missed is not None:
            yield missed
    if failed is not None:
        raise failed


def state_of(parts: Parts, handle: Handle) -> State:
    """Return what is known of a handle's connection."""
    return _read(parts.marks.get(_name(handle)), handle)


def _looked_after(parts: Parts, handle: Handle) -> Missed | None:
    mark = parts.marks.get(_name(handle))
    before = _read(mark, handle)
    quiet = _quiet(parts, handle)
    after = replace(before, silent_since=quiet.since if quiet else None)
    every = parts.network.probes(handle)
    newly_quiet = quiet is not None and before.silent_since is None
    if every and (_due(parts, before, every) or newly_quiet):
        after = _probed(parts, handle, after)
    if after.state is HealthState.BROKEN:
        parts.meter.count("ChannelBroken", handle=handle.id)
    if after.expires_at is not None and after.expires_at - parts.now() < EXPIRES_SOON:
        parts.meter.count("KeyExpiring", handle=handle.id)
    try:
        parts.marks.put(replace(mark, value=_written(after)))
    except StaleError:
        return None  # another watch is on its way and has seen the same
    return _missed(parts, handle, before, after)


def _quiet(parts: Parts, handle: Handle) -> Silence | None:
    since = parts.now() - WEEK * (WEEKS + 1)
    found = silence(parts.habits.hours(handle.id, since), parts.now())
    if found is not None:
        parts.meter.count("ChannelSilent", handle=handle.id)
    return found


def _due(parts: Parts, before: State, every: int) -> bool:
    if before.probed_at is None:
        return True
    # A little early: this runs once an hour, a few seconds sooner or later each time.
    return parts.now() - before.probed_at >= timedelta(seconds=every) - BEFORE


def _probed(parts: Parts, handle: Handle, before: State) -> State:
    now, health = parts.now(), parts.network.probe(handle)
    parts.meter.count("Probed", handle=handle.id, state=health.state.value)
    if health.state is HealthState.REPAIRED:
        parts.meter.count("ChannelRepaired", handle=handle.id)
    alive = health.state in (HealthState.WELL, HealthState.REPAIRED)
    return replace(
        before,
        state=health.state,
        problem=health.problem,
        probed_at=now,
        well_at=now if alive else before.well_at,
        expires_at=health.expires_at,
    )


def _missed(parts: Parts, handle: Handle, before: State, after: State) -> Missed | None:
    """Return what to fetch back after a repair, or after a person mended what was broken."""
    mended = after.state is HealthState.REPAIRED and after.probed_at != before.probed_at
    well_again = before.state is HealthState.BROKEN and after.state is HealthState.WELL
    if not (mended or well_again) or before.well_at is None:
        return None
    earliest = parts.now() - LONGEST_BACK
    return Missed(handle, max(before.well_at - BEFORE, earliest), parts.now())


def _name(handle: Handle) -> str:
    return f"watch#{handle.id}"


def _read(mark: Mark, handle: Handle) -> State:
    told = json.loads(mark.value or "{}")
    instants = {
        name: datetime.fromisoformat(told[name])
        for name in ("probed_at", "well_at", "expires_at", "silent_since")
        if told.get(name)
    }
    state = HealthState(told.get("state", HealthState.UNKNOWN.value))
    return State(handle.id, state, told.get("problem", ""), **instants)


def _written(state: State) -> str:
    instants = {
        name: at.isoformat()
        for name in ("probed_at", "well_at", "expires_at", "silent_since")
        if (at := getattr(state, name)) is not None
    }
    return json.dumps({"state": state.state.value, "problem": state.problem, **instants})
