"""What Twilio posts: forms of SMS and of WhatsApp, signed over our stored address."""

import base64
import hashlib
import hmac
import json
from urllib.parse import parse_qs, urlencode

from chalicelib.domain.channel import Channel
from chalicelib.domain.policy import Handle
from chalicelib.workflows.networks import ErrorClass, Outgoing, SendState
from tests.contract.channels.specimen import NOW, Failure, Signed, Specimen, Vector

SID, TOKEN, NUMBER = "AC00000000000000000000000000000001", "auth-token-in-use-1", "+15550100"
SERVICE = "MG00000000000000000000000000000009"
HEADER = "X-Twilio-Signature"
SECRET = {"account_sid": SID, "auth_tokens": [TOKEN, "auth-token-before-2"]}
MY = "https://mycompany.com/myapp.php?foo=1&bar=2"
CALL = [
    *[("CallSid", "CA1234567890ABCDE"), ("Caller", "+14158675309"), ("Digits", "1234")],
    *[("From", "+14158675309"), ("To", "+18005551212")],
]


def no(name, status, code, state, error_class, **facts):
    body = {"code": code, "message": "No.", "status": status}
    return Failure(name, status, json.dumps(body).encode(), state, error_class, **facts)


def public(name, pairs, signature, url=MY, *, good=True, body=None):
    """A request under the auth token of Twilio's own examples."""
    raw = urlencode(pairs).encode() if body is None else body
    signed = Signed(raw, {HEADER: signature}, url)
    return Vector(name, signed, {"auth_tokens": ["12345"]}, good=good)


class Sms(Specimen):
    name = "twilio-sms"
    room = "twilio"
    before = ""
    handle = Handle(
        "acme-sms", Channel.SMS, NUMBER, "Acme", "care", settings={"provider": "twilio"}
    )
    secret = SECRET

    @property
    def url(self):
        return f"https://care.example.com/webhooks/twilio/{self.handle.id}"

    def sign(self, body, at=NOW):
        form = parse_qs(body.decode(), keep_blank_values=True)
        text = self.url + "".join(name + "".join(sorted(set(form[name]))) for name in sorted(form))
        digest = hmac.new(TOKEN.encode(), text.encode(), hashlib.sha1).digest()
        return Signed(body, {HEADER: base64.b64encode(digest).decode()}, self.url)

    def signature_header(self):
        return HEADER

    def vectors(self):
        """Twilio's documentation (the first), twilio-python's tests (the JSON), and openssl."""
        theirs = "RSOYDt4T1cUTdK1PDd93/VVr8B8="
        hashed = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"
        body = b'{"property": "value", "boolean": true}'
        address = f"{MY}&bodySHA256={hashed}"
        blank = "Body=Hi+%C3%BC&From=&CityTo=&Zip="
        ours = "https://care.example.com/webhooks/twilio/acme-sms"
        return [
            public("twilio-official-doc", CALL, theirs),
            public(
                "with its port", CALL, theirs, "https://mycompany.com:443/myapp.php?foo=1&bar=2"
            ),
            public("signed with its port (openssl)", CALL, "kvajT1Ptam85bY51eRf/AJRuM3w="),
            public(
                "another port (openssl)",
                CALL,
                "ZOaJEsozlsUyzk5k5fpaCxTxXDA=",
                MY.replace("mycompany.com", "mycompany.com:8443"),
            ),
            public("a port we do not have", CALL, "ZOaJEsozlsUyzk5k5fpaCxTxXDA=", good=False),
            public("json", [], "a9nBmqA0ju/hNViExpshrM61xv4=", address, body=body),
            public(
                "json changed", [], "a9nBmqA0ju/hNViExpshrM61xv4=", address, good=False, body=b""
            ),
            public("twice the same", [*CALL, ("Digits", "1234")], theirs),
            public("another value", [*CALL, ("Digits", "9")], theirs, good=False),
            public("wrong host", CALL, theirs, MY.replace("mycompany", "other"), good=False),
            public("no address", CALL, theirs, "", good=False),
            Vector(
                "blank values count (openssl)",
                Signed(
                    b"Body=Hi+%C3%BC&FromCity=&ToZip=",
                    {HEADER: "yw/F/1zIkfT/33GNEFNmvtco1tg="},
                    ours,
                ),
                {"auth_tokens": ["old", "test-token-1"]},
            ),
            Vector(
                "blank values left out",
                Signed(blank.encode(), {HEADER: "yw/F/1zIkfT/33GNEFNmvtco1tg="}, ours),
                {"auth_tokens": ["test-token-1"]},
                good=False,
            ),
        ]

    def reserialised(self, body):
        return None  # the order and the escapes of a form do not matter

    def form(self, words):
        return {
            "ToCity": "",
            "MessageSid": words.id,
            "SmsSid": words.id,
            "AccountSid": SID,
            "From": self.before + words.who,
            "To": self.before + NUMBER,
            "Body": words.text,
            "NumMedia": "0",
            "SmsStatus": "received",
        }

    def message(self, words):
        return urlencode(self.form(words)).encode()

    def receipt(self, words, state):
        if state == "read" and not self.before:
            return None
        form = {
            "MessageSid": words.id,
            "MessageStatus": state,
            "SmsStatus": state,
            "AccountSid": SID,
            "From": self.before + NUMBER,
            "To": self.before + words.who,
        }
        failed = {"ErrorCode": "30005"} if state == "failed" else {}
        return urlencode(form | failed).encode()

    def unknown(self):
        return urlencode({"AccountSid": SID, "EventType": "telepathy"}).encode()

    def odd(self):
        return urlencode({"AccountSid": SID, "MessageSid": "SM1", "Body": "Hi"}).encode()

    def outgoing(self, text="We are on it."):
        return Outgoing("token1", self.handle, "+15550111", False, text, reply_to_id="SM77")

    def accepted(self):
        return 201, json.dumps({"sid": "SM901", "status": "queued", "error_code": None}).encode()

    def accepted_id(self):
        return "SM901"

    def failures(self):
        retry, failed, unknown = SendState.RETRY, SendState.FAILED, SendState.UNKNOWN
        return [
            no(
                "fast",
                429,
                20429,
                retry,
                ErrorClass.THROTTLED,
                headers={"Retry-After": "7"},
                wait=7,
            ),
            no("channel rate", 400, 63018, retry, ErrorClass.THROTTLED),
            no("down", 500, 20500, retry, ErrorClass.UNAVAILABLE),
            no("token", 401, 20003, failed, ErrorClass.CHANNEL),
            no("not our number", 400, 21606, failed, ErrorClass.CHANNEL),
            no("unregistered", 400, 30034, failed, ErrorClass.CHANNEL),
            no("opted out", 400, 21610, failed, ErrorClass.RECIPIENT),
            no("no such number", 400, 21211, failed, ErrorClass.RECIPIENT),
            no("late", 400, 63016, failed, ErrorClass.WINDOW),
            no("too long", 400, 21617, failed, ErrorClass.CONTENT),
            no("new code", 400, 29999, failed, ErrorClass.CONTENT),
            Failure("busy", 503, b"", retry, ErrorClass.UNAVAILABLE),
            Failure("fast, no code", 429, b"", retry, ErrorClass.THROTTLED),
            Failure("forbidden", 403, b"<html>", failed, ErrorClass.CHANNEL),
            Failure("gateway", 502, b"<html>", unknown, ErrorClass.UNANSWERED),
            Failure("nonsense", 200, b"[]", unknown, ErrorClass.UNANSWERED),
            Failure("odd id", 201, b'{"sid": {}}', unknown, ErrorClass.UNANSWERED),
        ]


class Whatsapp(Sms):
    name = "twilio-whatsapp"
    before = "whatsapp:"
    handle = Handle(
        "acme-wa", Channel.WHATSAPP, NUMBER, "Acme", "care", settings={"provider": "twilio"}
    )
    secret = {**SECRET, "messaging_service_sid": SERVICE}

    def form(self, words):
        profile = {"ProfileName": words.name, "WaId": words.who, "MessageType": "text"}
        return super().form(words) | profile


SPECIMENS = (Sms(), Whatsapp())
