"""Play: one history from its first step to rest, looking at everything after every step."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.simulation import invariants
from tests.simulation.actions import THINKING, begun, carry_out
from tests.simulation.history import History, Step
from tests.simulation.world import World

CALM = 3
"""How many rounds of looking after what is stuck a calm company needs at most."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """A rule that did not hold: after which step, which rule, and what it found."""

    step: int
    rule: str
    what: str

    def __str__(self) -> str:
        """Say it."""
        return f"{self.rule}: {self.what}"


@dataclass(frozen=True, slots=True)
class Played:
    """How a history went. `wrong` None: every rule held."""

    world: World
    wrong: Wrong | None


def play(history: History, *, narrates: bool = False) -> Played:
    """Play a history until a rule does not hold, or everything is at rest."""
    world = World(history.company)
    world.narrates = narrates
    world.perform = lambda step: carry_out(world, step)
    for number, step in enumerate(history.steps):
        wrong = _stepped(world, number, step)
        if wrong is not None:
            return Played(world, wrong)
    return Played(world, _calmed(world, len(history.steps)))


def _stepped(world: World, number: int, step: Step) -> Wrong | None:
    world.parts.now.set(world.parts.now() + THINKING)
    world.say(f"{number}. {step}")
    begun(world, step.faults)
    return _watched(world, number, lambda: carry_out(world, step), invariants.AFTER_EACH)


def _calmed(world: World, number: int) -> Wrong | None:
    """Let faults end: within two minutes nothing due may be left undone."""
    world.say("no more faults")
    begun(world, ())
    world.parts.sender.answers.clear()
    return _watched(world, number, lambda: _settle(world), invariants.AT_THE_END)


def _settle(world: World) -> None:
    world.views.until = world.parts.now()
    for _ in range(CALM):
        world.run(seconds=max(0, _seconds_of_faults(world)))
        world.sweeps.append(world.parts.now())
        world.run(seconds=1)
        stuck = [
            where for where, head in enumerate(world.store.heads.values()) if world.is_broken(head)
        ]
        for where in stuck:
            carry_out(world, Step("restarts", ("ann", where)))
    world.run(seconds=125)


def _seconds_of_faults(world: World) -> int:
    moments = [record.at for record in world.records.waiting]
    moments += [post.at for post in world.posts] + [letter.visible_at for letter in world.letters]
    moments.append(world.disturbed_until)
    return int((max(moments) - world.parts.now()).total_seconds()) + 1


def _watched(
    world: World,
    number: int,
    act: Callable[[], None],
    rules: tuple[Callable[[World], Iterator[str]], ...],
) -> Wrong | None:
    try:
        act()
        world.rest()
    except Exception as error:  # noqa: BLE001 - whatever it is, the seed leads to it
        world.say(f"  WRONG {type(error).__name__}: {error}")
        return Wrong(number, type(error).__name__, str(error))
    for rule in rules:
        for what in rule(world):
            world.say(f"  WRONG {rule.__name__}: {what}")
            return Wrong(number, rule.__name__, what)
    world.touched.clear()
    return None
