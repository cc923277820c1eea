"""X (Twitter): posts, replies, quotes and direct messages.

X calls one webhook of an app for all its accounts, in one of two forms: the X Activity API's and
the older Account Activity API's. Both are read here; the API v2 is called to answer.
"""
