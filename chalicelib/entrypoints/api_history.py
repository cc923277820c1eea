"""The API's history: why things happened in a case, and what another policy would have led to."""

from datetime import datetime, timedelta
from typing import Annotated

import msgspec
from msgspec import Meta

from chalicelib.entrypoints.access import EVERYONE, LEADS
from chalicelib.entrypoints.answers import Answer
from chalicelib.entrypoints.bodies import Cursor, Strict
from chalicelib.entrypoints.routes import Asked, route
from chalicelib.workflows.errors import NotFoundError, RefusedError

KEPT_IDS = 100
"""How many cases are named for each number, and how many differences are explained."""

LONGEST_PERIOD = timedelta(days=366)


class WhyQuery(Strict):
    """Which case of the conversation; 0: the newest."""

    case: Annotated[int, Meta(ge=0, le=10**6)] = 0


class DecisionAnswer(Answer):
    """One thing that happened or was decided, and from what.

    `how` is the arithmetic of a deadline, `told` says on which page people hear of it.
    """

    at: datetime
    kind: str
    actor: str
    what: str
    version: int
    how: str = ""
    told: str = ""
    policy_version: str = ""
    rule: str = ""
    inputs: dict[str, str] = msgspec.field(default_factory=dict)


class WhyAnswer(Answer):
    """Every decision of a case, oldest first."""

    case: int
    decisions: tuple[DecisionAnswer, ...]


class DryRunBody(Strict):
    """Which policy to try on the cases that began in a period; `version` empty: what was in force.

    Go on with the `cursor` of the answer, the rest unchanged, until it is empty, and add up.
    """

    since: Annotated[datetime, Meta(tz=True)]
    until: Annotated[datetime, Meta(tz=True)]
    version: Annotated[str, Meta(max_length=64)] = ""
    cursor: Cursor = ""


class CasesAnswer(Answer):
    """How many cases a number counts, and the first of them."""

    count: int
    ids: tuple[str, ...]


class TallyAnswer(Answer):
    """What one clock of a team and a channel would have come to.

    `breached` as tried, `recorded` as it was; `newly` and `no_longer` are the difference, `moved`
    the promises with another deadline.
    """

    team: str
    channel: str
    clock: str
    started: int
    met: int
    cancelled: int
    running: int
    warned: int
    moved: int
    breached: CasesAnswer
    recorded: CasesAnswer
    newly: CasesAnswer
    no_longer: CasesAnswer


class EndAnswer(Answer):
    """What a promise came to."""

    due_at: datetime
    breached: bool


class DifferenceAnswer(Answer):
    """A promise that would have been broken instead of kept, or the other way round, and why."""

    case_id: str
    clock: str
    was: EndAnswer | None
    would: EndAnswer | None
    why: str


class SpanAnswer(Answer):
    """A stretch in which one page would have been open."""

    since: datetime
    until: datetime
    members: int


class CallsAnswer(Answer):
    """How often a rung would have told somebody by one medium, at most."""

    rung: int
    medium: str
    count: int


class QueueAnswer(Answer):
    """The pages that a team's queue would have had: an estimate."""

    queue: str
    pages: int
    members: int
    largest: int
    spans: tuple[SpanAnswer, ...]
    tellings: tuple[CallsAnswer, ...]


class RuleAnswer(Answer):
    """How often a rule would have fired: an estimate."""

    rule: str
    fired: int
    cases: CasesAnswer


class DryRunAnswer(Answer):
    """What the cases of one part of a period would have come to. `cursor` empty: that was all."""

    version: str
    cases: int
    cursor: str
    tallies: tuple[TallyAnswer, ...]
    differences: tuple[DifferenceAnswer, ...]
    pages: tuple[QueueAnswer, ...]
    rules: tuple[RuleAnswer, ...]
    unread: CasesAnswer
    estimates: str


@route(
    "GET",
    "/api/conversations/{conversation_id}/why",
    roles=EVERYONE,
    query=WhyQuery,
    answer=WhyAnswer,
)
def get_why(asked: Asked, conversation_id: str) -> WhyAnswer:
    """Explain every decision of a case: its inputs, policy version and rule, oldest first."""
    from chalicelib.domain.why import as_json
    from chalicelib.workflows.history.why import why

    number, decisions = why(asked.parts, asked.actor, conversation_id, asked.query.case)
    told = [as_json(decision) for decision in decisions]
    return msgspec.convert({"case": number, "decisions": told}, WhyAnswer)


@route("POST", "/api/dry-runs", roles=LEADS, body=DryRunBody, answer=DryRunAnswer)
def post_dry_run(asked: Asked) -> DryRunAnswer:
    """Say what the cases of a period would have come to under a stored policy; changes nothing.

    A page takes at most 200 cases or about ten seconds. A lead sees the cases of their own teams.
    """
    from chalicelib.workflows.history.dry_run import Trial, page
    from chalicelib.workflows.history.report import as_data

    wanted: DryRunBody = asked.body
    if not wanted.since < wanted.until <= wanted.since + LONGEST_PERIOD:
        raise RefusedError("Name a period of at most a year.", code="bad_period")
    policies = asked.parts.policies
    try:
        policy = policies.get(wanted.version) if wanted.version else None
    except LookupError as unknown:
        raise NotFoundError("There is no such policy.", code="no_such_policy") from unknown
    trial = Trial(policy, wanted.since, wanted.until, asked.parts.now(), KEPT_IDS, asked.actor.sees)
    sums, cursor = page(asked.parts, trial, wanted.cursor)
    data = as_data(sums, policy or policies.current())
    return msgspec.convert(data | {"version": wanted.version, "cursor": cursor}, DryRunAnswer)
