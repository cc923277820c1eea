"""Facebook Page webhooks (`feed`).

Comments, visitor posts, edits, removals, and what the page itself does.
"""

from infra.local.simulator.happening import Happening

Payload = dict[str, object]


def feed(account: str, seconds: int, value: Payload, field: str = "feed") -> Payload:
    """Return the envelope of one page change."""
    entry = {"id": account, "time": seconds, "changes": [{"field": field, "value": value}]}
    return {"object": "page", "entry": [entry]}


def comment(one: Happening, verb: str = "add") -> Payload:
    """Return a comment: `add`, `edited` or `remove`.

    A removal carries no text, as on the platform.
    """
    value: Payload = {
        "from": {"id": one.person, "name": one.name},
        "item": "comment",
        "verb": verb,
        "post_id": one.post,
        "comment_id": one.id,
        "parent_id": one.parent or one.post,
        "created_time": one.seconds,
    }
    if verb != "remove":
        value["message"] = one.text
        value["post"] = {"id": one.post, "is_published": True, "status_type": "added_photos"}
    return feed(one.account, one.seconds, value)


def visitor_post(one: Happening) -> Payload:
    """Return a post that a visitor wrote on the page."""
    return feed(one.account, one.seconds, _post(one, one.person, one.name))


def brand_post(one: Happening) -> Payload:
    """Return a post of the page itself."""
    return feed(one.account, one.seconds, _post(one, one.account, "Acme"))


def own_comment(one: Happening) -> Payload:
    """Return a comment by the page itself.

    The echo of our reply, or one typed in the platform's own app.
    """
    value: Payload = {
        "from": {"id": one.account, "name": "Acme"},
        "item": "comment",
        "verb": "add",
        "message": one.text,
        "post_id": one.post,
        "comment_id": one.id,
        "parent_id": one.parent,
        "created_time": one.seconds,
    }
    return feed(one.account, one.seconds, value)


def unknown(account: str, seconds: int) -> Payload:
    """Return a signed change of a kind nobody has heard of yet."""
    value: Payload = {"item": "hologram", "verb": "beam", "created_time": seconds}
    return feed(account, seconds, value, field="holograms")


def _post(one: Happening, author: str, name: str) -> Payload:
    return {
        "from": {"id": author, "name": name},
        "item": "status",
        "verb": "add",
        "message": one.text,
        "post_id": one.id,
        "published": 1,
        "created_time": one.seconds,
    }
