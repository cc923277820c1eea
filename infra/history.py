"""What the commands say of the past: dry runs, why, and deciding cases anew."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from chalicelib.bootstrap import Parts
from chalicelib.domain.policy import Policy
from chalicelib.domain.sums import Sums
from chalicelib.domain.why import as_json, as_text
from chalicelib.workflows.errors import NotFoundError
from chalicelib.workflows.history import redecide as anew
from chalicelib.workflows.history import why as history
from chalicelib.workflows.history.dry_run import Trial, whole
from chalicelib.workflows.history.report import as_data
from chalicelib.workflows.history.report import as_text as lines_of
from infra.errors import InfraError
from infra.operations import OPERATOR

DAY = timedelta(days=1)


def period(since: str, until: str) -> tuple[datetime, datetime]:
    """Return a period from the beginning of one day to the end of another, in UTC.

    Raises InfraError for what is no date, and for a period that ends before it begins.
    """
    try:
        first, last = date.fromisoformat(since), date.fromisoformat(until)
    except ValueError as error:
        raise InfraError("Write days like 2026-11-01.") from error
    if last < first:
        raise InfraError("The period ends before it begins.")
    begin = datetime(first.year, first.month, first.day, tzinfo=UTC)
    return begin, datetime(last.year, last.month, last.day, tzinfo=UTC) + DAY


def dry_run(parts: Parts, policy: Policy | None, days: tuple[str, str]) -> Iterator[Any]:
    """Give how many cases are done after each page, and in the end the report's data.

    `policy` None: what was in force, each case under its own version.
    """
    since, until = period(*days)
    trial = Trial(policy, since, until, parts.now())
    sums = Sums()
    for sums in whole(parts, trial):
        yield sums.cases
    yield as_data(sums, policy or parts.policies.current())


def named(parts: Parts, version: str) -> Policy | None:
    """Return a stored version; none for an empty name. Raises InfraError for one that is not."""
    try:
        return parts.policies.get(version) if version else None
    except LookupError as error:
        raise InfraError(f"There is no policy {version}; `policies` lists them.") from error


def written(data: dict[str, Any], file: Path | None) -> Iterator[str]:
    """Give the report's lines, having written all of it to the file, where one is named."""
    if file is not None:
        file.write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", "utf-8")
    yield from lines_of(data)


def why(parts: Parts, case_id: str, *, as_data: bool) -> Iterator[str]:
    """Give every decision of a case as lines, or as JSON. Raises InfraError for no such case."""
    conversation_id, number = _case(case_id)
    try:
        found, decisions = history.why(parts, OPERATOR, conversation_id, number)
    except NotFoundError as error:
        raise InfraError(f"There is no case {case_id}.") from error
    if as_data:
        told = [as_json(decision) for decision in decisions]
        yield json.dumps({"case": found, "decisions": told}, indent=2, ensure_ascii=False)
    else:
        yield from as_text(decisions)


def redecide(parts: Parts, case_id: str, team: str) -> Iterator[str]:
    """Decide one case anew under the policy in force, or all open cases of a team or of all."""
    if case_id:
        conversation_id, number = _case(case_id)
        changed = anew.redecide(parts, conversation_id, OPERATOR.id, number=number)
        yield f"{case_id}: {changed} clocks came out otherwise"
        return
    cases = clocks = 0
    for conversation_id in anew.open_cases(parts, team):
        changed = anew.redecide(parts, conversation_id, OPERATOR.id)
        cases, clocks = cases + 1, clocks + changed
    yield f"{cases} open cases: {clocks} clocks came out otherwise"


def _case(case_id: str) -> tuple[str, int]:
    """Return the conversation and the number of a case's id; 0 for a conversation's own."""
    conversation_id, _, number = case_id.rpartition("-")
    if conversation_id and number.isdigit():
        return conversation_id, int(number)
    return case_id, 0
