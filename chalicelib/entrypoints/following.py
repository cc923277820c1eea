"""Following: what follows from a change of the table, told by the rows' top-level attributes.

Never reads what people wrote. Each effect is harmless when told twice.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from chalicelib.bootstrap import Parts
from chalicelib.domain.agent import Presence
from chalicelib.domain.message import DeliveryState
from chalicelib.entrypoints.observed import noted
from chalicelib.workflows.announce import announce
from chalicelib.workflows.answering.outbox import Order, enqueue
from chalicelib.workflows.stream import AgentKeys, HeadKeys, agent_changed, head_changed

if TYPE_CHECKING:
    from chalicelib.workflows.ladder.following import PageKeys

Image = Mapping[str, Any]
"""A row's attributes by name, as plain values."""


def follow(parts: Parts, change: Mapping[str, Any]) -> None:
    """Do what follows from one change, as the stream tells it."""
    new = plain(change.get("NewImage"))
    if new:
        _follow(parts, plain(change.get("OldImage")), new)


def plain(image: Mapping[str, Any] | None) -> Image:
    """Return the text, number, set and list attributes of an image as plain values."""
    return {name: _value(typed) for name, typed in (image or {}).items() if name != "body"}


def _value(typed: Mapping[str, Any]) -> object:
    ((kind, value),) = typed.items()
    if kind == "N":
        return int(value)
    if kind == "L":
        return [_value(one) for one in value]
    return frozenset(value) if kind == "SS" else value


def _follow(parts: Parts, old: Image, new: Image) -> None:
    kind = new.get("kind")
    noted(conversation_id=new.get("conversation_id"), kind=kind)
    if kind == "head":
        head_changed(parts, _keys(old) if old else None, _keys(new))
    elif kind == "log" and not old:
        _logged(parts, new)
    elif kind == "message" and new.get("message_id"):
        _message(parts, old, new)
    elif kind == "page":
        from chalicelib.workflows.ladder.following import page_changed

        page_changed(parts, _page_keys(old) if old else None, _page_keys(new))
    elif kind == "agent":
        agent_changed(parts, _agent(old) if old else None, _agent(new))


def _logged(parts: Parts, new: Image) -> None:
    """Tell people and the company's own systems of what they want, and set off the rules."""
    from chalicelib.workflows import hooks

    if new.get("alert"):
        announce(parts, new["conversation_id"], new["version"])
    hooks.enqueue(parts, new["conversation_id"], new["version"], new.get("kinds"))
    if new.get("policy"):
        from chalicelib.workflows.rules.react import react

        kinds = new.get("kinds") or ()
        react(parts, new["conversation_id"], new["version"], kinds, new["policy"])


def _message(parts: Parts, old: Image, new: Image) -> None:
    """Send it, have its files fetched, hide it at its platform, shield who exposed themselves."""
    ids = new["conversation_id"], new["message_id"]
    if _leaves(old, new, "delivery", "rounds"):
        enqueue(parts, Order(*ids, int(new["rounds"])))
    if new.get("files") and not old.get("files"):
        from chalicelib.workflows import files

        files.enqueue(parts, files.Order(*ids))
    if _leaves(old, new, "moderation", "moderation_rounds"):
        from chalicelib.workflows import moderate

        moderate.enqueue(parts, *ids, int(new["moderation_rounds"]))
    if new.get("personal") and not old.get("personal"):
        from chalicelib.workflows import moderate

        moderate.protect(parts, *ids)


def _keys(image: Image) -> HeadKeys:
    return HeadKeys(
        str(image["conversation_id"]),
        int(image.get("case_number") or 0),
        int(image.get("generation") or 0),
        str(image.get("token") or ""),
    )


def _page_keys(image: Image) -> "PageKeys":
    from chalicelib.workflows.ladder.following import PageKeys

    token = str(image.get("token") or "")
    return PageKeys(str(image["page_id"]), int(image.get("generation") or 0), token)


def _agent(image: Image) -> AgentKeys:
    return AgentKeys(
        unquote(str(image["sk"])),  # the key's escape
        tuple(image.get("teams") or ()),
        Presence(image.get("presence") or Presence.OFFLINE),
        int(image.get("spare") or 0),
        int(image.get("rev") or 0),
    )


def _leaves(old: Image, new: Image, state: str, rounds: str) -> bool:
    """Return whether something has just been stored to be done, or to be done once more."""
    before = old.get(state)
    again = not before or before == DeliveryState.HELD or old.get(rounds) != new.get(rounds)
    return new.get(state) == DeliveryState.QUEUED and again
