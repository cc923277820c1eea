"""The platform simulator: plays Meta's Graph API and the platforms' webhooks, on loopback.

It is a second, independent reading of the wire facts: it imports no parser, sender or signature of
Hearback's. `world` who is there, `signing` + `wire` the bytes,
`facebook|messenger|instagram|whatsapp|standard` the payloads, `graph` the answers to our calls,
`ledger` what customers received, `post` the webhooks with retries, `server` the socket.
"""
