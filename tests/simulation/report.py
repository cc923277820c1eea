"""Reports: a failing history in words, and the command that plays it again."""

from dataclasses import fields

from tests.simulation.history import Company, History
from tests.simulation.play import Played, Wrong, play
from tests.simulation.shrink import shrink


def failing(history: History, wrong: Wrong) -> str:
    """Return the shortest history found that breaks the same rule, told line by line."""
    shortest = shrink(history, lambda smaller: _breaks(smaller, wrong.rule))
    played = play(shortest, narrates=True)
    lines = [
        f"Seed {history.seed} breaks {wrong}",
        f"Shortest history found: {shortest.size} steps and faults of {history.size}.",
        "",
        *told(shortest, played),
        "",
        f'Again: make simulate ARGS="--seed {history.seed}"',
    ]
    return "\n".join(lines)


def told(history: History, played: Played) -> list[str]:
    """Return what happened in a history, line by line."""
    usual, company = Company(), history.company
    lines = [
        f"company: {field.name} = {getattr(company, field.name)}"
        for field in fields(Company)
        if getattr(company, field.name) != getattr(usual, field.name)
    ]
    lines += [
        f"{at:%a %d %b %H:%M:%S}.{at.microsecond // 1000:03} {words}"
        for at, words in played.world.trace
    ]
    return [*lines, f"broken: {played.wrong}" if played.wrong else "every rule held"]


def _breaks(history: History, rule: str) -> bool:
    wrong = play(history).wrong
    return wrong is not None and wrong.rule == rule
