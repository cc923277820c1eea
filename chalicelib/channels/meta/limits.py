"""What Meta's channels can do (protocols 1.8 and 1.9)."""

from chalicelib.domain.channel import Capabilities, Channel, LimitUnit

_DAY = 86_400
_WEEK = 7 * _DAY

_FACEBOOK = Capabilities(text_limit=8_000)
_COMMENTS = Capabilities(text_limit=300)
_MESSENGER = Capabilities(
    text_limit=2_000,
    window_seconds=_DAY,
    human_window_seconds=_WEEK,
    after_window=(
        "The customer's last message is more than seven days old (24 hours for automatic texts). "
        "Wait until the customer writes again, or answer in public if they also commented there."
    ),
    receipts=True,
)
_INSTAGRAM = Capabilities(
    text_limit=1_000,
    text_unit=LimitUnit.BYTES,
    window_seconds=_DAY,
    human_window_seconds=_WEEK,
    after_window=(
        "The customer's last message is more than seven days old (24 hours for automatic texts). "
        "Wait until the customer writes again, or answer a comment of the customer in public."
    ),
    receipts=True,
)
_WHATSAPP = Capabilities(
    text_limit=4_096,
    window_seconds=_DAY,
    after_window=(
        "The customer's last message is more than 24 hours old: WhatsApp takes only templates now. "
        "Send an approved template from WhatsApp Manager, or wait until the customer writes again."
    ),
    receipts=True,
)
_BY_PLACE = {
    (Channel.FACEBOOK_PAGE, True): _FACEBOOK,
    (Channel.FACEBOOK_PAGE, False): _MESSENGER,
    (Channel.MESSENGER, False): _MESSENGER,
    (Channel.INSTAGRAM, True): _COMMENTS,
    (Channel.INSTAGRAM, False): _INSTAGRAM,
    (Channel.WHATSAPP, False): _WHATSAPP,
}


def capabilities(channel: Channel, *, public: bool) -> Capabilities:
    """Return the limits of a place. Messenger and WhatsApp are private whatever is asked."""
    return _BY_PLACE.get((channel, public)) or _BY_PLACE[channel, not public]
