"""Respond.

Let the machine wait, while people work on the case, for the next deadline or for a change that
matters to it.
"""

from chalicelib.domain import lifecycle
from chalicelib.domain.entry import MACHINE
from chalicelib.domain.fold import Fold
from chalicelib.domain.outlook import Phase
from chalicelib.workflows import machine
from chalicelib.workflows.change import CaseRef, persist
from chalicelib.workflows.ports import Parts


def respond(parts: Parts, case: CaseRef, token: str, wait_seconds: int, loops: int) -> None:
    """Arm the machine for the next deadline, `wait_seconds` from now.

    After many looks it hands over to a fresh execution.
    """
    if loops >= machine.RENEW_AFTER:
        _renew(parts, case)
    machine.arm(parts, case, token, wait_seconds, phase=Phase.OPEN)


def _renew(parts: Parts, case: CaseRef) -> None:
    def once() -> None:
        conversation = machine.read(parts, case)
        newest = machine.current(conversation, case)
        if newest is not None:
            fold = lifecycle.restart(Fold(newest), parts.now(), MACHINE, "history is long")
            machine.commit_fold(parts, conversation, fold)

    persist(once)
