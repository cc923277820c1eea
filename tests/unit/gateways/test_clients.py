"""Clients: one of each service a process, with time-outs, made when asked for."""

import pytest

from chalicelib.gateways import clients
from chalicelib.gateways.clients import (
    ATTEMPTS,
    CONNECT_SECONDS,
    READ_SECONDS,
    USER_AGENT,
    client,
    error_code,
)


@pytest.fixture(autouse=True)
def _region(monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    clients.client.cache_clear()
    clients._session.cache_clear()
    yield
    clients.client.cache_clear()
    clients._session.cache_clear()


def test_a_client_is_made_once_and_gives_up_in_time():
    made = client("sqs")
    assert client("sqs") is made
    assert made.meta.config.connect_timeout == CONNECT_SECONDS
    assert made.meta.config.read_timeout == READ_SECONDS
    assert made.meta.config.retries["total_max_attempts"] == ATTEMPTS
    assert made.meta.config.parameter_validation is True


def test_a_client_may_wait_longer_for_an_answer_and_is_one_of_its_own():
    patient = client("sesv2", attempts=1, read_seconds=20.0)
    assert patient.meta.config.read_timeout == 20.0
    assert patient.meta.config.connect_timeout == CONNECT_SECONDS
    assert patient.meta.config.retries["total_max_attempts"] == 1
    assert client("sesv2", attempts=1).meta.config.read_timeout == READ_SECONDS


def test_every_request_bears_the_fixed_name(monkeypatch):
    """botocore's own is put together anew for each request, a tenth of its CPU."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    sent = []

    def answer(request, **_):
        sent.append(request.headers["User-Agent"])
        raise ConnectionError

    made = client("sqs")
    made.meta.events.register_first("before-send", answer)
    with pytest.raises(ConnectionError):
        made.list_queues()
    # Powertools, once imported, adds a word of its own behind ours.
    assert [agent.split()[0] for agent in sent] == [USER_AGENT.encode()]


def test_all_tries_together_end_before_api_gateway_gives_up():
    assert ATTEMPTS * (CONNECT_SECONDS + READ_SECONDS) < 29


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (ValueError("x"), ""),
        (
            type("E", (Exception,), {"response": {"Error": {"Code": "aws#Throttling"}}})(),
            "Throttling",
        ),
        (type("E", (Exception,), {"response": None})(), ""),
        (type("E", (Exception,), {"response": {}})(), ""),
    ],
)
def test_the_services_own_word_is_found(error, word):
    assert error_code(error) == word
