"""Channels, for who runs Hearback: how to connect a handle, how it is, and what it missed."""

from collections.abc import Iterator
from datetime import timedelta

from chalicelib import bootstrap
from chalicelib.channels.contract import Secret
from chalicelib.channels.network import callback_url
from chalicelib.channels.registry import room_name, room_of
from chalicelib.domain import budget
from chalicelib.domain.policy import Handle, Policy
from chalicelib.entrypoints.receiving import NotTakenError, queue
from chalicelib.workflows.networks import HealthState, Missed, PollError
from chalicelib.workflows.watching.poll import next_look
from chalicelib.workflows.watching.watch import state_of
from infra.errors import InfraError


class HandleError(InfraError):
    """Raised when care.yaml has no such handle."""


class BackfillError(InfraError):
    """Raised when a stretch of time could not be fetched back, or not all of it."""


def connect(policy: Policy, deployed: bootstrap.Parts, name: str) -> Iterator[str]:
    """Yield what to do in the platforms' consoles, for one handle or (no name) for all.

    Raises HandleError.
    """
    chosen = [_handle(policy, name)] if name else list(policy.handles)
    for handle in chosen:
        room = room_of(handle)
        url = callback_url(policy.public_url, handle)
        secret = _secret(deployed, room.secret_name(handle))
        yield f"{handle.id} ({handle.channel.value}, {handle.name})"
        for number, step in enumerate(room.guide(handle, url, secret), 1):
            yield f"  {number}. {step}"
        yield ""


def handles(deployed: bootstrap.Parts) -> Iterator[str]:
    """Yield how each handle of the policy in force is, a line each and one for a problem."""
    month = budget.month(deployed.now())
    for handle in deployed.policies.current().handles:
        state = state_of(deployed, handle)
        line = f"{handle.id:<24} {handle.channel.value:<14} {state.state.value:<9}"
        if state.probed_at is not None:
            line += f" asked {state.probed_at:%Y-%m-%d %H:%M}"
        if state.silent_since is not None:
            line += f" silent since {state.silent_since:%Y-%m-%d %H:%M}"
        if state.expires_at is not None:
            line += f" key until {state.expires_at:%Y-%m-%d}"
        spent, limit = deployed.budgets.spent(handle.id, month), budget.monthly_limit(handle)
        if spent or limit is not None:
            line += f" ${spent / budget.MICROS:.2f}"
            line += f" of ${limit / budget.MICROS:.2f}" if limit is not None else ""
        yield line
        if state.problem:
            yield f"  {state.problem}"
        look = next_look(deployed, handle)
        if look.problem:
            yield f"  the last look failed: {look.problem}"


def probe(deployed: bootstrap.Parts, name: str) -> tuple[str, bool]:
    """Ask the platform of a handle now. Returns what it said, and whether all is well."""
    handle = _handle(deployed.policies.current(), name)
    health = deployed.network.probe(handle)
    line = f"{handle.id} is {health.state.value}"
    line += f": {health.problem}" if health.problem else ""
    return line, health.state in (HealthState.WELL, HealthState.REPAIRED)


def backfill(deployed: bootstrap.Parts, name: str, hours: float) -> int:
    """Fetch back what the platform still has of the last hours; return how many events.

    Raises HandleError, and BackfillError when the platform could not be read to the end: what came
    before that is queued.
    """
    handle, now = _handle(deployed.policies.current(), name), deployed.now()
    queued, room = 0, room_name(handle)
    try:
        for events in deployed.network.fetch_back(
            Missed(handle, now - timedelta(hours=hours), now)
        ):
            queued += queue(deployed, events, room)
    except (PollError, NotTakenError) as error:
        text = f"{name} could not be fetched back to the end ({error}); {queued} events are queued"
        raise BackfillError(text) from error
    return queued


def _secret(deployed: bootstrap.Parts, name: str) -> Secret:
    """Return a secret; an empty one where there is none yet, or what is there is no JSON object."""
    try:
        return deployed.secrets.get(name)
    except (LookupError, ValueError):
        return {}


def _handle(policy: Policy, name: str) -> Handle:
    found = policy.handle(name)
    if found is None:
        known = ", ".join(sorted(handle.id for handle in policy.handles))
        raise HandleError(f"There is no handle {name}. There are: {known}")
    return found
