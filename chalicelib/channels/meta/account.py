"""Which host, access token and proof the calls for a handle need."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from chalicelib.channels.places import Places
from chalicelib.domain.channel import Channel
from chalicelib.domain.policy import Handle


@dataclass(frozen=True, slots=True)
class Key:
    """What opens an account.

    `app_secret` adds the proof that we hold it; empty where it is not known which secret the host
    expects. `withheld` are all texts of the secret: a platform may quote any of them.
    """

    base_url: str
    token: str
    app_secret: str = ""
    withheld: tuple[str, ...] = ()


def key(handle: Handle, secret: Mapping[str, object], places: Places) -> Key | None:
    """Return what opens the handle's account, or None when the secret holds no token for it."""
    tokens = secret.get("tokens")
    token = tokens.get(handle.account_id) if isinstance(tokens, dict) else None
    if not isinstance(token, str) or not token:
        return None
    if by_instagram_login(handle):
        # that host has an app secret of its own, and a proof by another one would be refused
        own = secret.get("instagram_app_secret")
        proof = own if isinstance(own, str) else ""
        return Key(places.instagram_graph_url, token, proof, tuple(_texts(secret)))
    return Key(places.graph_url, token, _app_secret(secret), tuple(_texts(secret)))


def by_instagram_login(handle: Handle) -> bool:
    """Return whether it is connected by Instagram Login: with Facebook Login `page_id` is set."""
    return handle.channel is Channel.INSTAGRAM and not handle.settings.get("page_id")


def node(handle: Handle) -> str:
    """Return the account that private messages go through: for some on Instagram, the page."""
    return handle.settings.get("page_id", handle.account_id)


def _app_secret(secret: Mapping[str, object]) -> str:
    """Return the first of the listed secrets: the one in use, by our convention."""
    secrets = secret.get("app_secrets")
    return str(secrets[0]) if isinstance(secrets, list | tuple) and secrets else ""


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list | tuple):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one)
