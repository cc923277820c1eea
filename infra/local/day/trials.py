"""Trials: the scenes in which a platform, a customer or a stranger makes it hard."""

from dataclasses import replace

from chalicelib.domain.channel import Channel
from infra.local.day.dice import BRAND_POST, Dice
from infra.local.day.scenes import FIRST_SECOND, LAST_SECOND, answered, say, surveyed, write
from infra.local.day.story import Action, Customer, Do, Does, Ends, Scene, Step
from infra.local.simulator.faults import Fault


def album(dice: Dice, channel: Channel) -> Scene:
    """Two pictures arrive in two webhooks at once: one conversation, one case, two messages."""
    ask, answer = dice.ask()
    who = Customer(
        dice.ref(channel), dice.name(), channel, "album at once", answered(answer, inbound=2)
    )
    ends = Ends(replies=(answer,), surveys=surveyed(channel), files_in=2)
    who = replace(who, ends=ends)
    first = say(dice, who, ask)
    second = say(dice, who, "", at=first.at)
    number = dice.number()
    pictures = (f"{number}001", f"{number}002")
    return Scene(
        (who,), tuple(replace(a, media=m) for a, m in zip((first, second), pictures, strict=True))
    )


def doubled(dice: Dice, channel: Channel) -> Scene:
    """One webhook comes four times, twice at the same moment: still one message."""
    ask, answer = dice.ask()
    who = Customer(
        dice.ref(channel), dice.name(), channel, "delivered four times", answered(answer)
    )
    who = replace(who, ends=Ends(replies=(answer,), surveys=surveyed(channel)))
    return Scene((who,), (replace(say(dice, who, ask), copies=(0.0, 0.8, 12.0)),))


def edit_first(dice: Dice, channel: Channel) -> Scene:
    """The edit arrives before the message it belongs to.

    What is shown is the edit, what was there is kept.
    """
    ask, answer = dice.ask()
    who = Customer(dice.ref(channel), dice.name(), channel, "edit before message", answered(answer))
    write_it = write if channel is Channel.FACEBOOK_PAGE else say
    said = write_it(dice, who, ask)
    early = replace(
        said, does=Does.EDIT, at=said.at - 0.9, text=f"{ask} Sorry, I meant the red one."
    )
    who = replace(who, ends=Ends(replies=(answer,), surveys=surveyed(channel)))
    return Scene((who,), (early, said))


def edited(dice: Dice, channel: Channel) -> Scene:
    """A comment is edited after it was answered: shown anew, nothing reopened."""
    ask, answer = dice.ask()
    who = Customer(
        dice.ref(channel),
        dice.name(),
        channel,
        "edited later",
        answered(answer),
        ends=Ends(replies=(answer,)),
    )
    said = write(dice, who, ask)
    return Scene(
        (who,), (said, replace(said, does=Does.EDIT, at=said.at + 9.0, text=f"{ask} Solved!"))
    )


def removed(dice: Dice, channel: Channel) -> Scene:
    """A comment is removed, or a message unsent, after it was answered.

    It is hidden and kept, and reopens nothing.
    """
    ask, answer = dice.ask()
    public = channel is Channel.FACEBOOK_PAGE
    who = Customer(dice.ref(channel), dice.name(), channel, "removed later", answered(answer))
    who = replace(who, ends=Ends(replies=(answer,), surveys=surveyed(channel)))
    said = write(dice, who, ask) if public else say(dice, who, ask)
    return Scene((who,), (said, replace(said, does=Does.REMOVE, at=said.at + 9.0, text="")))


def story_reply(dice: Dice, channel: Channel) -> Scene:
    """Somebody answers a story of the brand: a private message."""
    ask, answer = dice.ask()
    who = Customer(dice.ref(channel), dice.name(), channel, "story reply", answered(answer))
    who = replace(who, ends=Ends(replies=(answer,), surveys=surveyed(channel)))
    return Scene((who,), (replace(say(dice, who, ask), parent=f"1788{dice.number():06d}"),))


def hidden_number(dice: Dice, channel: Channel) -> Scene:
    """A WhatsApp user without a phone number writes and is answered by the business-scoped id."""
    ask, answer = dice.ask()
    who = Customer(dice.hidden_ref(), dice.name(), channel, "no phone number", answered(answer))
    return Scene((replace(who, ends=Ends(replies=(answer,), surveys=1)),), (say(dice, who, ask),))


def native_reply(dice: Dice, channel: Channel) -> Scene:
    """A colleague answers in the platform's own app.

    The reply is imported and opens nothing; we only resolve.
    """
    ask, answer = dice.ask()
    steps = (Step(Do.RESOLVE, "answered in the app", outbound=1),)
    who = Customer(dice.ref(channel), dice.name(), channel, "answered in the app", steps)
    who = replace(who, ends=Ends(native=(answer,), surveys=surveyed(channel)))
    said = say(dice, who, ask)
    reply = Action(
        said.at + 3.0, Does.NATIVE_REPLY, channel, who.ref, dice.direct_id(channel), answer
    )
    return Scene((who,), (said, reply))


def throttled(dice: Dice, channel: Channel) -> Scene:
    """The platform refuses our answer for now: it is sent again, and arrives once."""
    ask, answer = dice.ask()
    who = Customer(
        dice.ref(channel),
        dice.name(),
        channel,
        "throttled once",
        answered(answer),
        faults=(Fault.THROTTLED,),
    )
    return Scene(
        (replace(who, ends=Ends(replies=(answer,), surveys=surveyed(channel))),),
        (say(dice, who, ask),),
    )


def silent(dice: Dice, channel: Channel) -> Scene:
    """The platform takes our answer and never says so.

    The echo or the status tells, and nothing is sent twice.
    """
    ask, answer = dice.ask()
    who = Customer(
        dice.ref(channel),
        dice.name(),
        channel,
        "no answer to our call",
        answered(answer),
        faults=(Fault.SILENT,),
    )
    who = replace(who, ends=Ends(replies=(answer,), surveys=surveyed(channel)))
    return Scene((who,), (say(dice, who, ask, last=30.0),))


def gone(dice: Dice, channel: Channel) -> Scene:
    """The customer cannot be reached.

    The reply is marked failed with the platform's reason, and a person gives up.
    """
    ask, answer = dice.ask()
    steps = (Step(Do.REPLY, answer), Step(Do.RESOLVE, "cannot be reached", outbound=1))
    who = Customer(
        dice.ref(channel),
        dice.name(),
        channel,
        "cannot be reached",
        steps,
        faults=(Fault.GONE, Fault.GONE),
    )
    return Scene(
        (replace(who, ends=Ends(lost_replies=(answer,))),), (say(dice, who, ask, last=26.0),)
    )


def brand_posts(dice: Dice, channel: Channel) -> Scene:
    """The brand posts: nothing opens."""
    post = dice.post_id(channel, BRAND_POST)
    return Scene(
        (),
        (
            Action(
                0.0, Does.BRAND_POST, channel, id=post, text="Our winter sale has begun!", post=post
            ),
        ),
    )


def oddities(dice: Dice, channel: Channel) -> Scene:
    """What comes besides the customers.

    An event of an unknown kind, a signed body that is no JSON, and a forgery.
    """
    moments = sorted(dice.between(FIRST_SECOND, LAST_SECOND) for _ in range(3))
    kinds = (Does.UNKNOWN, Does.UNREADABLE, Does.FORGED)
    return Scene(
        (),
        tuple(
            Action(at, does, channel, id=f"{does}-{dice.seed}")
            for at, does in zip(moments, kinds, strict=True)
        ),
    )
