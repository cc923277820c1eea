"""Telegram: a bot of the brand, in private chats, in groups, and on behalf of a business account.

One bot is one handle; its account is the bot's numeric id. See docs/channels/telegram.md.
"""
