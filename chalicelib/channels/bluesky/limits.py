"""What a post and a private message can be (the lexicons app.bsky.feed.post and chat.bsky)."""

from chalicelib.domain.channel import Capabilities, Invite, Rate

FILE_BYTES = 1_000_000

PUBLIC = Capabilities(
    text_limit=300,
    attachments=True,
    files=4,
    file_kinds=("image",),
    file_bytes=FILE_BYTES,
    invite=Invite.DIRECT_MESSAGE,
    rates=(Rate(1_666, 3_600),),
)
PRIVATE = Capabilities(text_limit=1_000, reactions=True)
