"""What an official account can do in chats of two and in groups (docs/channels/line.md)."""

from dataclasses import replace

from chalicelib.domain.channel import Capabilities, Invite, LimitUnit, Rate

PRIVATE = Capabilities(
    text_limit=5_000,
    text_unit=LimitUnit.UTF16,
    attachments=True,
    repeatable=True,
    rates=(Rate(2_000, 1),),
)
"""No files of ours: LINE takes their address only, and the customer's app fetches them when the
chat is opened, days later perhaps, when our addresses have long expired."""

PUBLIC = replace(PRIVATE, invite=Invite.LINK)
