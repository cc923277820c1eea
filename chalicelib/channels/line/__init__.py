"""LINE: an official account of the brand, in chats of two and in groups.

One official account is one handle; its account is the bot's own user id. See docs/channels/line.md.
"""
