"""Secrets: read once, refreshed after five minutes, and what is known outlives an outage."""

import json

import pytest
from botocore.exceptions import ClientError

from chalicelib.gateways.secrets import (
    FRESH_SECONDS,
    RETRY_SECONDS,
    NoSecretError,
    Secrets,
    SecretShapeError,
)
from tests.unit.gateways.clients import stubbed


class FakeVault:
    """Secrets Manager: counts reads; fails while `down`."""

    def __init__(self, **held):
        self.held, self.reads, self.down = held, 0, ""

    def get_secret_value(self, *, SecretId):
        self.reads += 1
        code = self.down or ("" if SecretId in self.held else "ResourceNotFoundException")
        if code:
            raise ClientError({"Error": {"Code": code, "Message": "no"}}, "GetSecretValue")
        return {"SecretString": self.held[SecretId]}


class Watch:
    """A clock in seconds."""

    seconds = 1000.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def vault():
    return FakeVault(**{"hearback/test/meta": json.dumps({"app_secrets": ["one"]})})


@pytest.fixture
def watch():
    return Watch()


@pytest.fixture
def secrets(vault, watch):
    return Secrets(vault, "hearback/test", watch)


def test_a_secret_is_read_once(secrets, vault, watch):
    for _ in range(3):
        assert secrets.get("meta") == {"app_secrets": ["one"]}
        watch.seconds += FRESH_SECONDS / 4
    assert vault.reads == 1


def test_a_rotated_secret_arrives_after_five_minutes(secrets, vault, watch):
    secrets.get("meta")
    vault.held["hearback/test/meta"] = json.dumps({"app_secrets": ["two", "one"]})
    watch.seconds += FRESH_SECONDS
    assert secrets.get("meta") == {"app_secrets": ["two", "one"]}


def test_in_an_outage_the_last_value_stays_in_use_and_is_not_asked_for_each_time(
    secrets, vault, watch
):
    secrets.get("meta")
    vault.down = "InternalServiceError"
    watch.seconds += FRESH_SECONDS
    for _ in range(3):
        assert secrets.get("meta") == {"app_secrets": ["one"]}
    assert vault.reads == 2
    vault.down = ""
    watch.seconds += RETRY_SECONDS
    secrets.get("meta")
    assert vault.reads == 3


def test_a_secret_never_read_raises_what_the_outage_raised(secrets, vault):
    vault.down = "AccessDeniedException"
    with pytest.raises(ClientError):
        secrets.get("meta")


def test_a_secret_that_is_not_there_is_said_so(secrets):
    with pytest.raises(NoSecretError):
        secrets.get("nothing")


@pytest.mark.parametrize("text", ["not json hunter2", '["hunter2"]', '"hunter2"', ""])
def test_a_secret_of_another_shape_is_refused_without_quoting_it(secrets, vault, text):
    vault.held["hearback/test/odd"] = text
    with pytest.raises(SecretShapeError) as caught:
        secrets.get("odd")
    chain = [caught.value, caught.value.__cause__, caught.value.__context__]
    assert "hunter2" not in str(chain)


def test_botocore_takes_the_call():
    client, stubber = stubbed("secretsmanager")
    stubber.add_response(
        "get_secret_value", {"SecretString": "{}"}, {"SecretId": "hearback/test/meta"}
    )
    assert Secrets(client, "hearback/test").get("meta") == {}
