"""What X lets a handle do (protocols 2.6).

Rates are those of https://docs.x.com/x-api/fundamentals/rate-limits for one user.
"""

from chalicelib.domain.channel import Capabilities, Invite, LimitUnit, Rate
from chalicelib.domain.policy import Handle

QUARTER, DAY = 900, 86_400
MOST_FILE_BYTES = 5_000_000
"""X's limit for a picture. Videos may be larger there; ours stay below it, so that one reply is
uploaded within the time that sending has."""

MOST_IMAGES = 4


def capabilities(handle: Handle, *, public: bool) -> Capabilities:
    """Return the limits of posts, or of direct messages."""
    if public:
        return Capabilities(
            text_limit=280,
            text_unit=LimitUnit.WEIGHTED,
            edits=True,
            attachments=True,
            files=MOST_IMAGES,
            file_kinds=("image", "video"),
            file_bytes=MOST_FILE_BYTES,
            hides=True,
            invite=Invite.DIRECT_MESSAGE,
            summoned_only=_summoned_only(handle),
            rates=(Rate(100, QUARTER), Rate(10_000, DAY)),
        )
    return Capabilities(
        text_limit=10_000,
        receipts=True,
        attachments=True,
        files=1,
        file_kinds=("image", "video"),
        file_bytes=MOST_FILE_BYTES,
        rates=(Rate(15, QUARTER), Rate(1_440, DAY)),
    )


def _summoned_only(handle: Handle) -> bool:
    """Return whether we refuse a public answer to somebody who did not name the brand.

    An enterprise contract allows it (setting `access`). Whether X takes a mere answer to a post of
    the brand for a summons is not documented: the setting `summoned: unchecked` leaves it to X.
    """
    settings = handle.settings
    return settings.get("access") != "enterprise" and settings.get("summoned") != "unchecked"
