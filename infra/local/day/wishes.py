"""Wishes and limits: words that stop us, money that stops us, files, and mails of machines."""

from dataclasses import replace

from chalicelib.domain.channel import Channel
from infra.local.day.dice import Dice
from infra.local.day.moves import LAST_MOVE
from infra.local.day.scenes import FIRST_LOOK, FIRST_SECOND, answered, say, write
from infra.local.day.story import Action, Customer, Do, Does, Ends, Reaction, Scene, Step

SMALL = "acme-x-small"
TWILIO = "acme-twilio"
LABEL = "return-label.pdf"
SEARCHED = "acme teapot"
"""The words of the local policy's search."""


def stops(dice: Dice, channel: Channel) -> Scene:
    """Somebody asks and then writes STOP: no answer and no survey leaves, and the wish is kept."""
    ask, answer = dice.ask()
    steps = (
        Step(Do.TRY, answer, inbound=2, refusal="opted_out"),
        Step(Do.RESOLVE, "wants no messages", inbound=2),
    )
    who = Customer(dice.ref(channel), dice.name(), channel, "stops us", steps)
    who = replace(who, ends=Ends(refused=("opted_out",), opted_out=True))
    first = say(dice, who, ask, last=LAST_MOVE)
    return Scene((who,), (first, say(dice, who, "STOP", at=first.at + 1.0)))


def budget(dice: Dice, channel: Channel) -> Scene:
    """Three questions to an account that has money for two answers: the third is not sent."""
    words = [dice.ask() for _ in range(3)]
    answers = [answer for _, answer in words]
    steps = tuple(
        Step(Do.REPLY, answer, number + 1, outbound=number) for number, answer in enumerate(answers)
    )
    last = Step(Do.RESOLVE, "no money left", len(words), outbound=len(words))
    who = Customer(dice.ref(channel), dice.name(), channel, "budget spent", (*steps, last))
    who = replace(who, handle=SMALL)
    first, *more = (write(dice, who, ask, at=1.0) for ask, _ in words)
    reactions = tuple(
        Reaction(answer, replace(one, post=first.id))
        for answer, one in zip(answers, more, strict=False)
    )
    ends = Ends(tuple(answers[:2]), (answers[2],), failures=("budget_spent",))
    who = replace(who, reactions=reactions, ends=ends)
    return Scene((who,), (replace(first, at=dice.between(FIRST_SECOND, 20.0)),))


def talked_about(dice: Dice, channel: Channel) -> Scene:
    """Somebody talks about the brand and names nobody: a search finds it, and a person reads it."""
    steps = (Step(Do.RESOLVE, "nothing to answer"),)
    who = Customer(dice.ref(channel), dice.name(), channel, "talked about", steps)
    told = dice.comment_id(channel, "")
    text = f"Never had a better {SEARCHED} in my life ({dice.number()})"
    return Scene((who,), (Action(FIRST_LOOK, Does.TALK, channel, who.ref, told, text, told),))


def picture(dice: Dice, channel: Channel) -> Scene:
    """A picture comes by Twilio, and is fetched into the bucket."""
    ask, answer = dice.ask()
    who = Customer(
        dice.ref(channel, TWILIO), dice.name(), channel, "picture", answered(answer), handle=TWILIO
    )
    who = replace(who, ends=Ends(replies=(answer,), surveys=1, files_in=1))
    return Scene((who,), (replace(say(dice, who, ask), media="picture"),))


def correspondence(dice: Dice, channel: Channel) -> Scene:
    """A mail is answered with a file.

    The customer's program drops the thread's references, and the reply address alone leads back.
    """
    ask, answer = dice.ask()
    more, second = dice.ask()
    steps = (
        Step(Do.REPLY, answer, file=LABEL),
        Step(Do.REPLY, second, inbound=2, outbound=1),
        Step(Do.RESOLVE, "answered", inbound=2, outbound=2),
    )
    who = Customer(dice.ref(channel), dice.name(), channel, "correspondence", steps)
    again = say(dice, who, more, at=1.5)
    ends = Ends((answer, second), surveys=1, files_out=(LABEL,))
    who = replace(who, reactions=(Reaction(answer, again),), ends=ends)
    return Scene((who,), (say(dice, who, ask, last=LAST_MOVE),))


def away(dice: Dice, channel: Channel) -> Scene:
    """An out-of-office note comes in: it is kept, and opens nothing."""
    who = Customer(dice.ref(channel), dice.name(), channel, "out of office", ends=Ends(case=False))
    note = say(dice, who, f"I am away until Monday. ({dice.number()})")
    return Scene((who,), (replace(note, does=Does.AWAY),))
