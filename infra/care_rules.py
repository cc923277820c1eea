"""What must be true of the parts of care.yaml that concern networks: accounts, searches, hooks.

Each function yields problems in words, with the place in the file.
"""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from chalicelib.channels.contract import UnknownChannelError
from chalicelib.channels.registry import room_name
from chalicelib.domain.channel import Channel
from chalicelib.domain.entry import EntryKind
from chalicelib.domain.policy import Handle
from infra.care_file import CareShape, HandleShape

SHORTEST_SEARCH = 60
"""Seconds between two searches: more often costs money and finds nothing new."""

MOST_FOUND = 100
PRICED = frozenset({Channel.X})
"""Networks that charge for what a search finds."""

META_CHANNELS = frozenset(
    {Channel.FACEBOOK_PAGE, Channel.MESSENGER, Channel.INSTAGRAM, Channel.WHATSAPP}
)
_NUMBER = re.compile(r"\+[1-9]\d{4,14}")
_ADDRESS = re.compile(r"[a-z0-9._-]{1,21}@[a-z0-9.-]+\.[a-z]{2,}")
_DIGITS = re.compile(r"\d{1,32}")
_LINE_USER = re.compile(r"U[0-9a-f]{32}")


def handle_problems(handle: HandleShape) -> Iterator[str]:
    """Yield what is wrong with one handle on its network."""
    made = Handle(**{name: getattr(handle, name) for name in HandleShape.__struct_fields__})
    where = f"handle {handle.id}"
    try:
        name = room_name(made)
    except UnknownChannelError as error:
        yield f"{where}: {error}"
        return
    yield from _account(where, handle)
    yield from _dollars(where, handle.settings)
    if handle.channel in META_CHANNELS and name == "meta":
        return
    if (handle.secret or handle.id) == "meta":
        yield f"{where}: the secret 'meta' belongs to the Meta app"


def search_problems(shape: CareShape) -> Iterator[str]:
    """Yield what is wrong with the searches."""
    handles = {handle.id: handle for handle in shape.handles}
    for search in shape.searches:
        where = f"search {search.id}"
        handle = handles.get(search.handle)
        if handle is None:
            yield f"{where} names the handle {search.handle!r}, which does not exist"
        elif (
            search.enabled
            and handle.channel in PRICED
            and "monthly_budget_usd" not in handle.settings
        ):
            yield f"{where}: {handle.channel} charges for it; give {handle.id} a monthly_budget_usd"
        if not search.words.strip():
            yield f"{where} has no words"
        if not 1 <= search.most <= MOST_FOUND:
            yield f"{where}: most is {search.most}; it must lie between 1 and {MOST_FOUND}"


def endpoint_problems(shape: CareShape) -> Iterator[str]:
    """Yield what is wrong with the endpoints of the company's own systems."""
    kinds = {kind.value for kind in EntryKind}
    for endpoint in shape.endpoints:
        where = f"endpoint {endpoint.id}"
        yield from _web_address(f"{where}: url", endpoint.url)
        for event in endpoint.events:
            if event not in kinds:
                yield f"{where} asks for the event {event!r}, which does not exist"


def privacy_problems(shape: CareShape) -> Iterator[str]:
    """Yield what is wrong with the rule for personal data in public."""
    region = shape.privacy.region
    if region and not re.fullmatch(r"[A-Z]{2}", region):
        yield f"privacy.region is {region!r}: write the country in two capitals, like DE"


def address_problems(shape: CareShape) -> Iterator[str]:
    """Yield what is wrong with the address that platforms call."""
    if shape.public_url:
        yield from _web_address("public_url", shape.public_url)


def _account(where: str, handle: HandleShape) -> Iterator[str]:
    account = handle.account_id
    phone = handle.channel is Channel.SMS or handle.settings.get("provider") == "twilio"
    if phone and not _NUMBER.fullmatch(account):
        yield f"{where} has the account_id {account!r}: write the number like +15550100"
    if handle.channel is Channel.EMAIL and not _ADDRESS.fullmatch(account):
        yield (
            f"{where} has the account_id {account!r}: write the address in small letters, with at "
            "most 21 characters before the @ (reply addresses need the rest)"
        )
    if handle.channel in (Channel.X, Channel.TELEGRAM) and not _DIGITS.fullmatch(account):
        yield f"{where} has the account_id {account!r}: write the numeric id"
    if handle.channel is Channel.LINE and not _LINE_USER.fullmatch(account):
        yield f"{where} has the account_id {account!r}: write the bot's user id, U and 32 digits"
    if handle.channel is Channel.BLUESKY and not account.startswith("did:"):
        yield f"{where} has the account_id {account!r}: write the account's DID, did:plc:..."
    if handle.channel is Channel.MASTODON:
        yield from _web_address(f"{where}: instance", handle.settings.get("instance", ""))


def _dollars(where: str, settings: dict[str, str]) -> Iterator[str]:
    for name in ("monthly_budget_usd", "price_per_segment_usd"):
        said = settings.get(name)
        if said is not None and not re.fullmatch(r"\d+(\.\d{1,6})?", said):
            yield f'{where}: {name} is {said!r}; write dollars like "25" or "0.0079"'


def _web_address(where: str, url: str) -> Iterator[str]:
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or parts.username or parts.query:
        yield f"{where} is {url!r}: write an https address without user, password and query"
