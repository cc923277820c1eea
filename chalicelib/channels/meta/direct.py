"""Direct messages: the `messaging` and `standby` items that Messenger and Instagram share."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from chalicelib.channels import wire
from chalicelib.channels.contract import Ignored, PayloadError
from chalicelib.channels.instant import instant
from chalicelib.channels.meta.attachment import of_message, ref_of, subject_of
from chalicelib.channels.meta.element import Element, Found
from chalicelib.domain.channel import Channel
from chalicelib.domain.event import Attachment, ChannelEvent, EventKind, Person, ReceiptState
from chalicelib.domain.ident import digest

_TEST_MID = "random_mid"  # the dashboard's test button


@dataclass(frozen=True, slots=True)
class Turn:
    """Who speaks to whom in one item.

    `contact` is the customer even when the brand speaks; None when it is not said.
    """

    element: Element
    channel: Channel
    item: wire.Json
    sender: str
    contact: Person | None
    from_brand: bool

    def event(self, kind: EventKind, *key: str) -> ChannelEvent:
        """Return a bare private event; `key` is what makes it this one, after kind and account."""
        bare = self.element.event(kind, self.channel, self.element.entry_id, *key)
        return replace(
            bare,
            public=False,
            occurred_at=instant(self.item.get("timestamp")) or bare.occurred_at,
            contact=self.contact,
            author=Person(self.element.entry_id) if self.from_brand else self.contact,
            standby=self.element.field == "standby",
        )


def read(element: Element, channel: Channel) -> Found:
    """Return the events of one item.

    Raises PayloadError when one of its parts is not what Meta documents.
    """
    turn = _turn(element, channel)
    known = [key for key in turn.item if key in _READERS]
    if not known:
        strange = sorted(key for key in turn.item if key not in _ABOUT)
        return [Ignored(f"{channel}.{wire.word(strange[0] if strange else 'empty')}")]
    return [found for key in known for found in _READERS[key](turn, key)]


def _turn(element: Element, channel: Channel) -> Turn:
    item = element.body
    sender, recipient = (wire.ident(wire.table(item, end), "id") for end in ("sender", "recipient"))
    message = wire.table(item, "message")
    own = wire.flag(item, "is_self") or wire.flag(message, "is_self")
    from_brand = (
        own or wire.flag(message, "is_echo") or (sender == element.entry_id and bool(sender))
    )
    customer = "" if own else recipient if from_brand else sender
    known = customer and customer != element.entry_id
    return Turn(element, channel, item, sender, Person(customer) if known else None, from_brand)


def _message(turn: Turn, _key: str) -> Found:
    message = wire.table(turn.item, "message")
    mid = wire.ident(message, "mid")
    if mid == _TEST_MID:
        return [Ignored("test_event")]
    if wire.flag(message, "is_deleted"):
        return [replace(turn.event(EventKind.DELETE, _required(mid, "mid")), message_id=mid)]
    answered = wire.table(message, "reply_to")
    said = _said(turn, _required(mid, "mid"))
    return [
        replace(
            said,
            parent_id=wire.ident(answered, "mid"),
            text=wire.text(message, "text"),
            attachments=of_message(message),
            subject=subject_of(message),
            reply_token=wire.text(message, "metadata") if turn.from_brand else "",
            app_id=wire.ident(message, "app_id"),
            ref=ref_of(message),
        )
    ]


def _postback(turn: Turn, _key: str) -> Found:
    postback = wire.table(turn.item, "postback")
    title, payload = wire.text(postback, "title"), wire.text(postback, "payload")
    mid = wire.ident(postback, "mid")
    if not mid:  # before version 11 a press of a button had no id
        mid = "postback:" + digest(turn.sender, wire.canonical(turn.item.get("timestamp")), payload)
    pressed = (Attachment("postback", title=title, name=payload),)
    return [
        replace(
            _said(turn, mid),
            text=title or payload,
            attachments=pressed,
            subject="postback",
            ref=ref_of(postback),
        )
    ]


def _said(turn: Turn, mid: str) -> ChannelEvent:
    """Return the brand's or the customer's message.

    A private message of nobody cannot be answered: it is kept to be looked at.
    """
    if not turn.from_brand and turn.contact is None:
        raise PayloadError("sender_missing")
    return replace(
        turn.event(EventKind.ECHO if turn.from_brand else EventKind.MESSAGE, mid), message_id=mid
    )


def _edit(turn: Turn, _key: str) -> Found:
    edit = wire.table(turn.item, "message_edit")
    mid, count = _required(wire.ident(edit, "mid"), "mid"), wire.number(edit, "num_edit")
    told = str(count) if count else digest(wire.text(edit, "text"))
    return [
        replace(
            turn.event(EventKind.EDIT, mid, told),
            message_id=mid,
            text=wire.text(edit, "text"),
            edit_number=count,
        )
    ]


def _reaction(turn: Turn, _key: str) -> Found:
    reaction = wire.table(turn.item, "reaction")
    mid, action = _required(wire.ident(reaction, "mid"), "mid"), wire.text(reaction, "action")
    emoji = (
        ""
        if action == "unreact"
        else wire.text(reaction, "emoji") or wire.text(reaction, "reaction")
    )
    when = wire.canonical(turn.item.get("timestamp"))
    return [
        replace(
            turn.event(EventKind.REACTION, mid, turn.sender, action, when),
            message_id=mid,
            emoji=emoji,
        )
    ]


def _delivery(turn: Turn, _key: str) -> Found:
    delivery = wire.table(turn.item, "delivery")
    mids = [wire.ident({"mid": mid}, "mid") for mid in wire.rows(delivery, "mids")]
    return _receipts(
        turn, ReceiptState.DELIVERED, [mid for mid in mids if mid], delivery.get("watermark")
    )


def _read(turn: Turn, _key: str) -> Found:
    seen = wire.table(turn.item, "read")
    mid = wire.ident(seen, "mid")  # Instagram names the message, Messenger the instant
    return _receipts(turn, ReceiptState.READ, [mid] if mid else [], seen.get("watermark"))


def _receipts(turn: Turn, state: ReceiptState, mids: list[str], watermark: object) -> Found:
    if mids:
        return [
            replace(
                turn.event(EventKind.RECEIPT, state, turn.sender, mid),
                message_id=mid,
                receipt=state,
            )
            for mid in mids
        ]
    until = instant(watermark)
    if until is None:
        raise PayloadError("receipt_empty")
    bare = turn.event(EventKind.RECEIPT, state, turn.sender, until.isoformat())
    return [replace(bare, receipt=state, watermark_at=until, occurred_at=bare.occurred_at or until)]


def _notice(turn: Turn, key: str) -> Found:
    what, ref = digest(wire.canonical(turn.item)), ref_of(turn.item, key)
    return [replace(turn.event(EventKind.NOTICE, key, what), detail=_NOTICES[key], ref=ref)]


def _required(value: str, name: str) -> str:
    if not value:
        raise PayloadError(f"{name}_missing")
    return value


_ABOUT = frozenset({"sender", "recipient", "timestamp", "is_self", "hop_context"})
_NOTICES = {
    "referral": "referral",
    "optin": "optin",
    "account_linking": "account_linking",
    "pass_thread_control": "handover",
    "take_thread_control": "handover",
    "request_thread_control": "handover",
    "app_roles": "handover",
    "policy_enforcement": "policy_enforcement",
    "policy-enforcement": "policy_enforcement",
    "messaging_feedback": "feedback",
    "game_play": "game_play",
}
_READERS: dict[str, Callable[[Turn, str], Found]] = {
    "message": _message,
    "postback": _postback,
    "message_edit": _edit,
    "reaction": _reaction,
    "delivery": _delivery,
    "read": _read,
    **dict.fromkeys(_NOTICES, _notice),
}
