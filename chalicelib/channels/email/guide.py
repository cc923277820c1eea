"""How an address is connected, step by step, in words for AWS's console."""

from collections.abc import Sequence

from chalicelib.channels.contract import Secret
from chalicelib.channels.email.reply_address import keys_of, plain
from chalicelib.domain.policy import Handle

COMMAND = "python -m infra.commands --stage <stage>"
NO_CALLBACK = "There is no callback URL and no verify token: SES tells us by a topic of the stack."

_STEPS = (
    """SES, Identities: create an identity for the domain {domain} with Easy DKIM, and put the CNAME
    records that it shows into the domain's DNS.""",
    """DNS of {domain}: a TXT record v=spf1 include:amazonses.com ~all (or add the include to
    yours), and at _dmarc.{domain} a TXT record v=DMARC1; p=none; rua=mailto:<you>.""",
    """Deploy with the parameters ReceiveMail=yes and MailDomain={domain} in a region where SES
    receives mail.""",
    """SES, Email receiving: set the stack's rule set (output MailRuleSet) active. One set is active
    in a region; if there is one already, add our rule to it instead.""",
    """DNS of {domain}: an MX record 10 inbound-smtp.<region>.amazonaws.com. All mail to {domain}
    then comes here; take a subdomain if people have mailboxes at it.""",
    """SES, Account dashboard: ask for production access. Until then SES only sends to verified
    addresses.""",
    "Write a mail to {account}, answer it at the desk, and answer the answer.",
)


def steps(handle: Handle, secret: Secret) -> Sequence[str]:
    """Return the steps; how to make the secret is left out when it is there already."""
    account = plain(handle.account_id)
    name = handle.secret or handle.id
    key = (
        f"Make a random key (openssl rand -hex 32) and store it: {COMMAND} set-secret {name} with"
        ' {"reply_keys": ["<the key>"]} on standard input.'
    )
    stored = bool(keys_of(secret.get("reply_keys")))
    filled = (
        " ".join(step.split()).format(domain=account.rpartition("@")[2], account=account)
        for step in _STEPS
    )
    return [NO_CALLBACK, *([] if stored else [key]), *filled]
