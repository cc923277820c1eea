"""Stream: what follows from a change of the table.

The one path that starts a machine, wakes it, sends, announces and drains.

Every effect follows from a committed row, so that a process that dies between the write and the
effect loses nothing: the stream tells again. Each effect is harmless when told twice.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from chalicelib.workflows import machine
from chalicelib.workflows.assign import drain
from chalicelib.workflows.change import CaseRef
from chalicelib.workflows.ports import Parts


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


def agent_changed(parts: Parts, teams: Iterable[str]) -> int:
    """Give waiting cases to an agent who became present or got room. Returns how many."""
    return sum(drain(parts, team) for team in teams)


def _start(parts: Parts, head: HeadKeys) -> None:
    name = f"{head.conversation_id}-{head.case_number}-{head.generation}"
    payload = {
        "conversation_id": head.conversation_id,
        "case_number": head.case_number,
        "generation": head.generation,
        "loops": 0,
    }
    parts.executions.start(name, payload)
