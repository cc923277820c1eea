"""Close: the reopen window is over; the case gets its last entry and its snapshot."""

from collections.abc import Mapping
from datetime import timedelta

from chalicelib.domain import lifecycle
from chalicelib.domain.entry import MACHINE
from chalicelib.domain.fold import Fold
from chalicelib.domain.outlook import Phase, phase
from chalicelib.domain.resolve import closes_at
from chalicelib.workflows import drift, machine
from chalicelib.workflows.change import CaseRef, persist, terms_of
from chalicelib.workflows.ports import Parts

CLOCK_SKEW = timedelta(seconds=2)
"""How far the machine's clock may run ahead of ours."""


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
        ends = closes_at(newest, terms_of(parts, conversation, newest))
        if phase(newest) is Phase.RESOLVED and parts.now() >= ends - CLOCK_SKEW:
            fold = lifecycle.close(Fold(newest), max(parts.now(), ends))
            conversation = machine.commit_fold(parts, conversation, fold, snapshot=fold.case)
            drift.took(parts, ends, parts.now())
        else:
            fold = lifecycle.restart(Fold(newest), parts.now(), MACHINE, "not over yet")
            conversation = machine.commit_fold(parts, conversation, fold)
        return machine.look(parts, conversation, case)

    return persist(once)
