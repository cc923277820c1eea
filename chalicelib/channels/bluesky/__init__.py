"""Bluesky: an account of the brand, which is looked at again and again. By plain XRPC.

See docs/channels/bluesky.md.
"""
