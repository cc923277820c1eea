"""The day: what customers, agents and platforms do, as data; then played, watched and audited.

`story` the nouns, `lines` the words, `scenes` + `trials` + `moves` (from public to private) +
`wishes` (opt-out, money, files, machines' mails) who does what, `plan` the whole day from a seed
(pure); `render` one action as webhooks of Meta and the generic channel, `letters` on every network,
`player` the platforms' and customers' side, `desk` + `agents` the brand's side; `facts` what really
happened (read from the table, the queues, the buckets, the machine), `audit` the two compared
(pure).
"""
