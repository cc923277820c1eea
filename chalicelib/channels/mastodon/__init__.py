"""Mastodon: an account of the brand on one instance, which is looked at again and again.

See docs/channels/mastodon.md.
"""
