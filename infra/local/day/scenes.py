"""Scenes.

The ordinary ones, one function each: from dice to people, their doings and what comes of it.
"""

from dataclasses import replace

from chalicelib.domain.channel import Channel
from infra.local.day.dice import BRAND_POST, Dice
from infra.local.day.story import (
    SURVEY_BEGINS,
    Action,
    Customer,
    Do,
    Does,
    Ends,
    Reaction,
    Scene,
    Step,
)

OPENING_SECOND, FIRST_SECOND, LAST_SECOND = 1.0, 9.0, 38.0
"""When customers begin to write.

One comes early, so that every part of the loop has run once before the crowd arrives.
"""


def answered(answer: str, *, inbound: int = 1) -> tuple[Step, ...]:
    """Return the steps of an ordinary case: answer, and resolve once the answer is out."""
    return (Step(Do.REPLY, answer, inbound), Step(Do.RESOLVE, "answered", inbound, outbound=1))


def surveyed(channel: Channel) -> int:
    """Return how many surveys a resolved case brings: none on the page, where all is public."""
    return 0 if channel is Channel.FACEBOOK_PAGE else 1


def direct(dice: Dice, channel: Channel) -> Scene:
    """Somebody asks in private, is answered, and lets the survey pass."""
    ask, answer = dice.ask()
    who = Customer(dice.ref(channel), dice.name(), channel, "direct message", answered(answer))
    who = replace(who, ends=Ends(replies=(answer,), surveys=surveyed(channel)))
    return Scene((who,), (say(dice, who, ask),))


def opening(dice: Dice, channel: Channel) -> Scene:
    """Let one customer come early: every part of the loop runs once before the crowd arrives."""
    scene = direct(dice, channel)
    (who,), (said,) = scene.customers, scene.actions
    return Scene((replace(who, scene="first of the day"),), (replace(said, at=OPENING_SECOND),))


def comment(dice: Dice, channel: Channel) -> Scene:
    """Somebody asks under the brand's post and is answered in public."""
    ask, answer = dice.ask()
    who = Customer(
        dice.ref(channel),
        dice.name(),
        channel,
        "comment",
        answered(answer),
        ends=Ends(replies=(answer,)),
    )
    return Scene((who,), (write(dice, who, ask),))


def second_thought(dice: Dice, channel: Channel) -> Scene:
    """Somebody comments twice in one thread before anybody answers.

    One conversation, one case, one answer.
    """
    ask, answer = dice.ask()
    who = Customer(
        dice.ref(channel), dice.name(), channel, "comment and reply", answered(answer, inbound=2)
    )
    who = replace(who, ends=Ends(replies=(answer,)))
    first = write(dice, who, ask)
    more = write(dice, who, f"Anybody there? {ask}", at=first.at + 1.5)
    return Scene((who,), (first, replace(more, parent=first.id)))


def visitor_post(dice: Dice, channel: Channel) -> Scene:
    """A visitor writes on the page and is answered under the post."""
    ask, answer = dice.ask()
    who = Customer(
        dice.ref(channel),
        dice.name(),
        channel,
        "visitor post",
        answered(answer),
        ends=Ends(replies=(answer,)),
    )
    post = dice.post_id(channel)
    at = dice.between(FIRST_SECOND, LAST_SECOND)
    return Scene((who,), (Action(at, Does.SAY, channel, who.ref, post, ask, post),))


def waits(dice: Dice, channel: Channel) -> Scene:
    """An agent asks back and waits for the customer, who answers; then it is solved."""
    ask, answer = dice.ask()
    question = f"Which order is it? {answer}"
    steps = (
        Step(Do.NOTE, "Asked for the order number."),
        Step(Do.REPLY, question),
        Step(Do.WAIT, "order number", outbound=1),
        Step(Do.REPLY, answer, inbound=2, outbound=1),
        Step(Do.RESOLVE, "solved", inbound=2, outbound=2),
    )
    who = Customer(dice.ref(channel), dice.name(), channel, "asked back", steps)
    told = Action(
        2.5, Does.SAY, channel, who.ref, dice.direct_id(channel), f"It is number {dice.number()}77"
    )
    who = replace(
        who,
        reactions=(Reaction(question, told),),
        ends=Ends((question, answer), surveys=surveyed(channel)),
    )
    return Scene((who,), (say(dice, who, ask, last=26.0),))


def thankful(dice: Dice, channel: Channel) -> Scene:
    """Somebody is content: five of five. The thanks before that reopen nothing."""
    ask, answer = dice.ask()
    who = Customer(dice.ref(channel), dice.name(), channel, "thankful", answered(answer))
    happy = Action(
        1.0,
        Does.SAY,
        channel,
        who.ref,
        dice.direct_id(channel),
        "5 - wonderful, thank you \u2764\ufe0f",
    )
    ends = Ends(replies=(answer,), surveys=1, scores=(5,))
    who = replace(who, reactions=(Reaction(SURVEY_BEGINS, happy),), ends=ends)
    return Scene((who,), (say(dice, who, ask),))


def angry(dice: Dice, channel: Channel) -> Scene:
    """Somebody is not content.

    One of five reopens the case, the lead is told, and a second answer mends it. There is no second
    survey: one answer a case is enough.
    """
    ask, answer = dice.ask()
    sorry = f"We are sorry. A person calls you today. {answer}"
    steps = (
        *answered(answer),
        Step(Do.REPLY, sorry, inbound=2, outbound=1),
        Step(Do.RESOLVE, "mended", inbound=2, outbound=2),
    )
    who = Customer(dice.ref(channel), dice.name(), channel, "angry", steps)
    words = "1 - this did not help at all"
    bad = Action(1.0, Does.SAY, channel, who.ref, dice.direct_id(channel), words)
    ends = Ends(replies=(answer, sorry), surveys=1, scores=(1,), reopens=1)
    who = replace(who, reactions=(Reaction(SURVEY_BEGINS, bad),), ends=ends)
    return Scene((who,), (say(dice, who, ask, last=16.0),))


def unanswered(dice: Dice, channel: Channel) -> Scene:
    """Nobody answers: a warning, a breach, an SMS and an email. It stays open."""
    ask, _ = dice.ask()
    ends = Ends(closed=False, breaches=("first_response",))
    who = Customer(dice.ref(channel), dice.name(), channel, "nobody answers", ends=ends)
    return Scene((who,), (say(dice, who, ask, at=dice.between(FIRST_SECOND, 14.0)),))


def say(
    dice: Dice, who: Customer, text: str, *, at: float | None = None, last: float = LAST_SECOND
) -> Action:
    """Return a private message, at a moment of the dice's choice unless one is given."""
    moment = dice.between(FIRST_SECOND, last) if at is None else at
    return Action(moment, Does.SAY, who.channel, who.ref, dice.direct_id(who.channel), text)


def write(dice: Dice, who: Customer, text: str, *, at: float | None = None) -> Action:
    """Return a comment under the brand's post of the day."""
    moment = dice.between(FIRST_SECOND, LAST_SECOND) if at is None else at
    post = dice.post_id(who.channel, BRAND_POST)
    return Action(
        moment, Does.SAY, who.channel, who.ref, dice.comment_id(who.channel, post), text, post
    )
