"""Instagram comment webhooks. Direct messages are in `messenger`."""

from infra.local.simulator.happening import Happening

Payload = dict[str, object]


def comment(one: Happening) -> Payload:
    """Return a comment under a post of the brand."""
    return _comment(one, {"id": one.person, "username": one.name})


def own_comment(one: Happening) -> Payload:
    """Return a comment by the brand itself: the platform marks it with `self_ig_scoped_id`."""
    return _comment(one, {"id": one.account, "username": "acme", "self_ig_scoped_id": one.account})


def _comment(one: Happening, author: Payload) -> Payload:
    value: Payload = {
        "id": one.id,
        "text": one.text,
        "from": author,
        "media": {"id": one.post, "media_product_type": "FEED"},
    }
    if one.parent:
        value["parent_id"] = one.parent
    entry = {
        "id": one.account,
        "time": one.seconds,
        "changes": [{"field": "comments", "value": value}],
    }
    return {"object": "instagram", "entry": [entry]}
