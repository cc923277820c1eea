"""Connecting, looking at, asking and catching up with handles; publishing what they follow."""

import re
from dataclasses import dataclass, field, replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
import yaml

from chalicelib.channels.registry import room_of
from chalicelib.domain.channel import Channel
from chalicelib.domain.policy import Handle, Policy
from chalicelib.gateways.secrets import Secrets
from chalicelib.gateways.time import utc_now
from chalicelib.store.rows import Row
from chalicelib.store.table import Refusal, Refused, WritesRefusedError
from chalicelib.workflows.networks import Health, HealthState, Missed, PollError
from chalicelib.workflows.watching import poll, watch
from infra import channels, commands, configuration, publish
from infra.errors import ConfigurationError
from infra.package import ROOT
from tests.fakes.house import message_event
from tests.fakes.outside import FakeParts
from tests.fakes.store import MemoryStore

PAGE = Handle("acme-page", Channel.FACEBOOK_PAGE, "1", "Acme", "care")
SOCIAL = Handle(
    "acme-social",
    Channel.MASTODON,
    "77",
    "@acme",
    "care",
    settings={"monthly_budget_usd": "2", "instance": "https://social.example.com"},
)
POLICY = Policy("v1", handles=(PAGE, SOCIAL), public_url="https://care.example.com/hearback")
OUTPUTS = {"EndpointURL": "https://stack.example.com/hearback/", "TableName": "table"}
CARE = {
    "brand": "Acme",
    "teams": [{"id": "care"}],
    "handles": [
        {"id": "page", "channel": "facebook_page", "account_id": "1", "name": "A", "team": "care"}
    ],
    "targets": [{"clock": "assign", "within": "5m"}],
}


@pytest.fixture
def parts() -> FakeParts:
    store = MemoryStore()
    store.policies.publish(POLICY)
    store.policies.make_current("v1")
    made = FakeParts(store.conversations, store.agents, store.views, store.policies)
    made.network.every = {"acme-social": 60}
    return made


@pytest.fixture
def care(tmp_path):
    """Return what writes a care.yaml with changes and returns its path."""

    def write(**changes):
        path = tmp_path / "care.yaml"
        path.write_text(yaml.safe_dump(CARE | changes), "utf-8")
        return path

    return write


class RefusedBySecretsManagerError(Exception):
    """What the SDK raises, as far as our gateway reads it."""

    def __init__(self, code):
        super().__init__(code)
        self.response = {"Error": {"Code": code}}


@dataclass
class SecretsManager:
    """The service with the secrets of `held`, by their full names."""

    held: dict = field(default_factory=dict)

    def get_secret_value(self, SecretId):
        if SecretId not in self.held:
            raise RefusedBySecretsManagerError("ResourceNotFoundException")
        return {"SecretString": self.held[SecretId]}


def with_secrets(parts, **held):
    """Give the parts the real gateway over a service that holds these secrets."""
    service = SecretsManager({f"hearback/prod/{name}": text for name, text in held.items()})
    parts.secrets = Secrets(service, "hearback/prod")
    return parts


def every_handle():
    """Return the handles of care.yaml with those that stand there as comments."""
    text = (ROOT / "care.yaml").read_text("utf-8")
    text = re.sub(r"(?m)^#( +- \{id: acme-)", r"\1", text)
    text = re.sub(r"(?m)^#( +settings: \{)", r"\1", text)
    return yaml.safe_load(text)["handles"]


def test_every_handle_of_care_yaml_can_be_connected_before_any_secret_exists(parts, tmp_path):
    path = tmp_path / "care.yaml"
    path.write_text(
        yaml.safe_dump(
            yaml.safe_load((ROOT / "care.yaml").read_text("utf-8")) | {"handles": every_handle()}
        ),
        "utf-8",
    )
    policy = publish.proposed(path, OUTPUTS["EndpointURL"])
    assert {one.channel for one in policy.handles} >= {Channel.X, Channel.SMS, Channel.MASTODON}
    said = "\n".join(channels.connect(policy, with_secrets(parts), ""))
    for handle in policy.handles:
        assert f"{handle.id} ({handle.channel.value}, {handle.name})\n  1. " in said


@pytest.mark.parametrize("channel", list(Channel))
@pytest.mark.parametrize("provider", ["", "twilio"])
def test_every_guide_says_where_its_secret_goes_and_where_the_platform_calls(
    parts, channel, provider
):
    settings = {"provider": provider} if provider else {}
    handle = replace(PAGE, id="acme-here", channel=channel, settings=settings)
    try:
        room = room_of(handle)
    except LookupError:
        assert provider  # without one every channel is served
        return
    policy = replace(POLICY, handles=(handle,))
    said = "\n".join(channels.connect(policy, with_secrets(parts), handle.id))
    assert room.secret_name(handle) in said
    pushed = room.polls(handle) == 0 and channel is not Channel.EMAIL  # SES tells the stack itself
    assert ("https://care.example.com/hearback/webhooks/" in said) == pushed


def test_one_handle_is_shown_alone_with_numbered_steps(parts):
    lines = list(channels.connect(POLICY, with_secrets(parts), "acme-social"))
    assert lines[0] == "acme-social (mastodon, @acme)"
    assert [line[:5] for line in lines[1:3]] == ["  1. ", "  2. "]
    assert lines[-1] == ""
    assert "acme-page" not in "\n".join(lines)


def test_the_verify_token_that_is_stored_is_shown_and_the_keys_are_not(parts):
    secret = '{"verify_token": "the-token", "app_secrets": ["the-key"], "tokens": {"1": "the-1"}}'
    said = "\n".join(channels.connect(POLICY, with_secrets(parts, meta=secret), "acme-page"))
    assert "the-token" in said
    assert "the-key" not in said
    assert "the-1" not in said


@pytest.mark.parametrize("text", ["", "[]", "no JSON"])
def test_a_secret_that_is_no_object_does_not_keep_from_connecting(parts, text):
    assert list(channels.connect(POLICY, with_secrets(parts, meta=text), "acme-page"))


def test_a_handle_that_is_not_there_is_refused_with_those_that_are(parts):
    for ask in (
        lambda: list(channels.connect(POLICY, parts, "nobody")),
        lambda: channels.probe(parts, "nobody"),
        lambda: channels.backfill(parts, "nobody", 1),
    ):
        with pytest.raises(channels.HandleError, match=r"no handle nobody.*acme-page, acme-social"):
            ask()


def test_the_list_has_a_line_for_each_handle(parts):
    assert list(channels.handles(parts)) == [
        "acme-page                facebook_page  unknown  ",
        "acme-social              mastodon       unknown   $0.00 of $2.00",
    ]


def test_the_list_says_what_is_wrong_since_when_and_what_it_cost(parts):
    ends = parts.now() + timedelta(days=3)
    parts.network.health = {
        "acme-page": Health(HealthState.BROKEN, "the token ran out", expires_at=ends)
    }
    for hours in range(1, 2 * 7 * 24):
        parts.habits.add("acme-page", parts.now() - timedelta(hours=hours), 10)
    parts.now.advance(hours=2)
    list(watch.watch(parts))
    parts.network.looks = [PollError("token", lasting=True)]
    poll.look(parts, next(poll.due(parts)))
    parts.budgets.spend("acme-page", "2026-11", 1_239_999, None)
    page, problem, social, look = channels.handles(parts)
    assert " broken    asked 2026-11-02 11:00 silent since 2026-11-02 " in page
    assert page.endswith(" key until 2026-11-05 $1.24")
    assert problem == "  the token ran out"
    assert social.endswith("$0.00 of $2.00")
    assert look == "  the last look failed: token"


@pytest.mark.parametrize(
    ("health", "line", "well"),
    [
        (Health(HealthState.WELL), "acme-page is well", True),
        (Health(HealthState.REPAIRED, "it was off"), "acme-page is repaired: it was off", True),
        (Health(HealthState.BROKEN, "no token"), "acme-page is broken: no token", False),
        (Health(HealthState.UNKNOWN, "no answer"), "acme-page is unknown: no answer", False),
    ],
)
def test_a_probe_says_how_it_is_and_whether_that_is_well(parts, health, line, well):
    parts.network.health = {"acme-page": health}
    assert channels.probe(parts, "acme-page") == (line, well)


def test_a_backfill_asks_for_the_last_hours_and_queues_every_page(parts):
    events = [message_event(parts, number, f"text {number}") for number in range(3)]
    parts.network.back = {"acme-page": [events[:2], events[2:]]}
    assert channels.backfill(parts, "acme-page", 6) == 3
    now = parts.now()
    assert parts.network.missed == [Missed(PAGE, now - timedelta(hours=6), now)]
    assert len(parts.inbox.take()) == 3


def test_a_backfill_that_breaks_off_says_so_and_how_far_it_came(parts):
    def fetch_back(_):
        yield [message_event(parts, 1, "text")]
        raise PollError("token", lasting=True)

    parts.network.fetch_back = fetch_back
    with pytest.raises(channels.BackfillError, match=r"acme-page .*\(token\); 1 events are queued"):
        channels.backfill(parts, "acme-page", 6)
    assert len(parts.inbox.take()) == 1


def test_a_backfill_that_the_queue_does_not_take_says_so(parts):
    parts.network.back = {"acme-page": [[message_event(parts, 1, "text")]]}
    parts.inbox.send_many = lambda letters: letters
    with pytest.raises(channels.BackfillError, match="0 events are queued"):
        channels.backfill(parts, "acme-page", 6)


class FakeTable:
    """The table's rows of policies."""

    def __init__(self):
        self.rows = {}

    def get(self, pk, sk):
        held = self.rows.get((pk, sk))
        return None if held is None else Row(pk, sk, body=held[0], rev=held[1])

    def write(self, write):
        place = (write.values["pk"], write.values["sk"])
        if write.refusal is Refusal.PRESENT and place in self.rows:
            raise WritesRefusedError([Refused(write, self.get(*place))])
        self.rows[place] = (write.values["body"], write.values.get("rev"))


@pytest.fixture
def table(monkeypatch):
    made = FakeTable()
    monkeypatch.setattr(publish, "table", lambda cloud, name: made)
    return made


ANN = "arn:aws:iam::000000000000:user/ann"
CLOUD = SimpleNamespace(
    region="eu-central-1",
    endpoint=None,
    sts=SimpleNamespace(get_caller_identity=lambda: {"Arn": ANN}),
)


def test_the_stack_s_own_address_is_used_where_the_file_names_none(care):
    path = care()
    found = publish.proposed(path, "https://stack.example.com/hearback/")
    assert found.public_url == "https://stack.example.com/hearback"
    assert found.version == configuration.version(found) != configuration.load(path).version


def test_the_address_of_the_file_wins(care):
    path = care(public_url="https://care.example.com")
    found = publish.proposed(path, "https://stack.example.com/hearback/")
    assert found.public_url == "https://care.example.com"
    assert found == configuration.load(path)


def test_a_care_yaml_that_is_not_well_is_not_proposed(care):
    with pytest.raises(ConfigurationError):
        publish.proposed(care(brand=1), "https://stack.example.com")


def test_before_the_first_policy_there_is_none(table):
    assert publish.current(CLOUD, "table") is None


def test_what_is_published_is_in_force_with_its_address_and_again_changes_nothing(table, care):
    path = care()
    published = publish.publish(CLOUD, OUTPUTS, path)
    assert published.public_url == "https://stack.example.com/hearback"
    assert publish.current(CLOUD, "table") == published
    rows = dict(table.rows)
    assert publish.publish(CLOUD, OUTPUTS, path) == published
    assert table.rows == rows


def test_a_stage_behind_another_address_publishes_that_one(table, care):
    published = publish.publish(CLOUD, OUTPUTS, care(), "http://127.0.0.1:8000/")
    assert published.public_url == "http://127.0.0.1:8000"


def test_an_earlier_policy_stays_for_the_cases_that_follow_it(table, care):
    first = publish.publish(CLOUD, OUTPUTS, care())
    second = publish.publish(CLOUD, OUTPUTS, care(brand="Other"))
    assert publish.current(CLOUD, "table") == second
    kept = publish.Policies(table, utc_now)
    assert kept.get(first.version) == first


def test_who_published_what_is_listed_and_going_back_is_one_command(table, care):
    first = publish.publish(CLOUD, OUTPUTS, care())
    second = publish.publish(CLOUD, OUTPUTS, care(brand="Other"), because="a new name")
    assert publish.rollback(CLOUD, "table") == first
    assert publish.current(CLOUD, "table") == first
    told = [(one.version, one.by, one.because) for one in publish.history(CLOUD, "table")]
    assert told == [
        (first.version, "user/ann", "rollback"),
        (second.version, "user/ann", "a new name"),
        (first.version, "user/ann", ""),
    ]
    assert publish.rollback(CLOUD, "table", second.version) == second


def test_nothing_is_gone_back_to_where_there_is_nothing(table, care):
    with pytest.raises(publish.PublishError, match="no earlier policy"):
        publish.rollback(CLOUD, "table")
    publish.publish(CLOUD, OUTPUTS, care())
    with pytest.raises(publish.PublishError, match="no earlier policy"):
        publish.rollback(CLOUD, "table")
    with pytest.raises(publish.PublishError, match="no policy of version nope"):
        publish.rollback(CLOUD, "table", "nope")


@pytest.fixture
def run(monkeypatch, parts, table, capsys):
    """Return what runs a command against the fakes: its exit code, output and error output."""
    monkeypatch.setattr(commands, "from_environment", lambda: CLOUD)
    monkeypatch.setattr(commands.cloudformation, "outputs", lambda cloud, stack: OUTPUTS)
    monkeypatch.setattr(commands.operations, "environment", lambda cloud, outputs: {})
    monkeypatch.setattr(commands.operations, "parts", lambda: parts)

    def command(*words):
        code = commands.main(["--stage", "prod", *map(str, words)])
        said = capsys.readouterr()
        return code, said.out, said.err

    return command


def test_the_plan_of_the_first_policy_says_so_and_publishes_nothing(run, table, care):
    code, out, _ = run("plan", "--care", care())
    assert (code, table.rows) == (0, {})
    assert out.startswith("This is the first policy: ")


def test_the_plan_says_what_would_change_and_then_that_nothing_would(run, table, care):
    run("publish", "--care", care())
    rows = dict(table.rows)
    _, out, _ = run("plan", "--care", care())
    assert out.splitlines()[0] == "Nothing would change."
    more = [*CARE["handles"], CARE["handles"][0] | {"id": "talk", "channel": "messenger"}]
    code, out, _ = run("plan", "--care", care(handles=more))
    assert (code, out.splitlines()[0]) == (0, "+ handle talk")
    assert table.rows == rows


def test_the_plan_of_a_file_that_is_not_well_says_why(run, care):
    code, out, err = run("plan", "--care", care(brand=1))
    assert (code, out) == (1, "")
    assert err.startswith("care.yaml cannot be used:")


def test_connecting_needs_neither_a_published_policy_nor_a_secret(run, parts, care):
    with_secrets(parts)
    parts.policies = None  # must not be asked
    code, out, _ = run("connect", "--care", care())
    assert code == 0
    assert "https://stack.example.com/hearback/webhooks/meta" in out
    assert run("connect", "page", "--care", care())[:2] == (0, out)


def test_connecting_a_handle_that_is_not_there_is_an_error_in_words(run, care):
    code, _, err = run("connect", "nobody", "--care", care())
    assert (code, err) == (1, "There is no handle nobody. There are: page\n")


def test_the_handles_are_listed(run):
    code, out, _ = run("handles")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == ["acme-page", "acme-social"]


def test_a_probe_that_finds_it_broken_ends_with_an_error(run, parts):
    parts.network.health = {"acme-page": Health(HealthState.BROKEN, "no token")}
    assert run("probe", "acme-page") == (1, "", "acme-page is broken: no token\n")
    assert run("probe", "acme-social")[:2] == (0, "acme-social is well\n")


def test_a_backfill_counts_what_it_queued_of_a_day_if_not_said_otherwise(run, parts):
    parts.network.back = {"acme-page": [[message_event(parts, 1, "text")]]}
    code, out, _ = run("backfill", "acme-page")
    assert code == 0
    assert out.startswith("1 events are queued")
    run("backfill", "acme-page", "--hours", "1.5")
    spans = [missed.until - missed.since for missed in parts.network.missed]
    assert spans == [timedelta(hours=24), timedelta(hours=1.5)]


def test_a_backfill_that_fails_ends_with_an_error(run, parts):
    def fetch_back(_):
        raise PollError("token", lasting=True)

    parts.network.fetch_back = fetch_back
    code, out, err = run("backfill", "acme-page")
    assert (code, out) == (1, "")
    assert "(token)" in err


@pytest.mark.parametrize("hours", ["0", "-1", "nan", "inf", "745", "a day"])
def test_hours_that_are_none_are_refused(run, capsys, hours):
    with pytest.raises(SystemExit):
        run("backfill", "acme-page", f"--hours={hours}")
    assert "is not between 0 and 744 hours" in capsys.readouterr().err
