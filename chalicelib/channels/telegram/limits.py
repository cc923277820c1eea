"""What a bot can do in private chats and in groups (protocols part 3)."""

from dataclasses import replace

from chalicelib.domain.channel import Capabilities, Invite, LimitUnit, Rate

CAPTION = 1_024
"""UTF-16 units of text that may leave with a file."""

FILE_BYTES = 50_000_000
PHOTO_BYTES = 10_000_000
"""A larger picture leaves as a document."""

PRIVATE = Capabilities(
    text_limit=4_096,
    text_unit=LimitUnit.UTF16,
    edits=True,
    attachments=True,
    reactions=True,
    files=1,
    file_kinds=("image", "video", "audio", "document"),
    file_bytes=FILE_BYTES,
    rates=(Rate(1, 1),),
)
PUBLIC = replace(PRIVATE, deletes=True, invite=Invite.LINK, rates=(Rate(20, 60),))
