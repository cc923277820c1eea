"""The whole day from a seed: pure data, the same for the same seed."""

from collections.abc import Callable

from chalicelib.domain.channel import Channel
from infra.local.day import scenes, trials
from infra.local.day.dice import Dice
from infra.local.day.story import Plan, Scene

DEFAULT_SEED = 7

_PAGE, _MESSENGER = Channel.FACEBOOK_PAGE, Channel.MESSENGER
_INSTAGRAM, _WHATSAPP, _WEBHOOK = Channel.INSTAGRAM, Channel.WHATSAPP, Channel.WEBHOOK

PROGRAMME: tuple[tuple[Callable[[Dice, Channel], Scene], Channel, int], ...] = (
    (trials.brand_posts, _PAGE, 1),
    (scenes.opening, _MESSENGER, 1),
    (scenes.unanswered, _MESSENGER, 1),
    (scenes.unanswered, _INSTAGRAM, 1),
    (scenes.angry, _MESSENGER, 1),
    (scenes.thankful, _WHATSAPP, 1),
    (scenes.thankful, _MESSENGER, 1),
    (scenes.comment, _PAGE, 6),
    (scenes.second_thought, _PAGE, 2),
    (scenes.visitor_post, _PAGE, 1),
    (trials.edit_first, _PAGE, 1),
    (trials.edited, _PAGE, 1),
    (trials.removed, _PAGE, 1),
    (scenes.direct, _MESSENGER, 5),
    (trials.edit_first, _MESSENGER, 1),
    (trials.doubled, _MESSENGER, 1),
    (trials.silent, _MESSENGER, 1),
    (trials.throttled, _MESSENGER, 1),
    (trials.gone, _MESSENGER, 1),
    (trials.native_reply, _MESSENGER, 1),
    (scenes.comment, _INSTAGRAM, 2),
    (scenes.direct, _INSTAGRAM, 3),
    (trials.story_reply, _INSTAGRAM, 1),
    (trials.removed, _INSTAGRAM, 1),
    (scenes.direct, _WHATSAPP, 4),
    (scenes.waits, _WHATSAPP, 1),
    (trials.album, _WHATSAPP, 2),
    (trials.hidden_number, _WHATSAPP, 1),
    (trials.throttled, _WHATSAPP, 1),
    (scenes.direct, _WEBHOOK, 3),
    (trials.doubled, _WEBHOOK, 1),
    (trials.oddities, _PAGE, 1),
)
"""Which scene, on which channel, how often."""


def plan(seed: int = DEFAULT_SEED, page: str = "104500000000001") -> Plan:
    """Return the day of this seed.

    `page` is the brand's Facebook page, which is part of its posts' ids.
    """
    dice = Dice(seed, page)
    played = [scene(dice, channel) for scene, channel, times in PROGRAMME for _ in range(times)]
    customers = tuple(customer for scene in played for customer in scene.customers)
    actions = sorted(
        (action for scene in played for action in scene.actions), key=lambda action: action.at
    )
    return Plan(seed, customers, tuple(actions))
