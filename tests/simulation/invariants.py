"""Invariants: what must hold after every step, each with the line that it stands for.

I1 to I12 are the auditor's list: stored once (I1, I2), conversation = fold (I3), legal steps (I4),
deadlines (I5, I6), nothing due left undone (I7), one sending a reply (I10). Every function yields
what is wrong, in words.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from chalicelib.domain.case import Case, Status
from chalicelib.domain.clock import Clock, ClockName, Outcome
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.entry import EntryKind
from chalicelib.domain.event import EventKind
from chalicelib.domain.message import DeliveryState, Direction, Message, Origin
from chalicelib.domain.outlook import Phase, phase
from tests.simulation import facts, oracle, paging
from tests.simulation.world import Change, World

S = Status
ASIDE = {S.WAITING_CUSTOMER, S.WAITING_THIRD_PARTY, S.SNOOZED}
LEGAL = {
    S.NEW: {S.QUEUED, S.ASSIGNED, S.RESPONDED, S.RESOLVED} | ASIDE,
    S.QUEUED: {S.ASSIGNED, S.RESPONDED, S.RESOLVED} | ASIDE,
    S.ASSIGNED: {S.RESPONDED, S.RESOLVED, S.QUEUED} | ASIDE,
    S.RESPONDED: {S.ASSIGNED, S.RESOLVED, S.QUEUED} | ASIDE,
    **{aside: {S.NEW, S.QUEUED, S.ASSIGNED, S.RESPONDED, S.RESOLVED} | ASIDE for aside in ASIDE},
    S.RESOLVED: {S.FOLLOW_UP, S.QUEUED, S.CLOSED},
    S.FOLLOW_UP: {S.RESOLVED, S.QUEUED, S.CLOSED},
    S.CLOSED: {S.QUEUED},
}
"""Which status a case may go to from which; a later case of the conversation begins as new."""

WAITING = {S.WAITING_CUSTOMER, S.WAITING_THIRD_PARTY}
OWED_AFTERWARDS = {ClockName.FOLLOW_UP, ClockName.EXPOSE, ClockName.THANKS}
ONCE = {EntryKind.CLOCK_MET, EntryKind.DEADLINE_WARNED, EntryKind.DEADLINE_BREACHED}
TAKEN_BACK = {EntryKind.BREACH_WITHDRAWN, EntryKind.CLOCK_REOPENED}
LONG_AGO = datetime.min.replace(tzinfo=UTC)
LIVENESS = timedelta(seconds=120)
LEEWAY = timedelta(seconds=11)

Found = Iterator[str]


def steps_are_legal(world: World) -> Found:
    """I4: only legal transitions, and the version rises by one with each."""
    for change in world.changes:
        yield from _illegal(change)
    world.changes.clear()


def _illegal(change: Change) -> Found:
    old, new = change.old, change.new
    if old is not None and new.rev != old.rev + 1:
        yield f"{new.id}: rev {old.rev} became {new.rev}"
    if old is None or old.case is None or new.case is None:
        return
    if new.version - old.version not in (0, 1):
        yield f"{new.id}: version {old.version} became {new.version}"
    before, after = old.case, new.case
    if before.number != after.number:
        if (after.number, after.status) != (before.number + 1, S.NEW):
            yield f"{new.id}: case {before.number} was followed by {after.number}, {after.status}"
    elif before.status is not after.status:
        told = new.version > old.version
        if after.status not in LEGAL[before.status] or not told:
            yield f"{new.id}: {before.status} became {after.status}, version {new.version}"


def loads_fit(world: World) -> Found:
    """I4: an agent's load is the weight of the cases held or offered; routing never overfills."""
    held: Counter[str] = Counter()
    for _, case in world.cases():
        if case.open:
            held[case.assignee or case.offered_to] += case.weight
    for agent in world.store.people.values():
        if agent.load != held[agent.id]:
            yield f"{agent.id} carries {agent.load}, but holds {held[agent.id]}"
    for commit in world.commits:
        for load in commit.load:
            if load.claim and world.claims.pop((load.agent_id, load.at), 0) > 0:
                yield f"{load.agent_id} was given more than there was room for"
    world.commits.clear()


def every_case_has_a_machine(world: World) -> Found:
    """I7: a case that is not closed has a machine that waits, or something that will start it."""
    for head in world.unsettled():
        case = head.case
        if case is None or world.is_broken(head) or world.awaited(head.id):
            continue
        one = world.living(head, case)
        if one is None:
            yield f"{head.case_id}: no machine waits for it"
        elif head.token != one.token:
            yield f"{head.case_id}: the table waits for {head.token!r}, the machine {one.token!r}"
        elif head.armed_for is None or one.ends_at is None:
            yield f"{head.case_id}: its machine waits without an end"


def every_case_has_an_owner(world: World) -> Found:
    """I7: an open case is somebody's, offered, or in the queue."""
    for head, case in world.cases():
        if not case.open or world.is_broken(head) or world.awaited(head.id):
            continue
        if not (case.assignee or case.offered_to or case.queued_at or case.status in ASIDE):
            yield f"{head.case_id}: nobody has it and it is not in the queue"


def queues_are_drained(world: World) -> Found:
    """I7: nobody waits in the queue while somebody who may have the case is there with room."""
    calm = world.disturbed_until + LIVENESS < world.parts.now()
    calm = calm and "shifts" not in world.company.extras  # who is there may be off shift
    for head, case in world.cases() if calm else ():
        since = case.queued_at
        if not case.open or case.assignee or case.offered_to or since is None:
            continue
        if case.status in ASIDE or world.is_broken(head) or case.refused_by:
            continue
        late = world.parts.now() - since > LIVENESS
        for agent in world.store.people.values():
            ready = agent.presence.value == "present" and agent.spare >= max(case.weight, 100)
            came = agent.presence_at or case.opened_at
            if late and ready and "care" in agent.teams and came + LIVENESS < world.parts.now():
                yield f"{head.case_id} waits in the queue, and {agent.id} is there with room"


def clocks_are_one_thing(world: World) -> Found:
    """I5: no clock in two states, none of a name twice, none that outlives what it is about."""
    for head, case in world.cases():
        names = Counter(clock.name for clock in case.clocks if clock.outcome is None)
        yield from (f"{head.case_id}: {n} clocks {name} run" for name, n in names.items() if n > 1)
        if len({(clock.name, clock.seq) for clock in case.clocks}) != len(case.clocks):
            yield f"{head.case_id}: two clocks of one number"
        for clock in case.clocks:
            for wrong in _contradictions(clock):
                yield f"{head.case_id}: {clock.name} {clock.seq} {wrong}"
        over = not case.open and not head.pending
        for name in sorted(set(names) - OWED_AFTERWARDS) if over else ():
            yield f"{head.case_id} is {case.status}, and {name} still runs"


def _contradictions(clock: Clock) -> Found:
    if (clock.outcome is None) != (clock.stopped_at is None):
        yield f"is {clock.outcome} and stopped at {clock.stopped_at}"
    if clock.breached_at not in (None, clock.due_at):
        yield f"is due at {clock.due_at} and breached at {clock.breached_at}"
    if clock.outcome is Outcome.BREACHED and clock.breached_at is None:
        yield "ended as breached, and never was"
    if clock.outcome is Outcome.MET and clock.breached_at is not None:
        yield "was met, and breached"


def pauses_fit(world: World) -> Found:
    """I5: resolution stands still exactly while the case waits for somebody else."""
    for head, case in world.cases():
        clock = case.clock(ClockName.RESOLUTION)
        if clock is None or clock.outcome is not None or not case.open:
            continue
        if (clock.paused_at is not None) != (case.status in WAITING):
            yield f"{head.case_id} is {case.status}, resolution paused: {clock.paused_at}"


def events_are_told_once(world: World) -> Found:
    """I5: each event of a clock is in the log once, unless it was taken back between."""
    for conversation_id in world.touched:
        seen: set[tuple[object, ...]] = set()
        for entry in facts.log(world, conversation_id):
            here = (entry.case_number, entry.clock, entry.seq)
            if entry.kind in TAKEN_BACK:
                seen = {key for key in seen if key[:3] != here}
            if entry.kind in ONCE:
                key = (*here, entry.kind, entry.percent, entry.at)
                if key in seen:
                    yield f"{conversation_id}: {entry.kind.value} of {entry.clock} was told twice"
                seen.add(key)


def deadlines_are_true(world: World) -> Found:
    """I5, I6: breached exactly when the definitions say so, and stamped with the deadline."""
    now = world.parts.now()
    for head, case in world.cases():
        if head.id not in world.touched and now < world.disturbed_until + LIVENESS:
            continue
        late = now - LIVENESS
        owed = not world.is_broken(head) and world.disturbed_until < late
        for (number, name, _), run in facts.runs(world, head).items():
            if run.unclear:
                continue
            for wrong in _judged(world, head, run, late if owed else None):
                yield f"{head.id}-{number}: {name} {run.seq} {wrong}"
            over = number == case.number and not case.open and not head.pending
            if over and run.live and run.breached is None and name not in OWED_AFTERWARDS:
                yield f"{head.id}-{number}: {name} {run.seq} runs on"


def _judged(world: World, head: Conversation, run: facts.Run, late: object) -> Found:
    promised = facts.target(world, head, run.name, run.priority)
    if promised is None:
        return
    hours = facts.hours(world, run.name)
    due = oracle.due(run.running, promised, hours)
    if run.breached is not None and run.breached.at != due:
        yield f"was breached at {run.breached.at}, and due at {due}"
    told_at = world.told_at.get((head.id, run.breached.version)) if run.breached else None
    if told_at is not None and told_at <= run.breached.at:
        yield f"was recorded as breached at {told_at}, and could still be met"
    if run.live and run.breached is None and run.promised != due:
        yield f"promised {run.promised}, and is due at {due}"
    if run.live and run.breached is None and late is not None and due is not None and due < late:
        yield f"was due at {due}, and its breach is not recorded"
    if run.ended is not None and run.breached is None and due is not None and due < run.ended.at:
        yield f"ended at {run.ended.at} after {due}, and its breach is not recorded"


def warnings_are_true(world: World) -> Found:
    """I5: a warning stands at the instant at which its share of the promise had passed."""
    for head, _ in world.cases():
        if head.id not in world.touched:
            continue
        for run in facts.runs(world, head).values():
            promised = facts.target(world, head, run.name, run.priority)
            if run.unclear or promised is None or not run.warned:
                continue
            share = run.warned[-1].percent / 100
            warn = oracle.due(run.running, promised * share, facts.hours(world, run.name))
            if warn is not None and run.warned[-1].at != warn:
                yield f"{head.id}: {run.name} warned at {run.warned[-1].at}, not at {warn}"


def messages_are_stored_once(world: World) -> Found:
    """I1, I2: what the inbox took is stored, once, and belongs to a case."""
    stored = Counter(
        message.platform_id
        for message in world.store.messages.values()
        if message.direction is Direction.INBOUND and not message.stub
    )
    written = {message.platform_id: message for message in world.store.messages.values()}
    for event in world.taken.values():
        if event.kind is not EventKind.MESSAGE:
            continue
        if stored[event.message_id] != 1:
            yield f"{event.message_id} is stored {stored[event.message_id]} times"
        fresh = event.received_at - event.occurred_at <= timedelta(hours=24)
        at = event.occurred_at if fresh else event.received_at
        found = written.get(event.message_id)
        if found is not None and found.sent_at != at:
            yield f"{event.message_id} was sent at {at}, and counts from {found.sent_at}"


def replies_leave_once(world: World) -> Found:
    """I10: a reply leaves once, and what may have left once is shown as unknown."""
    for (message_id, rounds), count in world.parts.sender.left.items():
        if count > 1:
            yield f"reply {message_id} left {count} times in round {rounds}"


def questions_are_owed(world: World) -> Found:
    """I1: a customer who wrote after the last answer is owed one, until somebody resolves."""
    for head, case in world.cases():
        if case.open and not case.asks and (last := _unanswered(world, head, case.number)):
            yield f"{head.case_id}: nobody owes an answer to {last.platform_id}"
        if not case.open and (last := _unheard(world, head, case)):
            yield f"{head.case_id} stays {case.status} after {last.platform_id}"
        clocks = [case.clock(name) for name in (ClockName.FIRST_RESPONSE, ClockName.NEXT_RESPONSE)]
        promised = facts.target(world, head, ClockName.NEXT_RESPONSE, "")
        owed = case.open and case.asks and promised is not None and case.replies
        if owed and not any(clock is not None and clock.outcome is None for clock in clocks):
            yield f"{head.case_id}: an answer is owed, and no clock runs for it"


def _unanswered(world: World, head: Conversation, number: int) -> Message | None:
    """Return a question that no answer can be meant for.

    Who writes in Hearback sees what is stored; in the platform's own app, what has been sent.
    """
    mine = [m for m in world.store.messages.values() if m.conversation_id == head.id]
    replies = [
        m
        for m in mine
        if m.direction is Direction.OUTBOUND
        and m.delivery is not None
        and m.delivery.state is not DeliveryState.FAILED
    ]
    ours = [world.written_at.get(m.id, m.sent_at) for m in replies if m.origin is Origin.HEARBACK]
    ours += [e.at for e in facts.log(world, head.id) if e.kind is EntryKind.ANSWER_WAIVED]
    theirs = [m.sent_at for m in replies if m.origin is Origin.NATIVE_APP]
    seen, sent = max(ours, default=LONG_AGO), max(theirs, default=LONG_AGO)
    for message in mine:
        asks = message.direction is Direction.INBOUND and not message.stub and message.text
        here = asks and message.case_number == number and "?" in message.text
        if here and world.stored_at[message.id] > seen and message.sent_at > sent:
            return message
    return None


def _unheard(world: World, head: Conversation, case: Case) -> Message | None:
    """Return a question that came after a case was resolved, and changed nothing."""
    for message in world.store.messages.values():
        if message.conversation_id != head.id or message.case_number != case.number:
            continue
        asks = message.direction is Direction.INBOUND and "?" in message.text
        if asks and not message.stub and world.stored_at[message.id] > case.resolved_at:
            return message
    return None


def heads_are_folds(world: World) -> Found:
    """I3: what a conversation says of its messages is what its messages say."""
    for head in world.store.heads.values():
        if head.id not in world.touched:
            continue
        mine = [
            m for m in world.store.messages.values() if m.conversation_id == head.id and not m.stub
        ]
        if head.messages != len(mine):
            yield f"{head.id} counts {head.messages} messages, and there are {len(mine)}"
        heard = max((m.sent_at for m in mine if m.direction is Direction.INBOUND), default=None)
        if head.last_inbound_at != heard:
            yield f"{head.id} was last heard of at {heard}, not at {head.last_inbound_at}"
        known = {m.id for m in mine}
        for pending in head.pending:
            if pending.message_id not in known:
                yield f"{head.id} waits for {pending.message_id}, which is not stored"


def requests_are_carried_out_once(world: World) -> Found:
    """I4: the same request once, and nothing on the base of an older version."""
    yield from world.wrongs
    world.wrongs.clear()


def nothing_is_overdue(world: World) -> Found:
    """I7: what time alone brings about has happened: snoozes end, cases close, offers expire."""
    late = world.parts.now() - LIVENESS
    if world.disturbed_until >= late:
        return
    for head, case in world.cases():
        if world.is_broken(head):
            continue
        if case.status is S.SNOOZED and case.snoozed_until < late:
            yield f"{head.case_id} is still snoozed, until {case.snoozed_until}"
        if case.offered_until is not None and case.offered_until < late:
            yield f"{head.case_id} is still offered, until {case.offered_until}"
        window = timedelta(seconds=max(world.company.reopen_window, world.company.follow_delay))
        early = timedelta(seconds=world.company.reopen_window - 2)
        at_once = case.closed_at is not None and case.resolved_at is not None
        if at_once and case.closed_at < case.resolved_at + early:
            yield f"{head.case_id} was resolved at {case.resolved_at}, closed at {case.closed_at}"
        if phase(case) is Phase.RESOLVED and case.resolved_at + window < late:
            yield f"{head.case_id} was resolved at {case.resolved_at}, and is not closed"


def all_is_at_rest(world: World) -> Found:
    """I1, I5, I7, I10: after the last fault nothing is on its way any more."""
    if world.posts:
        yield f"{len(world.posts)} events are still in the inbox"
    if world.letters:
        yield f"{len(world.letters)} orders are still in the outbox"
    for message in world.store.messages.values():
        now = message.delivery
        ours = message.direction is Direction.OUTBOUND and not message.stub
        if ours and now is not None and now.state in (DeliveryState.QUEUED, DeliveryState.SENDING):
            yield f"{message.id} is still {now.state}"
    for head, case in world.cases():
        if case.status is S.CLOSED and any(clock.outcome is None for clock in case.clocks):
            yield f"{head.case_id} is closed, and a clock of it runs"


AFTER_EACH: tuple[Callable[[World], Found], ...] = (
    requests_are_carried_out_once,
    steps_are_legal,
    loads_fit,
    every_case_has_a_machine,
    every_case_has_an_owner,
    queues_are_drained,
    clocks_are_one_thing,
    pauses_fit,
    events_are_told_once,
    deadlines_are_true,
    warnings_are_true,
    messages_are_stored_once,
    replies_leave_once,
    questions_are_owed,
    heads_are_folds,
    nothing_is_overdue,
    *paging.AFTER_EACH,
)
AT_THE_END: tuple[Callable[[World], Found], ...] = (*AFTER_EACH, all_is_at_rest)
