"""The API's handles: how each of the brand's accounts is connected, for leads and admins."""

from datetime import datetime
from typing import TYPE_CHECKING

from chalicelib.domain.budget import MICROS
from chalicelib.domain.channel import Capabilities, Channel
from chalicelib.entrypoints.access import LEADS
from chalicelib.entrypoints.answers import Answer
from chalicelib.entrypoints.routes import Asked, route

if TYPE_CHECKING:
    from chalicelib.workflows.watching.handles import Connection


class PolledAnswer(Answer):
    """When Hearback looks next (null: at once), and why the last look failed, if it did."""

    next_at: datetime | None
    problem: str


class CapabilitiesAnswer(Answer):
    """What may be sent, and done with what customers wrote.

    `window_seconds`: how long after the customer's last message a reply may leave, null: for ever;
    `human_window_seconds`: the longer one for words that a person typed. `invite`: how a public
    writer is asked into a private talk (`private_reply`, `direct_message`, `link` or nothing).
    """

    text_limit: int
    text_unit: str
    files: int
    file_kinds: tuple[str, ...]
    file_bytes: int
    hides: bool
    deletes: bool
    invite: str
    window_seconds: int | None
    human_window_seconds: int | None


class HandleAnswer(Answer):
    """A handle and its connection.

    `room` false: nothing serves it, so nothing comes or leaves. `state`: `well`, `repaired`,
    `broken` or `unknown`, as the platform was last asked at `probed_at`; `well_at`: when it was
    last well. `expires_at`: when its key ends. `silent_since`: much less comes than usual.
    `polled` null: its network calls us. `spent_usd` and `budget_usd` are of this calendar month
    (UTC), `budget_usd` null: nothing is limited. `public` and `private` null: no room.
    """

    id: str
    channel: Channel
    name: str
    team: str
    room: bool
    state: str
    problem: str
    probed_at: datetime | None
    well_at: datetime | None
    expires_at: datetime | None
    silent_since: datetime | None
    polled: PolledAnswer | None
    spent_usd: float
    budget_usd: float | None
    public: CapabilitiesAnswer | None
    private: CapabilitiesAnswer | None


class HandlesAnswer(Answer):
    """The brand's accounts."""

    handles: tuple[HandleAnswer, ...]


@route("GET", "/api/handles", roles=LEADS, answer=HandlesAnswer)
def list_handles(asked: Asked) -> HandlesAnswer:
    """List how each handle is: leads see those of their own teams, admins all.

    What was found out before is read; no platform is asked.
    """
    from chalicelib.workflows.watching.handles import connections

    found = connections(asked.parts, asked.actor)
    return HandlesAnswer(handles=tuple(_handle(one) for one in found))


def _handle(found: "Connection") -> HandleAnswer:
    handle, state, polled, limit = found.handle, found.state, found.polled, found.limit_micros
    return HandleAnswer(
        id=handle.id,
        channel=handle.channel,
        name=handle.name,
        team=handle.team,
        room=found.served,
        state=state.state.value,
        problem=state.problem,
        probed_at=state.probed_at,
        well_at=state.well_at,
        expires_at=state.expires_at,
        silent_since=state.silent_since,
        polled=PolledAnswer(next_at=polled.next_at, problem=polled.problem) if polled else None,
        spent_usd=found.spent_micros / MICROS,
        budget_usd=None if limit is None else limit / MICROS,
        public=_can(found.public) if found.public else None,
        private=_can(found.private) if found.private else None,
    )


def _can(able: Capabilities) -> CapabilitiesAnswer:
    return CapabilitiesAnswer(
        text_limit=able.text_limit,
        text_unit=able.text_unit.value,
        files=able.files,
        file_kinds=able.file_kinds,
        file_bytes=able.file_bytes,
        hides=able.hides,
        deletes=able.deletes,
        invite=able.invite.value,
        window_seconds=able.window_seconds,
        human_window_seconds=able.human_window_seconds,
    )
