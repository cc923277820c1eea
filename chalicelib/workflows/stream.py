"""Stream: what follows from a change of the table.

The one path that starts a machine, wakes it, sends, announces and drains.

Every effect follows from a committed row, so that a process that dies between the write and the
effect loses nothing: the stream tells again. Each effect is harmless when told twice.
"""

from dataclasses import dataclass

from chalicelib.domain.agent import Presence
from chalicelib.workflows import machine
from chalicelib.workflows.change import CaseRef
from chalicelib.workflows.ports import Parts
from chalicelib.workflows.routing.alone import last_left
from chalicelib.workflows.routing.drain import drain
from chalicelib.workflows.routing.leave import left


@dataclass(frozen=True, slots=True)
class HeadKeys:
    """The top-level attributes of a conversation's row, as the stream carries them.

    `token` empty: not waiting.
    """

    conversation_id: str
    case_number: int
    generation: int
    token: str = ""


def head_changed(parts: Parts, old: HeadKeys | None, new: HeadKeys) -> None:
    """Start the execution of a case that has none yet.

    And wake the one whose token was taken away.
    """
    if new.case_number and (
        old is None or (old.case_number, old.generation) != (new.case_number, new.generation)
    ):
        _start(parts, new)
    if old is not None and old.token and not new.token:
        ref = CaseRef(old.conversation_id, old.case_number, old.generation)
        parts.executions.wake(old.token, machine.look(parts, machine.read(parts, ref), ref))


@dataclass(frozen=True, slots=True)
class AgentKeys:
    """The top-level attributes of an agent's row, as the stream carries them."""

    agent_id: str
    teams: tuple[str, ...]
    presence: Presence
    spare: int
    rev: int


def agent_changed(parts: Parts, old: AgentKeys | None, new: AgentKeys) -> None:
    """Do what follows when an agent's presence, room or person's facts change.

    Who is there with more room than before, or was changed by an admin, is given what waits. Who is
    gone leaves cases behind, and perhaps a team with nobody.
    """
    present = new.presence is Presence.PRESENT
    was_present = old is not None and old.presence is Presence.PRESENT
    if present and new.spare > 0:
        same = old is not None and was_present and old.rev == new.rev
        if not same or (old is not None and new.spare > old.spare):
            for team in new.teams:
                drain(parts, team)
    if new.presence is Presence.OFFLINE and (old is None or old.presence is not new.presence):
        left(parts, new.agent_id)
    if was_present and not present:
        last_left(parts, new.teams)


def _start(parts: Parts, head: HeadKeys) -> None:
    name = f"{head.conversation_id}-{head.case_number}-{head.generation}"
    payload = {
        "conversation_id": head.conversation_id,
        "case_number": head.case_number,
        "generation": head.generation,
        "loops": 0,
    }
    parts.executions.start(name, payload)
