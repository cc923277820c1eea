"""Close: the reopen window is over; the case gets its last entry and its snapshot."""

from collections.abc import Mapping

from chalicelib.domain import lifecycle
from chalicelib.domain.entry import MACHINE
from chalicelib.domain.outlook import Phase, phase
from chalicelib.domain.promise import Fold
from chalicelib.workflows import machine
from chalicelib.workflows.change import CaseRef, persist, terms_of
from chalicelib.workflows.ports import Parts


def close(parts: Parts, case: CaseRef) -> Mapping[str, object]:
    """Close a resolved case.

    One that was opened again at the last instant, or may still be, goes on in a fresh
    execution.
    """

    def once() -> Mapping[str, object]:
        conversation = machine.read(parts, case)
        newest = machine.current(conversation, case)
        if newest is None or phase(newest) is Phase.CLOSED:
            return machine.look(parts, conversation, case)
        over = parts.now() >= lifecycle.closes_at(newest, terms_of(parts, conversation, newest))
        if phase(newest) is Phase.RESOLVED and over:
            fold = lifecycle.close(Fold(newest), parts.now())
            conversation = machine.commit_fold(parts, conversation, fold, snapshot=fold.case)
        else:
            fold = lifecycle.restart(Fold(newest), parts.now(), MACHINE, "not over yet")
            conversation = machine.commit_fold(parts, conversation, fold)
        return machine.look(parts, conversation, case)

    return persist(once)
