"""Breach.

Look at a case when its timer fired or something came nearer; record what is due, each at its own
instant.
"""

from collections.abc import Mapping

from chalicelib.workflows import drift, machine
from chalicelib.workflows.assign import find
from chalicelib.workflows.change import CaseRef, persist, terms_of
from chalicelib.workflows.ports import Parts
from chalicelib.workflows.routing.passing import passed
from chalicelib.workflows.rules import fire


def breach(parts: Parts, case: CaseRef) -> Mapping[str, object]:
    """Record what is due: warnings, breaches, rules, offers and absences that have run out.

    A case that goes to somebody else now is given or offered at once.
    The announcement follows from the log row, once. Returns the machine's outlook.

    A timer that fires early, twice or for a case that moved on finds nothing due and writes
    nothing.
    """

    def once() -> Mapping[str, object]:
        conversation = machine.read(parts, case)
        newest = machine.current(conversation, case)
        if newest is not None:
            terms, now = terms_of(parts, conversation, newest), parts.now()
            fold = passed(parts, fire.ticked(parts, conversation, terms, now), terms, now)
            fold = drift.stamped(fold, conversation.armed_for, now)
            conversation = fire.commit(parts, conversation, fold, terms)
            drift.measure(parts, fold)
            conversation = find(parts, conversation)
        return machine.look(parts, conversation, case)

    return persist(once)
