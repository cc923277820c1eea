"""Standard Webhooks: how any other system hands Hearback messages and takes its replies.

Both directions are signed as https://www.standardwebhooks.com specifies. The bodies are ours:
docs/channels/webhook.md describes them.
"""
