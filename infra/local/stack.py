"""The local stack: MiniStack with the template that ships, and all that its users need.

with stack.up(stack.Setup(care=Path("care.yaml"))) as local:
    local.api_url, local.outputs, local.people, local.environment()
"""

import base64
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Self

import boto3

from chalicelib.domain.agent import Role
from chalicelib.domain.channel import Channel
from chalicelib.domain.policy import Policy
from chalicelib.gateways.time import utc_now
from chalicelib.store.policies import Policies
from infra import cloudformation, configuration, operations, package, people, publish
from infra.cloud import Cloud, lent_environment
from infra.local import ministack, subscribers
from infra.people import Person

STAGE = "local"
NAME = f"hearback-{STAGE}"
ARTIFACTS = f"{NAME}-artifacts"
PAUSE_SECONDS = 0.1

Secrets = Mapping[str, Mapping[str, object]]
"""The content of each secret, by its name below `hearback/local/`."""

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": ministack.ACCOUNT,  # MiniStack takes a number of 12 digits for the account
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": ministack.REGION,
    "AWS_REGION": ministack.REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
}


@dataclass(frozen=True, slots=True)
class Setup:
    """What to set up.

    Empty `people`: one of each role, in every team. `secrets` replace the random ones by name.
    `parameters` are those of the template (MetaGraphUrl, InstagramGraphUrl, DeskUrl, ...).
    `endpoints` says where the policy's endpoints are played instead, by their ids. Port 0: any free
    one.
    """

    care: Path = package.ROOT / "care.yaml"
    people: tuple[Person, ...] = ()
    secrets: Secrets = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    endpoints: Mapping[str, str] = field(default_factory=dict)
    port: int = 0
    root: Path = package.ROOT


@dataclass(frozen=True, slots=True)
class Stack:
    """A deployed local stack. Use as a context manager, or call `stop`."""

    server: ministack.MiniStack
    cloud: Cloud
    outputs: Mapping[str, str]
    policy: Policy
    people: tuple[Person, ...]
    secrets: Secrets
    watchers: tuple[subscribers.Watcher, ...]

    def __enter__(self) -> Self:
        """Return itself, running."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop it, whatever happened."""
        self.stop()

    @property
    def endpoint(self) -> str:
        """Return the local AWS's address."""
        return self.server.endpoint

    @property
    def api_url(self) -> str:
        """Return the base of the API and the webhooks, without a slash at its end."""
        return _api_url(self.endpoint, self.outputs)

    def environment(self) -> dict[str, str]:
        """Return what makes the AWS SDK, and commands like `aws`, talk to this stack."""
        return {**CREDENTIALS, "AWS_ENDPOINT_URL": self.endpoint}

    def id_token(self, username: str) -> str:
        """Sign this person in; return the token for the Authorization header."""
        person = next(person for person in self.people if person.username == username)
        answer = self.cloud.cognito.initiate_auth(
            ClientId=self.outputs["UserPoolClientId"],
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": username, "PASSWORD": person.password},
        )
        return answer["AuthenticationResult"]["IdToken"]

    def received(self) -> tuple[subscribers.Received, ...]:
        """Return what each subscriber of care.yaml would have got so far, oldest first."""
        return subscribers.received(self.endpoint, self.watchers)

    def stop(self) -> None:
        """Stop everything and leave nothing behind."""
        self.server.stop()


def up(setup: Setup | None = None, say: Callable[[str], None] = lambda _: None) -> Stack:
    """Start, package, deploy and seed.

    `say` hears each step. Raises InfraError; then nothing keeps running.
    """
    setup = setup or Setup()
    policy = configuration.load(setup.care)
    say("packaging (the first time takes about ten seconds)")
    packaged = package.package(STAGE, setup.root, setup.care)
    say("starting the local AWS")
    server = ministack.start(setup.port)
    try:
        return _deployed(setup, policy, packaged, server, say)
    except BaseException:
        server.stop()
        raise


def _deployed(
    setup: Setup,
    policy: Policy,
    packaged: package.Package,
    server: ministack.MiniStack,
    say: Callable[[str], None],
) -> Stack:
    cloud = connect(server.endpoint)
    say("deploying the template")
    outputs = _deploy(cloud, packaged, setup.parameters)
    say("seeding secrets, people and the policy")
    held = {**random_secrets(policy), **setup.secrets}
    _seed_secrets(cloud, held)
    wanted = setup.people or one_of_each_role(policy)
    with lent_environment({**CREDENTIALS, "AWS_ENDPOINT_URL": server.endpoint}):
        policy = publish_here(
            cloud, outputs, setup.care, _api_url(server.endpoint, outputs), setup.endpoints
        )
        made = tuple(people.add(cloud, outputs, person) for person in wanted)
    watchers = subscribers.watch(cloud, outputs, policy)
    return Stack(server, cloud, outputs, policy, made, held, watchers)


def publish_here(
    cloud: Cloud,
    outputs: Mapping[str, str],
    care: Path,
    address: str,
    endpoints: Mapping[str, str],
) -> Policy:
    """Publish a care.yaml as `infra.publish` does, with its endpoints where they are played.

    care.yaml itself takes only https addresses.
    """
    policy = publish.proposed(care, address)
    moved = (replace(one, url=endpoints.get(one.id, one.url)) for one in policy.endpoints)
    policy = replace(policy, endpoints=tuple(moved))
    policy = replace(policy, version=configuration.version(policy))
    policies = Policies(publish.table(cloud, outputs["TableName"]), utc_now)
    policies.publish(policy)
    policies.make_current(policy.version)
    return policy


def _api_url(endpoint: str, outputs: Mapping[str, str]) -> str:
    return f"{endpoint}/_aws/execute-api/{outputs['RestAPIId']}/hearback"


def connect(endpoint: str) -> Cloud:
    """Return the local AWS at that address."""
    session = boto3.Session(
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        region_name=ministack.REGION,
    )
    return Cloud(session, endpoint)


def one_of_each_role(policy: Policy) -> tuple[Person, ...]:
    """Return an agent, a lead and an administrator, each in every team."""
    teams = tuple(team.id for team in policy.teams)
    return (
        Person("ana", Role.AGENT, teams, "Ana Agent"),
        Person("lena", Role.LEAD, teams, "Lena Lead"),
        Person("adam", Role.ADMIN, teams, "Adam Admin"),
    )


def random_secrets(policy: Policy) -> dict[str, Mapping[str, object]]:
    """Return secrets for every handle: of the Meta app, and keys for each webhook."""
    meta = {Channel.FACEBOOK_PAGE, Channel.MESSENGER, Channel.INSTAGRAM, Channel.WHATSAPP}
    tokens = {
        handle.account_id: secrets.token_urlsafe(24)
        for handle in policy.handles
        if handle.channel in meta
    }
    held: dict[str, Mapping[str, object]] = {
        "meta": {
            "app_secrets": [secrets.token_hex(16)],
            "verify_token": secrets.token_urlsafe(16),
            "tokens": tokens,
        },
        "links": {"key": secrets.token_hex(24)},
    }
    for handle in policy.handles:
        if handle.channel is Channel.WEBHOOK:
            held[handle.secret or handle.id] = {
                "secrets": [_whsec()],
                "url": "",
                "out_secrets": [_whsec()],
            }
    return held


def _whsec() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()


def _deploy(
    cloud: Cloud, packaged: package.Package, parameters: Mapping[str, str]
) -> dict[str, str]:
    cloud.s3.create_bucket(Bucket=ARTIFACTS)
    url = cloudformation.upload(cloud, ARTIFACTS, packaged)
    proposed = cloudformation.propose(cloud, NAME, url, parameters, pause=PAUSE_SECONDS)
    if proposed is not None:
        cloudformation.carry_out(cloud, proposed, pause=PAUSE_SECONDS)
    return cloudformation.outputs(cloud, NAME)


def _seed_secrets(cloud: Cloud, held: Secrets) -> None:
    for name, content in held.items():
        operations.set_secret(cloud, STAGE, name, json.dumps(content))
