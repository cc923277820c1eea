"""Standard Webhooks: how any other system hands Hearback messages and takes its replies.

Both directions are signed as https://www.standardwebhooks.com specifies. The bodies are ours:

    {"type": "message.created", "timestamp": "2026-11-21T10:00:00.000Z", "data": {...}}

`message.created`  `id`, `contact` {`id`, `name`?, `username`?}, `text`?, `attachments`?, `thread`?,
                   `public`?, `in_reply_to`?, `permalink`?, `from_brand`?, `token`?
`message.edited`   `id`, `text`, `number`?, `contact`?, `thread`?, `public`?
`message.deleted`  `id`, `contact`?, `thread`?, `public`?
`message.receipt`  `id`, `state` (sent, delivered, read, failed), `error`? {`code`?, `text`?},
                   `contact`?, `token`?
`message.reply`    ours, to them: `id`, `contact` {`id`}, `text`, `public`, `thread`, `in_reply_to`

`id` is the sender's id of the message, which edits, deletions and receipts refer to; for a receipt
it is the id that was answered to our reply, or else the reply's own. `thread` is the public post
that a conversation belongs to. An attachment is {`kind`, `url`, `mime_type`?, `name`?}; a message
has text or an attachment. `from_brand` marks what the brand itself wrote there; `token` hands back
the `id` of our reply. Any other type is taken and counted, fields not listed here are left aside.
"""
