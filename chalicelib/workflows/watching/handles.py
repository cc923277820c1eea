"""Handles: how the connection of each of the brand's accounts is, read from what is known already.

Reads only: no platform is asked here. The watch and the poller do that, and leave notes.
"""

from dataclasses import dataclass

from chalicelib.domain import budget
from chalicelib.domain.access import Actor
from chalicelib.domain.channel import Capabilities
from chalicelib.domain.policy import Handle
from chalicelib.workflows.ports import Parts
from chalicelib.workflows.watching.poll import NextLook, next_look
from chalicelib.workflows.watching.watch import State, state_of


@dataclass(frozen=True, slots=True)
class Connection:
    """How a handle is. Money is in millionths of a dollar, of this calendar month (UTC).

    `polled` None: its network calls us. `limit_micros` None: nothing is limited.
    `public` and `private` are what can be sent there; None when no room serves the handle.
    """

    handle: Handle
    state: State
    polled: NextLook | None
    spent_micros: int
    limit_micros: int | None
    public: Capabilities | None
    private: Capabilities | None

    @property
    def served(self) -> bool:
        """Return whether there is a room for the handle: without one nothing comes or leaves."""
        return self.public is not None


def connections(parts: Parts, actor: Actor) -> tuple[Connection, ...]:
    """Return how the handles of this person's teams are, in the order of the policy."""
    handles = parts.policies.current().handles
    return tuple(_connection(parts, handle) for handle in handles if actor.sees(handle.team))


def _connection(parts: Parts, handle: Handle) -> Connection:
    public, private = _able(parts, handle)
    return Connection(
        handle,
        state=state_of(parts, handle),
        polled=next_look(parts, handle) if public and parts.network.polls(handle) else None,
        spent_micros=parts.budgets.spent(handle.id, budget.month(parts.now())),
        limit_micros=budget.monthly_limit(handle),
        public=public,
        private=private,
    )


def _able(parts: Parts, handle: Handle) -> tuple[Capabilities, Capabilities] | tuple[None, None]:
    """Return what can be sent in public and in private; nothing when no room serves the handle."""
    try:
        public = parts.sender.capabilities(handle, public=True)
        return public, parts.sender.capabilities(handle, public=False)
    except LookupError:  # a policy of another version may name what this one does not have
        return None, None
