"""Breach.

Look at a case when its timer fired or something came nearer; record what is due, each at its own
instant.
"""

from collections.abc import Mapping

from chalicelib.domain import lifecycle
from chalicelib.domain.fold import Fold
from chalicelib.workflows import machine
from chalicelib.workflows.change import CaseRef, persist, terms_of
from chalicelib.workflows.ports import Parts


def breach(parts: Parts, case: CaseRef) -> Mapping[str, object]:
    """Record the warnings and breaches that are due.

    The announcement follows from the log row, once. Returns the machine's outlook.

    A timer that fires early, twice or for a case that moved on finds nothing due and writes
    nothing.
    """

    def once() -> Mapping[str, object]:
        conversation = machine.read(parts, case)
        newest = machine.current(conversation, case)
        if newest is not None:
            fold = lifecycle.tick(Fold(newest), terms_of(parts, conversation, newest), parts.now())
            conversation = machine.commit_fold(parts, conversation, fold)
        return machine.look(parts, conversation, case)

    return persist(once)
