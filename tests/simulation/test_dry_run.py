"""What the log of a simulated case is replayed to is what was recorded, whatever had failed."""

from collections.abc import Iterator
from dataclasses import replace

from chalicelib.domain.dry_run import Judgement, Past, judge
from chalicelib.domain.fold import Terms
from tests.simulation import facts
from tests.simulation.draw import history
from tests.simulation.play import play
from tests.simulation.world import World

HISTORIES = 80
TIGHTER = 4


def judged(world: World, terms: Terms, trial: Terms | None) -> Iterator[Judgement]:
    for head, case in world.cases():
        if head.handle != terms.handle.id:
            continue
        log = facts.log(world, head.id)
        for number in range(1, case.number + 1):
            entries = tuple(entry for entry in log if entry.case_number == number)
            past = Past(head.id, number, entries, lambda _: terms)
            yield judge(past, trial, world.parts.now())


def companies() -> Iterator[tuple[World, Terms]]:
    for seed in range(HISTORIES):
        world = play(history(seed)).world
        for handle in world.policy.handles:
            public = handle.id == "acme-page"
            yield world, Terms(world.policy, handle, public)


def test_the_policy_in_force_gives_exactly_what_was_recorded():
    cases = 0
    for world, terms in companies():
        for one in judged(world, terms, None):
            assert one.clocks == one.recorded, one.case_id
            cases += 1
    assert cases > HISTORIES / 2


def test_a_tighter_policy_gives_more_breaches_and_says_why():
    differing = []
    for world, terms in companies():
        targets = tuple(
            replace(one, seconds=one.seconds // TIGHTER) for one in terms.policy.targets
        )
        trial = replace(terms, policy=replace(terms.policy, version="v2", targets=targets))
        for one in judged(world, terms, trial):
            differing += one.differences
    assert len(differing) > HISTORIES / 8
    assert all(one.why for one in differing)
