"""Evidence: what really happened on one day.

The facts of one day, read from a local stack through its AWS APIs and from the simulator's ledger.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import cast

from infra.local.day import collect
from infra.local.day.facts import Facts, Notice, Paged, Talk
from infra.local.day.story import Plan
from infra.local.simulator.platforms import Platforms
from infra.local.simulator.post import Delivered
from infra.local.stack import Stack
from infra.local.subscribers import EVERYTHING, Received

DEAD = (
    "InboxDeadUrl",
    "OutboxDeadUrl",
    "StreamDeadUrl",
    "FilesDeadUrl",
    "HooksDeadUrl",
    "NoticesDeadUrl",
)
METRICS = (("outbox", "BudgetSpent"),)
"""What must have been counted, and by which function."""


class Evidence:
    """Looks at one stack on behalf of one plan.

    What was in the table before the day began is not of this day.
    """

    def __init__(self, stack: Stack, platforms: Platforms, plan: Plan) -> None:
        self._stack, self._platforms, self._plan = stack, platforms, plan
        self._handles = frozenset(platforms.brand.accounts)
        self._began = datetime.now(UTC)
        self._before = frozenset(collect.talks_of(self._rows())) - plan.by_ref().keys()

    def facts(
        self, delivered: Sequence[Delivered], refusals: Sequence[tuple[str, str]] = ()
    ) -> Facts:
        """Return what is true now, but for what is counted in logs and histories: see `whole`."""
        rows = self._rows()
        found = collect.talks_of(rows)
        talks = {ref: held for ref, held in found.items() if ref not in self._before}
        ids = _ids(talks)
        refs, ledger = self._plan.by_ref().keys(), self._platforms.ledger
        cloud, outputs, networks = self._stack.cloud, self._stack.outputs, self._platforms.networks
        return Facts(
            talks=talks,
            received=tuple(one for one in ledger.received() if one.customer in refs),
            refused=tuple(one for one in ledger.refused() if one.customer in refs),
            delivered=delivered,
            notices=[one for one in self.notices() if one.case_id.rpartition("-")[0] in ids],
            quarantined=collect.quarantined(cloud.s3, outputs["QuarantineBucket"]),
            dead=collect.waiting(cloud.sqs, {name: outputs[name] for name in DEAD}),
            refusals=refusals,
            files=collect.files(cloud.s3, outputs["MediaBucket"]),
            enclosed=[one for one in networks.enclosed() if one.customer in refs],
            hooks=[h for h in networks.crm.heard() if h.data.get("conversation_id", "") in ids],
            spent=collect.spent(rows),
            pages=[one for one in collect.pages(rows) if _about(one, ids)],
            health={h: s for h, s in collect.health(rows).items() if h in self._handles},
        )

    def _counted(self) -> Mapping[str, int]:
        logs = self._stack.cloud.client("logs")
        return {
            name: collect.counted(logs, f"hearback-local-{function}", name, self._began)
            for function, name in METRICS
        }

    def whole(
        self, delivered: Sequence[Delivered], refusals: Sequence[tuple[str, str]] = ()
    ) -> Facts:
        """Return the facts with what machine and functions did, as their records tell."""
        facts, cloud = self.facts(delivered, refusals), self._stack.cloud
        return replace(
            facts,
            machine=collect.machine(
                cloud.stepfunctions, self._stack.outputs["MachineArn"], _ids(facts.talks)
            ),
            counted=self._counted(),
            invocations=collect.invocations(cloud.client("logs"), self._began),
        )

    def notices(self) -> Sequence[Notice]:
        """Return what the subscribers of care.yaml got so far, of this day or not, oldest first."""
        return [
            _notice(one) for one in self._stack.received() if one.subscriber.protocol != EVERYTHING
        ]

    def _rows(self) -> Sequence[collect.Row]:
        return collect.rows(self._stack.cloud.client("dynamodb"), self._stack.outputs["TableName"])


def _ids(talks: Mapping[str, Sequence[Talk]]) -> frozenset[str]:
    return frozenset(talk.conversation.id for found in talks.values() for talk in found)


def _about(paged: Paged, conversations: frozenset[str]) -> bool:
    return any(member.conversation_id in conversations for member in paged.members)


def _notice(one: Received) -> Notice:
    return Notice(
        protocol=one.subscriber.protocol,
        endpoint=one.subscriber.endpoint,
        topic=one.subscriber.topic,
        text=one.text,
        subject=one.subject,
        case_id=str(one.alert.get("case_id", "")),
        clock=str(one.alert.get("clock", "")),
        key=str(one.alert.get("key", "")),
        cases=tuple(
            _case(told) for told in cast("list[dict[str, str]]", one.alert.get("cases", ()))
        ),
    )


def _case(told: Mapping[str, str]) -> tuple[str, str, str]:
    return told["case_id"], told["clock"], told["due_at"]
