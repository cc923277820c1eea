"""Shrinking: drop whatever is not needed for a history to fail the same rule."""

from collections.abc import Callable, Iterator
from dataclasses import fields, replace

from tests.simulation.history import Company, History, Step

Fails = Callable[[History], bool]
MOST_PLAYS = 3000


def shrink(history: History, fails: Fails) -> History:
    """Return a history that still fails, of which no single piece can be dropped any more."""
    plays = 0
    again = True
    while again and plays < MOST_PLAYS:
        again = False
        for smaller in _smaller(history):
            plays += 1
            if fails(smaller):
                history, again = smaller, True
                break
            if plays >= MOST_PLAYS:
                break
    return history


def _smaller(history: History) -> Iterator[History]:
    """Yield simpler histories, those that drop most first."""
    size = len(history.steps)
    length = size // 2
    while length:
        for start in range(0, size, length):
            yield replace(history, steps=history.steps[:start] + history.steps[start + length :])
        length //= 2
    for number, step in enumerate(history.steps):
        for plainer in _plainer(step):
            steps = (*history.steps[:number], plainer, *history.steps[number + 1 :])
            yield replace(history, steps=steps)
    for company in _plain(history.company):
        yield replace(history, company=company)


def _plainer(step: Step) -> Iterator[Step]:
    """Yield the step with one fault less, or in smaller numbers."""
    for number, fault in enumerate(step.faults):
        others = step.faults[:number], step.faults[number + 1 :]
        yield replace(step, faults=others[0] + others[1])
        for plainer in ({"times": 1}, {"at": 0}):
            simpler = replace(fault, **plainer)
            if simpler != fault:
                yield replace(step, faults=(*others[0], simpler, *others[1]))
    for number, word in enumerate(step.words):
        plain = -1 if step.act == "writes" and number == len(step.words) - 1 else 0
        if isinstance(word, int) and word != plain and step.act != "passes":
            words = (*step.words[:number], plain, *step.words[number + 1 :])
            yield replace(step, words=words)


def _plain(company: Company) -> Iterator[Company]:
    """Yield the company with one promise or person less, or with a usual setting."""
    usual = Company()
    for field in fields(Company):
        now, plain = getattr(company, field.name), getattr(usual, field.name)
        if field.name in ("targets", "agents", "extras"):
            for number in range(len(now)):
                yield replace(company, **{field.name: now[:number] + now[number + 1 :]})
        elif now != plain:
            yield replace(company, **{field.name: plain})
