"""What Twilio posts to us, signed: messages of customers, and how far one of ours has come."""

import hmac
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha1
from urllib.parse import urlencode

from infra.local.simulator.happening import Happening
from infra.local.simulator.taker import Posting

WHATSAPP = "whatsapp:"

Form = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TwilioAccount:
    """The brand's account: `number` serves SMS and WhatsApp, each by a handle of its own.

    `public_url` is where we are, as care.yaml says: what Twilio calls and signs.
    """

    sid: str
    token: str
    number: str
    public_url: str
    sms_handle: str = "acme-sms"
    whatsapp_handle: str = "acme-whatsapp-twilio"

    def handle(self, *, whatsapp: bool) -> str:
        """Return the handle's name in our webhook's path."""
        return self.whatsapp_handle if whatsapp else self.sms_handle


def message(one: Happening, account: TwilioAccount, *, whatsapp: bool = False) -> Posting:
    """Return a customer's message. `one.person` is a plain number, with its +."""
    before = WHATSAPP if whatsapp else ""
    form = {
        **dict.fromkeys(("SmsMessageSid", "SmsSid", "MessageSid"), one.id),
        "AccountSid": account.sid,
        "From": before + one.person,
        "To": before + account.number,
        "Body": one.text,
        "NumMedia": "1" if one.media else "0",
        "NumSegments": "1",
        "SmsStatus": "received",
        "ApiVersion": "2010-04-01",
    }
    form |= _on_whatsapp(one) if whatsapp else {"FromCity": "", "FromZip": "", "ToCity": ""}
    if one.media:
        url = f"https://api.twilio.com{media_path(one.id, account)}"
        form |= {"MediaUrl0": url, "MediaContentType0": "image/jpeg"}
    path = f"/webhooks/twilio/{account.handle(whatsapp=whatsapp)}"
    return signed(f"message of {one.person}", path, form, account)


def signed(name: str, path: str, form: Form, account: TwilioAccount) -> Posting:
    """Return a form posted to a path of ours (with its query), signed with the auth token."""
    text = account.public_url + path + "".join(key + form[key] for key in sorted(form))
    digest = hmac.new(account.token.encode(), text.encode(), sha1).digest()
    headers = {
        "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
        "X-Twilio-Signature": b64encode(digest).decode("ascii"),
        "I-Twilio-Idempotency-Token": f"local-{digest.hex()[:16]}",
        "User-Agent": "TwilioProxy/1.1",
    }
    return Posting(name, path, urlencode(form).encode("ascii"), headers)


def media_path(sid: str, account: TwilioAccount) -> str:
    """Return the path of a message's file, as its webhook and the list name it."""
    return f"/2010-04-01/Accounts/{account.sid}/Messages/{sid}/Media/ME{sid[2:]}"


def _on_whatsapp(one: Happening) -> Form:
    return {
        "ProfileName": one.name,
        "WaId": one.person.removeprefix("+"),
        "MessageType": "image" if one.media else "text",
    }
