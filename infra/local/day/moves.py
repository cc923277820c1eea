"""Moves: from a public place into a private talk, which stays one case with two sides."""

from dataclasses import replace

from chalicelib.domain.channel import Channel
from infra.local.day.dice import Dice
from infra.local.day.scenes import FIRST_SECOND, say, write
from infra.local.day.story import Action, Customer, Do, Does, Ends, Reaction, Scene, Step

LAST_MOVE = 26.0
"""When the last of these begins: each has a longer way than an ordinary case."""


def exposed(dice: Dice, channel: Channel) -> Scene:
    """A comment shows a telephone number.

    It is hidden in time, its writer is invited by a private reply and answers in Messenger.
    """
    ask, answer = dice.exposing()
    invite = f"Let us go on in private. ({dice.number()})"
    steps = (Step(Do.HIDE), *_invited(invite, answer))
    who = Customer(dice.ref(channel), dice.name(), channel, "exposed in public", steps)
    there = Action(
        1.5,
        Does.SAY,
        Channel.MESSENGER,
        who.ref,
        dice.direct_id(Channel.MESSENGER),
        "Good, here I am.",
    )
    ends = Ends((answer,), invited=invite, personal=("phone",), hidden=True, surveys=1)
    who = replace(who, reactions=(Reaction(invite, there),), ends=ends)
    said = write(dice, who, ask, at=dice.between(FIRST_SECOND, LAST_MOVE))
    return Scene((who,), (said,))


def unsummoned(dice: Dice, channel: Channel) -> Scene:
    """Somebody answers a post of the brand without naming it.

    The network would take no public answer, so ours is refused before it leaves; a direct message
    leads into a private talk.
    """
    ask, answer = dice.ask()
    invite = f"We would rather answer you here. ({dice.number()})"
    steps = (Step(Do.TRY, answer, refusal="not_summoned"), *_invited(invite, answer))
    who = Customer(dice.ref(channel), dice.name(), channel, "not summoned", steps)
    there = say(dice, who, "Fine with me.", at=1.5)
    ends = Ends((answer,), invited=invite, refused=("not_summoned",), surveys=1)
    who = replace(who, reactions=(Reaction(invite, there),), ends=ends)
    root = dice.post_id(channel)
    at = dice.between(FIRST_SECOND, LAST_MOVE)
    told = dice.comment_id(channel, root)
    said = Action(at, Does.SAY, channel, who.ref, told, ask, root, root, named=False)
    return Scene((who,), (said,))


def led_by_link(dice: Dice, channel: Channel) -> Scene:
    """A member of a group is given a link, follows it and is answered in a chat of two."""
    ask, answer = dice.ask()
    invite = f"Tell us your order number here: ({dice.number()})"
    steps = _invited(invite, answer, inbound=3)
    who = Customer(dice.ref(channel), dice.name(), channel, "led by a link", steps)
    start = replace(say(dice, who, "", at=1.0), does=Does.START)
    there = say(dice, who, f"It is number {dice.number()}77", at=4.0)
    ends = Ends((answer,), invited=invite, surveys=1)
    who = replace(who, reactions=(Reaction(invite, start, (there,)),), ends=ends)
    said = write(dice, who, ask, at=dice.between(FIRST_SECOND, LAST_MOVE))
    return Scene((who,), (said,))


def _invited(invite: str, answer: str, *, inbound: int = 2) -> tuple[Step, ...]:
    """Return the steps from the invitation on; `inbound` messages have come once they are there."""
    return (
        Step(Do.INVITE, invite),
        Step(Do.REPLY, answer, inbound, outbound=1),
        Step(Do.RESOLVE, "answered in private", inbound, outbound=2),
    )
