r"""Email by SES: received through a bucket and a topic, sent as raw MIME.

What the room takes as a body is one line of JSON, what SES told, and after it the mail itself as
SES stored it (nothing for what SES tells of mails that we sent):

    {"notificationType": "Received", "receipt": {...}, "mail": {...}}\n
    From: ...

The door `notices` puts both together, so that parsing needs nothing but the body and a mail that
was set aside can be read again. Nothing is signed: the body came by AWS's own queue, whose policy
lets only our topics write.
"""
