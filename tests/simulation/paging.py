"""Invariants of pages and rules: who is told, how often, and that somebody always will be."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

from chalicelib.domain.crew import LIMITED
from chalicelib.domain.entry import EntryKind
from chalicelib.domain.page import Page, PageState, TellingState, What
from tests.simulation import facts
from tests.simulation.company import FREEZE_SECONDS
from tests.simulation.world import World

LIVENESS = timedelta(seconds=120)
USUAL_FREEZE_SECONDS = 900
PERSON_SECONDS = 300
ANSWERS = -1
"""The rung of what is an answer, and no telling."""

MOST_FIRINGS = 40
"""More firings than the simulation's rules come to in one case within an hour."""

REACHED = (TellingState.SENT, TellingState.DELIVERED)
RAISED = {EntryKind.DEADLINE_BREACHED: What.BREACH, EntryKind.CASE_STUCK: What.STUCK}

Found = Iterator[str]


def pages_move(world: World) -> Found:
    """I7: a page is over, or a machine waits for it, or the stream or the sweep starts one."""
    for page in world.store.page_rows.values():
        if page.state is PageState.OVER or world.awaited(page.id):
            continue
        name = f"{page.id}-{page.generation}"
        one = world.ladder.executions.get(name)
        if name in world.ladder.ended:
            continue  # it failed, and the sweep starts another: see pages_are_on_time
        if one is None or one.token != page.token or one.ends_at is None:
            yield f"page {page.id} is {page.state}, and no machine waits for it"


def pages_are_on_time(world: World) -> Found:
    """I7: a page that nobody took climbs; one that somebody took thaws when its freeze is over."""
    late = world.parts.now() - LIVENESS
    if world.disturbed_until >= late or world.sweeps:
        return
    freeze = timedelta(seconds=_freeze(world))
    for page in world.store.page_rows.values():
        if f"{page.id}-{page.generation}" in world.ladder.ended:
            continue
        at = page.acknowledged_at
        if page.state is PageState.ACKNOWLEDGED and at is not None and at + freeze < late:
            yield f"page {page.id} was taken at {at}, and is still frozen"
        thawed = at is not None and page.state is PageState.OPEN and at + freeze < late
        if thawed and not any(one.at >= at + freeze for one in page.told):
            yield f"page {page.id} was taken at {at}, and nobody was told since it thawed"
        if page.state is PageState.OPEN and (at := _next(page)) is not None and at < late:
            yield f"page {page.id} should have gone on at {at}"
        waits = page.state is PageState.OPEN and not page.warns
        if waits and not page.rung and page.leaves_at < late:
            yield f"page {page.id} should have left at {page.leaves_at}"


def _next(page: Page) -> datetime | None:
    moments = (page.climbs_at, page.repeats_at, page.news_at)
    return min((at for at in moments if at is not None), default=None)


def _freeze(world: World) -> int:
    return FREEZE_SECONDS if "fast" in world.company.extras else USUAL_FREEZE_SECONDS


def taken_pages_are_silent(world: World) -> Found:
    """A page that somebody took tells nobody until its freeze is over."""
    freeze = timedelta(seconds=_freeze(world))
    for page in world.store.page_rows.values():
        since = page.acknowledged_at
        for one in page.told if since is not None else ():
            if one.rung != ANSWERS and since < one.at < since + freeze:
                yield f"page {page.id}, taken at {since}, told {one.to} by {one.medium} at {one.at}"


def nobody_is_told_too_often(world: World) -> Found:
    """Nobody is told twice by one medium within the limit, by whatever pages."""
    told: dict[tuple[str, str], list[datetime]] = {}
    for page in world.store.page_rows.values():
        for one in page.told:
            if one.medium in LIMITED and one.state in REACHED and one.rung != ANSWERS:
                whom = f"{one.to}/{page.queue}" if one.to == "subscribers" else one.to
                told.setdefault((whom, one.medium), []).append(one.at)
    for (whom, medium), moments in told.items():
        moments.sort()
        for before, after in pairwise(moments):
            if after - before < timedelta(seconds=PERSON_SECONDS):
                yield f"{whom} was told by {medium} at {before} and at {after}"


def everything_is_on_a_page(world: World) -> Found:
    """Every breach and every stuck case is raised, and is on a page from then on."""
    on_pages = {
        (one.conversation_id, one.case_number, one.clock, one.seq, one.what)
        for members in world.store.pages.joined.values()
        for one in members.values()
    }
    for conversation_id in world.touched:
        raised = world.store.announced
        for entry in facts.log(world, conversation_id):
            what = RAISED.get(entry.kind)
            if what is None or (conversation_id, entry.version) not in raised:
                continue
            clock = entry.clock.value if entry.clock else "case"
            if (conversation_id, entry.case_number, clock, entry.seq, what) not in on_pages:
                yield f"{entry.kind.value} of {conversation_id} v{entry.version} is on no page"


def everything_is_announced(world: World) -> Found:
    """I7: what people must be told of is raised within two minutes."""
    late = world.parts.now() - LIVENESS
    if world.disturbed_until >= late:
        return
    for conversation_id, rows in world.store.logs.items():
        for version, entries in rows.items():
            if world.told_at[(conversation_id, version)] >= late:
                continue
            known = (conversation_id, version) in world.store.announced
            if any(entry.kind in RAISED for entry in entries) and not known:
                yield f"what happened in {conversation_id} v{version} is not announced"


def rules_are_bounded(world: World) -> Found:
    """A rule fires once at an instant, and rules that lead to each other are cut."""
    for conversation_id in world.touched:
        seen: set[tuple[object, ...]] = set()
        moments: list[datetime] = []
        for entry in facts.log(world, conversation_id):
            if entry.kind is not EntryKind.RULE_FIRED:
                continue
            moments.append(entry.at)
            timed = "since" in entry.inputs
            key = (entry.case_number, entry.rule, entry.at, entry.value, timed)
            if timed and key in seen:
                yield f"{conversation_id}: rule {entry.rule} fired twice at {entry.at}"
            seen.add(key)
        moments.sort()
        for first, last in zip(moments, moments[MOST_FIRINGS:], strict=False):
            if last - first < timedelta(hours=1):
                yield f"{conversation_id}: rules fired {MOST_FIRINGS} times from {first} on"


def rules_fire_in_time(world: World) -> Found:
    """I7: a case that stood in the queue for a minute is urgent, where a rule says so."""
    late = world.parts.now() - LIVENESS
    if "rules" not in world.company.extras or world.disturbed_until >= late:
        return
    for head, case in world.cases():
        since = case.status_since
        if case.status.value != "queued" or since is None or world.is_broken(head):
            continue
        fired = any(one.rule == "urgent" for one in case.fired)
        if since + timedelta(seconds=60) < late and not fired:
            yield f"{head.case_id} is queued since {since}, and no rule fired"


AFTER_EACH = (
    pages_move,
    pages_are_on_time,
    taken_pages_are_silent,
    nobody_is_told_too_often,
    everything_is_on_a_page,
    everything_is_announced,
    rules_are_bounded,
    rules_fire_in_time,
)
