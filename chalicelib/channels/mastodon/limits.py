"""What a post can be: 500 characters where the instance does not allow more."""

from chalicelib.domain.channel import Capabilities, Invite, Rate
from chalicelib.domain.policy import Handle

TEXT_LIMIT = 500
NAME_ROOM = 35
"""Characters kept free for the name of the one who is answered. An instance counts it without its
domain: an @, at most 30 characters on an instance of Mastodon, and a space."""

FILES = 4
FILE_BYTES = 8_000_000
"""Less than any usual instance allows for a picture (16 MB since 4.2, 10 MB before)."""


def capabilities(handle: Handle, *, public: bool) -> Capabilities:
    """Return the limits of a public or a private answer."""
    told = handle.settings.get("text_limit", "")
    limit = int(told) if told.isascii() and told.isdigit() else TEXT_LIMIT
    return Capabilities(
        text_limit=max(limit - NAME_ROOM, 1),
        edits=True,
        attachments=True,
        repeatable=True,
        files=FILES,
        file_kinds=("image",),
        file_bytes=FILE_BYTES,
        invite=Invite.DIRECT_MESSAGE if public else Invite.NONE,
        rates=(Rate(300, 300),),
    )
