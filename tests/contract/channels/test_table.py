"""The tables in docs/channels/README.md say what the code does, and receiving stays cheap."""

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

from chalicelib.channels import registry
from chalicelib.channels.registry import room_name, room_of
from chalicelib.domain.channel import Channel, Invite
from chalicelib.domain.policy import Handle
from tests.contract.channels.specimens import SPECIMENS

DOCS = Path(__file__).parents[3] / "docs" / "channels"
README = (DOCS / "README.md").read_text("utf-8")
LANES = {"sms": "queue", "email": "queue"}
"""Rooms that AWS delivers to by a queue of the stack."""

POLLED = {("youtube", True), ("mastodon", True), ("mastodon", False)} | {
    ("bluesky", True),
    ("bluesky", False),
}
"""Surfaces of rooms without webhooks: they have no specimens."""

INVITES = {
    Invite.NONE: "-",
    Invite.PRIVATE_REPLY: "private reply",
    Invite.DIRECT_MESSAGE: "direct message",
    Invite.LINK: "link",
}
PROGRAM = textwrap.dedent(
    """
    import sys
    from datetime import UTC, datetime
    from chalicelib.channels.contract import PayloadError, SignatureError
    from chalicelib.channels.registry import room
    it, now = room(sys.argv[1]), datetime.now(UTC)
    for call in (
        lambda: it.verify(b"{}", {}, {"secrets": []}, now),
        lambda: it.parse(b'{"object":"page","entry":[],"events":[],"update_id":1}', now),
    ):
        try:
            call()
        except (PayloadError, SignatureError):
            pass
    print(" ".join(sys.modules))
    """
)


def surfaces() -> Iterator[tuple[Handle, bool]]:
    """Yield a handle for each channel and provider, and whether the side is public."""
    seen = {(it.handle.channel, it.room, it.public): it.handle for it in SPECIMENS}
    for name, public in POLLED:
        channel = Channel(name)
        seen[channel, name, public] = Handle("h", channel, "1", "H", "care")
    for (_, _, public), found in seen.items():
        yield found, public


def rows(first: str) -> dict[tuple[str, ...], list[str]]:
    """Return the rows of the table whose head begins with `first`, by their first two cells."""
    lines = README.splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith(f"| {first} |"))
    found = {}
    for line in lines[at + 2 :]:
        if not line.startswith("|"):
            break
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        found[cells[0], cells[1]] = cells
    return found


def told_in_by(found: Handle) -> str:
    seconds = room_of(found).polls(found)
    name = room_name(found)
    return f"looked at every {seconds} s" if seconds else LANES.get(name, "webhook")


def told_can(found: Handle, *, public: bool) -> list[str]:
    """Return the cells of a surface, as the table writes them."""
    can = room_of(found).capabilities(found, public=public)
    kinds = "any kind" if len(can.file_kinds) == 4 else " and ".join(can.file_kinds)
    size = f"{can.file_bytes / 1_000_000:g} MB"
    ours = f"{can.files} of {kinds}, {size} each" if can.files else "-"
    acts = [word for word, held in (("hide", can.hides), ("delete", can.deletes)) if held]
    window = f"{can.window_seconds // 3600} h" if can.window_seconds else "-"
    if can.human_window_seconds:
        window += f", people {can.human_window_seconds // 86_400} days"
    return [
        f"{can.text_limit:,} {can.text_unit.value}",
        ours,
        "yes" if can.attachments else "-",
        ", ".join(acts) or "-",
        INVITES[can.invite],
        window,
        "yes" if can.repeatable else "-",
    ]


def named(found: Handle) -> tuple[str, str]:
    """Return how care.yaml names a channel and its provider."""
    provider = found.settings.get("provider", "")
    return f"`{found.channel}`", f"`{provider}`" if provider else "-"


def test_every_channel_and_provider_has_a_line_and_a_page():
    table = rows("`channel:`")
    providers = {(f"`{channel}`", f"`{name}`") for channel, name in registry._PROVIDERS}
    assert set(table) == {(f"`{channel}`", "-") for channel in Channel} | providers
    for cells in table.values():
        page = re.search(r"\]\((\w+\.md)\)", cells[-1])
        assert page is not None
        assert (DOCS / page[1]).is_file()


def test_every_page_of_a_channel_is_in_the_table():
    other = {"README.md", "adding.md", "attachments.md", "outgoing-webhooks.md"}
    pages = {path.name for path in DOCS.glob("*.md")} - other
    assert pages == set(re.findall(r"\]\((\w+\.md)\)", README)) - other


def test_the_table_says_how_messages_come_and_on_which_sides():
    table = rows("`channel:`")
    sides: dict[tuple[str, str], set[bool]] = {}
    for found, public in surfaces():
        sides.setdefault(named(found), set()).add(public)
        assert table[named(found)][2] == told_in_by(found)
    words = {(True,): "public", (False,): "private", (False, True): "public and private"}
    for name, cells in table.items():
        assert cells[3] == words[tuple(sorted(sides[name]))], name


def test_the_table_says_what_can_be_done():
    table = rows("channel, by")
    expected = {}
    for found, public in surfaces():
        name = " by ".join(word.strip("`") for word in named(found) if word != "-")
        side = "public" if public else "private"
        expected[name, side] = [name, side, *told_can(found, public=public)]
    assert table == expected
