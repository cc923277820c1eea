"""What Meta's channels can do (protocols 1.8 and 1.9)."""

from chalicelib.domain.channel import Capabilities, Channel, Invite, LimitUnit, Rate

_DAY = 86_400
_WEEK = 7 * _DAY
_MEGABYTE = 1_000_000
_KINDS = ("image", "video", "audio", "document")

_FACEBOOK = Capabilities(
    text_limit=8_000,
    edits=True,
    attachments=True,
    reactions=True,
    files=1,
    file_kinds=("image",),
    file_bytes=4 * _MEGABYTE,
    hides=True,
    deletes=True,
    invite=Invite.PRIVATE_REPLY,
    invite_seconds=_WEEK,
)
_COMMENTS = Capabilities(
    text_limit=300,
    hides=True,
    deletes=True,
    invite=Invite.PRIVATE_REPLY,
    invite_seconds=_WEEK,
)
_MESSENGER = Capabilities(
    text_limit=2_000,
    window_seconds=_DAY,
    human_window_seconds=_WEEK,
    after_window=(
        "The customer's last message is more than seven days old (24 hours for automatic texts). "
        "Wait until the customer writes again, or answer in public if they also commented there."
    ),
    receipts=True,
    edits=True,
    attachments=True,
    reactions=True,
    files=1,
    file_kinds=_KINDS,
    file_bytes=25 * _MEGABYTE,
    rates=(Rate(300, 1),),
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
    edits=True,
    attachments=True,
    reactions=True,
    files=1,
    file_kinds=_KINDS,
    file_bytes=25 * _MEGABYTE,
    rates=(Rate(100, 1),),
)
_WHATSAPP = Capabilities(
    text_limit=4_096,
    window_seconds=_DAY,
    after_window=(
        "The customer's last message is more than 24 hours old: WhatsApp takes only templates now. "
        "Send an approved template, or wait until the customer writes again."
    ),
    receipts=True,
    edits=True,
    attachments=True,
    reactions=True,
    files=1,
    file_kinds=_KINDS,
    file_bytes=100 * _MEGABYTE,
    templates=True,
    rates=(Rate(80, 1),),
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
