"""The day: what customers, agents and platforms do, as data; then played, watched and audited.

`story` the nouns, `lines` the words, `scenes` who does what, `plan` the whole day from a seed
(pure); `render` one action as webhooks, `player` the platforms' and customers' side, `desk` +
`agents` the brand's side; `facts` what really happened (read from the table, the queues, the
machine), `audit` the two compared (pure).
"""
