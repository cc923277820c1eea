"""The whole day from a seed: pure data, the same for the same seed."""

from collections.abc import Callable

from chalicelib.domain.channel import Channel
from infra.local.day import moves, scenes, trials, wishes
from infra.local.day.dice import Dice
from infra.local.day.story import Plan, Scene

DEFAULT_SEED = 7

_PAGE, _MESSENGER = Channel.FACEBOOK_PAGE, Channel.MESSENGER
_INSTAGRAM, _WHATSAPP, _WEBHOOK = Channel.INSTAGRAM, Channel.WHATSAPP, Channel.WEBHOOK
_X, _TELEGRAM, _SMS, _EMAIL = Channel.X, Channel.TELEGRAM, Channel.SMS, Channel.EMAIL
_YOUTUBE, _MASTODON, _BLUESKY = Channel.YOUTUBE, Channel.MASTODON, Channel.BLUESKY
_LINE = Channel.LINE

PROGRAMME: tuple[tuple[Callable[[Dice, Channel], Scene], Channel, int], ...] = (
    (trials.brand_posts, _PAGE, 1),
    (scenes.opening, _MESSENGER, 1),
    (scenes.unanswered, _MESSENGER, 1),
    (scenes.unanswered, _INSTAGRAM, 1),
    (scenes.angry, _MESSENGER, 1),
    (scenes.thankful, _WHATSAPP, 1),
    (scenes.thankful, _MESSENGER, 1),
    (scenes.comment, _PAGE, 3),
    (scenes.second_thought, _PAGE, 1),
    (scenes.visitor_post, _PAGE, 1),
    (trials.edit_first, _PAGE, 1),
    (trials.edited, _PAGE, 1),
    (trials.removed, _PAGE, 1),
    (scenes.direct, _MESSENGER, 3),
    (trials.edit_first, _MESSENGER, 1),
    (trials.doubled, _MESSENGER, 1),
    (trials.silent, _MESSENGER, 1),
    (trials.throttled, _MESSENGER, 1),
    (trials.gone, _MESSENGER, 1),
    (trials.native_reply, _MESSENGER, 1),
    (scenes.comment, _INSTAGRAM, 1),
    (scenes.direct, _INSTAGRAM, 2),
    (trials.story_reply, _INSTAGRAM, 1),
    (trials.removed, _INSTAGRAM, 1),
    (scenes.direct, _WHATSAPP, 2),
    (scenes.waits, _WHATSAPP, 1),
    (trials.album, _WHATSAPP, 1),
    (trials.hidden_number, _WHATSAPP, 1),
    (trials.throttled, _WHATSAPP, 1),
    (scenes.direct, _WEBHOOK, 2),
    (trials.doubled, _WEBHOOK, 1),
    (trials.oddities, _PAGE, 1),
    (moves.exposed, _PAGE, 1),
    (scenes.comment, _X, 2),
    (scenes.direct, _X, 1),
    (moves.unsummoned, _X, 1),
    (wishes.budget, _X, 1),
    (wishes.talked_about, _X, 1),
    (scenes.direct, _TELEGRAM, 2),
    (moves.led_by_link, _TELEGRAM, 1),
    (scenes.direct, _SMS, 2),
    (wishes.stops, _SMS, 1),
    (wishes.picture, _WHATSAPP, 2),
    (scenes.direct, _EMAIL, 2),
    (wishes.correspondence, _EMAIL, 1),
    (wishes.away, _EMAIL, 1),
    (scenes.comment, _YOUTUBE, 2),
    (scenes.comment, _MASTODON, 2),
    (scenes.direct, _MASTODON, 1),
    (scenes.comment, _BLUESKY, 1),
    (scenes.direct, _BLUESKY, 1),
    (scenes.comment, _LINE, 1),
    (scenes.direct, _LINE, 1),
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
