"""Scenes.

The ordinary ones, one function each: from dice to people, their doings and what comes of it.
"""

from dataclasses import replace

from chalicelib.domain.channel import Channel
from infra.local.day.dice import BRAND_POST, Dice
from infra.local.day.story import (
    POLLED,
    PUBLIC_ONLY,
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

OPENING_SECOND, FIRST_SECOND, LAST_SECOND = 1.0, 9.0, 42.0
"""When customers begin to write.

One comes early, so that every part of the loop has run once before the crowd arrives.
"""

FIRST_LOOK, LAST_LOOK = 0.5, 28.0
"""When somebody writes where we look but once a minute, and where we look every 15 seconds."""


def answered(answer: str, *, inbound: int = 1) -> tuple[Step, ...]:
    """Return the steps of an ordinary case: answer, and resolve once the answer is out."""
    return (Step(Do.REPLY, answer, inbound), Step(Do.RESOLVE, "answered", inbound, outbound=1))


def surveyed(channel: Channel) -> int:
    """Return how many surveys a resolved case brings: none where all is public."""
    return 0 if channel in PUBLIC_ONLY else 1


def direct(dice: Dice, channel: Channel) -> Scene:
    """Somebody asks in private, is answered, and lets the survey pass."""
    ask, answer = dice.ask()
    who = Customer(dice.ref(channel), dice.name(), channel, "direct message", answered(answer))
    who = replace(who, ends=Ends(replies=(answer,), surveys=surveyed(channel)))
    return Scene(
        (who,), (say(dice, who, ask, last=LAST_LOOK if channel in POLLED else LAST_SECOND),)
    )


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
    told = dice.direct_id(who.channel, who.ref, who.handle)
    return Action(moment, Does.SAY, who.channel, who.ref, told, text, handle=who.handle)


def write(dice: Dice, who: Customer, text: str, *, at: float | None = None) -> Action:
    """Return a public message: under the brand's post of the day, or a post that names it."""
    channel = who.channel
    moment = _moment(dice, channel) if at is None else at
    post = dice.post_id(channel, BRAND_POST) if channel in _UNDER else ""
    told = dice.comment_id(channel, post, who.ref)
    text = f"@{X_NAMES[who.handle]} {text}" if channel is Channel.X else text
    return Action(moment, Does.SAY, channel, who.ref, told, text, post or told, handle=who.handle)


def _moment(dice: Dice, channel: Channel) -> float:
    if channel is Channel.YOUTUBE:
        return FIRST_LOOK
    return dice.between(FIRST_SECOND, LAST_LOOK if channel in POLLED else LAST_SECOND)


X_NAMES = {"": "acme", "acme-x-small": "acmeparts"}
"""What the brand's accounts on X are called, by the handle."""

_UNDER = frozenset(
    {
        Channel.FACEBOOK_PAGE,
        Channel.INSTAGRAM,
        Channel.TELEGRAM,
        Channel.LINE,
        Channel.YOUTUBE,
    }
)
"""Where a public message stands under something of the brand's: a post, a video, a group."""
