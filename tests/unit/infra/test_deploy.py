"""Deploying: polite without an account, shows before it asks, changes nothing without a yes."""

from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError, NoCredentialsError

from infra import cloudformation, deploy, package, publish
from infra.cloudformation import Change, ChangeSet
from infra.errors import DeployError

OWNER = "111122223333"


def refused(code):
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "HeadBucket")


class FakeBuckets:
    """S3 with or without our bucket."""

    def __init__(self, refusal=None):
        self.refusal = refusal
        self.calls = []

    def head_bucket(self, **arguments):
        self.asked = arguments
        if self.refusal:
            raise self.refusal

    def __getattr__(self, name):
        return lambda **arguments: self.calls.append((name, arguments))


class FakeIdentity:
    def __init__(self, error=None):
        self.error = error

    def get_caller_identity(self):
        if self.error:
            raise self.error
        return {"Account": OWNER}


def cloud(region="eu-central-1", identity=None, buckets=None):
    return SimpleNamespace(
        region=region, sts=identity or FakeIdentity(), s3=buckets or FakeBuckets(), endpoint=None
    )


def test_without_credentials_it_says_what_to_do():
    with pytest.raises(DeployError, match="Nothing was changed") as raised:
        deploy.account(cloud(identity=FakeIdentity(NoCredentialsError())))
    assert "aws configure sso" in str(raised.value)


def test_with_expired_credentials_too():
    with pytest.raises(DeployError, match="Nothing was changed"):
        deploy.account(cloud(identity=FakeIdentity(refused("ExpiredToken"))))


def test_without_a_region_it_asks_nobody():
    with pytest.raises(DeployError, match="No AWS region"):
        deploy.account(cloud(region="", identity=FakeIdentity(AssertionError("asked"))))


def test_the_bucket_is_used_when_it_is_ours():
    buckets = FakeBuckets()
    found = deploy.ensure_bucket(cloud(buckets=buckets), OWNER)
    assert found == f"hearback-artifacts-{OWNER}-eu-central-1"
    assert buckets.asked["ExpectedBucketOwner"] == OWNER
    assert buckets.calls == []


def test_a_new_bucket_is_private_and_encrypted():
    buckets = FakeBuckets(refused("404"))
    deploy.ensure_bucket(cloud(buckets=buckets), OWNER)
    made = dict(buckets.calls)
    place = made["create_bucket"]["CreateBucketConfiguration"]
    assert place == {"LocationConstraint": "eu-central-1"}
    assert set(made["put_public_access_block"]["PublicAccessBlockConfiguration"].values()) == {True}
    assert "put_bucket_encryption" in made


def test_the_first_region_must_not_be_named():
    buckets = FakeBuckets(refused("404"))
    deploy.ensure_bucket(cloud(region="us-east-1", buckets=buckets), OWNER)
    assert "CreateBucketConfiguration" not in dict(buckets.calls)["create_bucket"]


def test_somebody_elses_bucket_is_not_used():
    """Its owner could change the code between upload and deployment."""
    buckets = FakeBuckets(refused("403"))
    with pytest.raises(DeployError, match="not this account's"):
        deploy.ensure_bucket(cloud(buckets=buckets), OWNER)
    assert buckets.calls == []


def test_what_is_lost_is_shown_first():
    proposed = ChangeSet(
        "hearback-dev",
        "arn",
        creates=False,
        changes=(
            Change("Add", "New", "AWS::SQS::Queue", ""),
            Change("Modify", "Inbox", "AWS::Lambda::Function", "False"),
            Change("Modify", "Table", "AWS::DynamoDB::Table", "True"),
            Change("Remove", "Old", "AWS::SQS::Queue", ""),
        ),
    )
    title, *lines = deploy.show(proposed)
    assert title == "hearback-dev: this changes 4 resources"
    assert [line.split()[1] for line in lines] == ["Table", "Old", "Inbox", "New"]
    assert "REPLACED" in lines[0]


@pytest.fixture
def steps(monkeypatch):
    """A deployment whose every step is noted instead of done."""
    done = []
    change = ChangeSet("hearback-dev", "arn", creates=True, changes=(Change("Add", "T", "K", ""),))
    note = lambda name, answer=None: lambda *_, **__: done.append(name) or answer
    monkeypatch.setattr(package, "package", note("package", "packaged"))
    monkeypatch.setattr(cloudformation, "upload", note("upload", "url"))
    monkeypatch.setattr(cloudformation, "propose", note("propose", change))
    monkeypatch.setattr(cloudformation, "carry_out", note("carry out"))
    monkeypatch.setattr(cloudformation, "discard", note("discard"))
    monkeypatch.setattr(cloudformation, "outputs", note("outputs", {"TableName": "t"}))
    monkeypatch.setattr(publish, "publish", note("publish", SimpleNamespace(version="v")))
    return done


def test_a_no_changes_nothing(steps, monkeypatch, tmp_path):
    monkeypatch.setattr("builtins.input", lambda prompt: "no")
    with pytest.raises(DeployError, match=r"Nothing was changed\."):
        deploy.deploy(cloud(), "dev", tmp_path, {}, yes=False)
    assert steps == ["package", "upload", "propose", "discard"]


@pytest.mark.parametrize("yes", [True, False])
def test_a_yes_carries_it_out_and_publishes(steps, monkeypatch, tmp_path, yes, capsys):
    monkeypatch.setattr("builtins.input", lambda prompt: "yes")
    assert deploy.deploy(cloud(), "dev", tmp_path, {}, yes=yes) == {"TableName": "t"}
    assert steps == ["package", "upload", "propose", "carry out", "outputs", "publish"]
    assert "Add     T" in capsys.readouterr().out


def test_nobody_to_ask_is_a_no(steps, monkeypatch, tmp_path):
    """In a pipeline without --yes nothing happens."""

    def closed(prompt):
        raise EOFError

    monkeypatch.setattr("builtins.input", closed)
    with pytest.raises(DeployError, match="Nothing was changed"):
        deploy.deploy(cloud(), "dev", tmp_path, {}, yes=False)
    assert "carry out" not in steps


def test_the_policy_is_published_also_when_nothing_else_changes(steps, monkeypatch, tmp_path):
    monkeypatch.setattr(cloudformation, "propose", lambda *_, **__: None)
    deploy.deploy(cloud(), "dev", tmp_path, {}, yes=False)
    assert steps[-2:] == ["outputs", "publish"]


def test_the_command_line_refuses_politely(monkeypatch, capsys):
    monkeypatch.setattr(deploy, "from_environment", lambda: cloud(region=""))
    assert deploy.main(["--stage", "dev"]) == 1
    assert "No AWS region" in capsys.readouterr().err
