"""A process asks for the policy now and then, and keeps what it has while the table is busy."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from chalicelib.domain.policy import Policy
from chalicelib.domain.publication import Publication
from chalicelib.store.codec import encode
from chalicelib.store.policies import FRESH, Policies
from chalicelib.store.rows import Row
from chalicelib.store.table import Refused, WritesRefusedError
from chalicelib.workflows.ports import BusyError, StaleError
from tests.contract.store_engines import NOON


@dataclass
class Asked:
    """A table that counts what it is asked for."""

    current: str = "1"
    busy: bool = False
    now = NOON
    asked: list[str] = field(default_factory=list)

    def get(self, pk, sk):
        self.asked.append(sk)
        if self.busy:
            raise BusyError
        if sk == "CURRENT":
            return Row(pk, sk, body=encode((Publication(self.current, NOON),)), rev=1)
        return Row(pk, sk, body=encode(Policy(sk.removeprefix("VERSION#"))))

    def write(self, write):
        raise WritesRefusedError([Refused(write, None)])


@pytest.fixture
def table():
    return Asked()


@pytest.fixture
def policies(table):
    return Policies(table, lambda: table.now)


def test_the_current_version_is_asked_for_every_half_minute_and_each_version_once(table, policies):
    for _ in range(3):
        assert policies.current() == Policy("1")
    assert table.asked == ["CURRENT", "VERSION#1"]
    table.now += FRESH
    assert policies.current() == policies.get("1") == Policy("1")
    assert table.asked == ["CURRENT", "VERSION#1", "CURRENT"]


def test_a_new_version_is_seen_within_half_a_minute(table, policies):
    policies.current()
    table.current = "2"
    table.now += FRESH - timedelta(milliseconds=1)
    assert policies.current() == Policy("1")
    table.now += timedelta(milliseconds=1)
    assert policies.current() == Policy("2")


def test_a_busy_table_does_not_stop_who_knows_a_version(table, policies):
    policies.current()
    table.busy = True
    table.now += FRESH
    assert policies.current() == Policy("1")


def test_a_busy_table_stops_who_knows_none(table, policies):
    table.busy = True
    with pytest.raises(BusyError):
        policies.current()


def test_of_two_who_publish_at_once_one_is_told_to_look_again(policies):
    with pytest.raises(StaleError):
        policies.make_current("2")
    assert policies.current() == Policy("1")
