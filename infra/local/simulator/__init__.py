"""The platform simulator: plays every network's API and webhooks, on loopback.

It is a second, independent reading of the wire facts: it imports no parser, sender or signature of
Hearback's. Of Meta: `world` who is there, `signing` the bytes,
`facebook|messenger|instagram|whatsapp` the payloads, `graph` the answers to our calls; each other
network in a file of its name. `brand` the accounts and keys, `networks` all of them together, `crm`
the company's own system, `paging` the systems that wake people; `ledger` what customers received,
`post` the webhooks with retries, `topics` how mail and SMS come in, `server` the socket,
`platforms` everything outside of Hearback.
"""
