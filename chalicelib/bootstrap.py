"""Bootstrap: the one place that picks concrete parts.

Every part is made when it is first asked for, and its modules are imported then: a door pays at a
cold start only for what it uses, and importing this file costs next to nothing.
"""

from __future__ import annotations

import json
import os
from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.config import read_config
from chalicelib.gateways.clients import client
from chalicelib.gateways.meter import Meter

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from chalicelib.channels.places import Mailer, Places, Texter
    from chalicelib.config import Config
    from chalicelib.domain.policy import Handle
    from chalicelib.gateways.queues import FifoQueue
    from chalicelib.gateways.secrets import Secrets
    from chalicelib.gateways.tasks import TaskQueue
    from chalicelib.store.table import Table
    from chalicelib.workflows import networks, ports
    from chalicelib.workflows.ladder import ports as ladder_ports

METRICS_NAMESPACE = "Hearback"

MAIL_SECONDS = 20.0
"""How long SES may take for a mail of up to 40 MB: no answer would mean that nobody knows."""

LOCAL_STAGE = "local"
"""The stage of `make run`: the only one whose replies may go to private addresses."""


class Parts:
    """Everything the workflows and the doors may need.

    Satisfies `ports.Parts`, and has `secrets` for the doors besides.
    """

    def __init__(self, config: Config) -> None:
        self.config = config

    @property
    def desk_url(self) -> str:
        """Return where people work, without a slash at the end."""
        return self.config.desk_url.rstrip("/")

    @cached_property
    def now(self) -> ports.Clock:
        """Return the system's clock."""
        from chalicelib.gateways.time import utc_now

        return utc_now

    @cached_property
    def meter(self) -> Meter:
        """Return the counter that becomes CloudWatch metrics."""
        return Meter(METRICS_NAMESPACE, self.config.stage, self.now)

    @cached_property
    def conversations(self) -> ports.Conversations:
        """Return the single table, for deciding."""
        from chalicelib.store.conversations import Conversations

        return Conversations(self._table, self.now)

    @cached_property
    def agents(self) -> ports.Agents:
        """Return who works."""
        from chalicelib.store.agents import Agents

        return Agents(self._table)

    @cached_property
    def views(self) -> ports.Views:
        """Return the reads for people and for sweeps."""
        from chalicelib.store.views import Views

        return Views(self._table)

    @cached_property
    def policies(self) -> ports.Policies:
        """Return the versioned configuration."""
        from chalicelib.store.policies import Policies

        return Policies(self._table, self.now)

    @cached_property
    def sender(self) -> networks.Sender:
        """Return the channels, as far as the workflows use them to answer."""
        from chalicelib.channels.sender import ChannelSender, Purse

        purse = Purse(lambda: self.budgets, self.meter.count)
        return ChannelSender(self._secret, self.places, purse)

    @cached_property
    def network(self) -> networks.Network:
        """Return the channels, as far as the workflows use them to look for themselves."""
        from chalicelib.channels.network import ChannelNetwork

        return ChannelNetwork(self._secret, self.places, lambda: self.policies.current().public_url)

    @cached_property
    def places(self) -> Places:
        """Return where the platforms are called."""
        from chalicelib.channels.places import Places

        return Places(
            graph_url=self.config.meta_graph_url,
            graph_version=self.config.meta_graph_version,
            instagram_graph_url=self.config.instagram_graph_url,
            private_urls=self.config.stage == LOCAL_STAGE,
            urls=self._urls,
            mailer=self._mailer,
            texter=self._texter,
            callbacks=self._callback,
            stored_mail=self._stored_mail,
        )

    @cached_property
    def _urls(self) -> dict[str, str]:
        return dict(json.loads(self.config.platform_urls))

    def _callback(self, handle: Handle) -> str:
        from chalicelib.channels.network import callback_url

        return callback_url(self.policies.current().public_url, handle)

    def _mailer(self) -> Mailer:
        from chalicelib.gateways.mail import Mail

        # Once: SES recognises no repeat. The configuration set is infra/mail.yaml's.
        url = self._urls.get("email", "")
        ses = client("sesv2", attempts=1, url=url, read_seconds=MAIL_SECONDS)
        return Mail(ses, f"hearback-{self.config.stage}")

    def _texter(self) -> Texter:
        from chalicelib.gateways.texts import Texts

        return Texts(self._urls.get("sms", ""))

    def _stored_mail(self, key: str) -> bytes:
        from chalicelib.gateways.media import Media

        return Media(client("s3"), self.config.mail_bucket).get(key)

    @cached_property
    def media(self) -> ports.Media:
        """Return the bucket of the files of messages."""
        from chalicelib.gateways.media import Media

        return Media(client("s3"), self.config.media_bucket)

    @cached_property
    def hook_sender(self) -> networks.HookSender:
        """Return what delivers outgoing webhooks."""
        from chalicelib.channels.hooks import EndpointSender

        return EndpointSender(self._secret, self.places)

    @cached_property
    def files(self) -> TaskQueue:
        """Return the queue of attachments to fetch."""
        return self._tasks(self.config.files_url)

    @cached_property
    def hooks(self) -> TaskQueue:
        """Return the queue of what the company's own systems are to be told."""
        return self._tasks(self.config.hooks_url)

    @cached_property
    def marks(self) -> ports.Marks:
        """Return the small notes that outlive a process."""
        from chalicelib.store.marks import Marks

        return Marks(self._table)

    @cached_property
    def budgets(self) -> ports.Budgets:
        """Return what was spent in a month."""
        from chalicelib.store.budgets import Budgets

        return Budgets(self._table)

    @cached_property
    def habits(self) -> ports.Habits:
        """Return how many messages each handle gets, by the hour."""
        from chalicelib.store.habits import Habits

        return Habits(self._table)

    @cached_property
    def detector(self) -> ports.Detector:
        """Return what finds personal data."""
        from chalicelib.gateways.detector import Detector

        return Detector()

    @cached_property
    def codes(self) -> ports.Codes:
        """Return what makes the codes of invitations."""
        from chalicelib.gateways.chance import new_code

        return new_code

    @cached_property
    def _table(self) -> Table:
        from chalicelib.store.table import Table

        return Table(self.config.table)

    @cached_property
    def executions(self) -> ports.Executions:
        """Return the state machine service."""
        from chalicelib.gateways.executions import Executions

        return Executions(client("stepfunctions"), self.config.machine_arn)

    @cached_property
    def ladders(self) -> ports.Executions:
        """Return the state machine of the pages."""
        from chalicelib.gateways.executions import Executions

        return Executions(client("stepfunctions"), self.config.ladder_arn)

    @cached_property
    def pages(self) -> ladder_ports.Pages:
        """Return the pages in the table."""
        from chalicelib.store.pages import Pages

        return Pages(self._table, self.now)

    @cached_property
    def pager(self) -> ladder_ports.Pager:
        """Return what carries a page to people and systems."""
        from chalicelib.channels.guarded import Poster
        from chalicelib.channels.sender import ChannelSender
        from chalicelib.gateways.pager import Carriers, Pager

        # Without a purse: a page leaves though the handle's own budget for customers is spent.
        carriers = Carriers(
            sender=lambda: ChannelSender(self._secret, self.places),
            sns=lambda: client("sns", attempts=1),  # SNS recognises no repeat
            mail=self._mailer,
            poster=lambda: Poster(self.places),
            hooks=lambda: self.hook_sender,
            urls=self._urls,
        )
        return Pager(self.policies.current, self._secret, carriers)

    @cached_property
    def links(self) -> ladder_ports.Links:
        """Return the links by which people acknowledge."""
        from chalicelib.gateways.links import Links

        return Links(self._secret, lambda: self.policies.current().public_url, self._people)

    def _people(self) -> Iterable[str]:
        """Yield everybody that a link may be for."""
        from chalicelib.domain.ladder import SUBSCRIBERS

        yield SUBSCRIBERS
        yield from (endpoint.id for endpoint in self.policies.current().paging.endpoints)
        yield from (agent.id for agent in self.agents.all())

    @cached_property
    def inbox(self) -> FifoQueue:
        """Return the queue of what platforms tell us."""
        return self._queue(self.config.inbox_url)

    @cached_property
    def outbox(self) -> FifoQueue:
        """Return the queue of what is to be sent."""
        return self._queue(self.config.outbox_url)

    @cached_property
    def alerts(self) -> ports.Alerts:
        """Return the topics that ops subscribe to."""
        from chalicelib.domain.alert import Topic
        from chalicelib.gateways.alerts import Alerts

        arns = {
            Topic.WARNINGS: self.config.warnings_topic_arn,
            Topic.BREACHES: self.config.breaches_topic_arn,
        }
        return Alerts(client("sns"), arns)

    @cached_property
    def blobs(self) -> ports.Blobs:
        """Return the quarantine bucket."""
        from chalicelib.gateways.blobs import Blobs

        return Blobs(client("s3"), self.config.quarantine_bucket)

    @cached_property
    def secrets(self) -> Secrets:
        """Return the secrets of this stage."""
        from chalicelib.gateways.secrets import Secrets

        return Secrets(client("secretsmanager"), self.config.secret_prefix)

    def _secret(self, name: str) -> Mapping[str, object]:
        return self.secrets.get(name)  # asked for when something is sent, not when the part is made

    def _tasks(self, url: str) -> TaskQueue:
        from chalicelib.gateways.tasks import TaskQueue

        return TaskQueue(client("sqs"), url)

    def _queue(self, url: str) -> FifoQueue:
        from chalicelib.gateways.queues import FifoQueue

        return FifoQueue(client("sqs"), url)


_made: list[Parts] = []


def parts() -> Parts:
    """Return the parts of this process, made from its environment at the first call.

    Raises ConfigError.
    """
    if not _made:
        _made.append(Parts(read_config(os.environ)))
    return _made[0]


def install(replacement: Parts | None) -> None:
    """Use these parts from now on (None: make them from the environment again).

    For tests and commands.
    """
    _made[:] = [] if replacement is None else [replacement]
