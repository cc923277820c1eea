"""Passwords that the pool takes; an environment that is lent is given back."""

import os

import pytest

from infra import people
from infra.cloud import from_environment, lent_environment


def test_every_password_has_what_the_pool_wants():
    """Chance decides, so many are tried."""
    for made in (people.password() for _ in range(200)):
        assert len(made) == people.LENGTH
        assert any(letter.islower() for letter in made)
        assert any(letter.isupper() for letter in made)
        assert any(letter.isdigit() for letter in made)


def test_passwords_differ():
    assert people.password() != people.password()


@pytest.mark.parametrize("name", ["AWS_REGION", "AWS_DEFAULT_REGION"])
def test_the_region_may_be_told_by_either_name(monkeypatch, name):
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.setenv(name, "eu-north-1")
    assert from_environment().region == "eu-north-1"


def test_a_lent_environment_is_given_back(monkeypatch):
    monkeypatch.setenv("HEARBACK_STAGE", "before")
    monkeypatch.delenv("HEARBACK_TABLE", raising=False)
    with lent_environment({"HEARBACK_STAGE": "lent", "HEARBACK_TABLE": "t"}):
        assert (os.environ["HEARBACK_STAGE"], os.environ["HEARBACK_TABLE"]) == ("lent", "t")
    assert os.environ["HEARBACK_STAGE"] == "before"
    assert "HEARBACK_TABLE" not in os.environ
