"""Codes for invitations: long, plain, and never the same."""

from chalicelib.domain.invitation import CODE_LENGTH, LETTERS
from chalicelib.gateways.chance import new_code


def test_a_code_is_long_plain_and_new_each_time():
    made = [new_code() for _ in range(200)]
    assert len(set(made)) == len(made)
    assert {len(code) for code in made} == {CODE_LENGTH}
    assert set("".join(made)) <= set(LETTERS)
