"""Signing in at the local user pool, and what the API says to each role and to nobody."""

import re

import pytest
from botocore.exceptions import ClientError

from infra.local.day import cast
from infra.local.day.desk import Desk
from infra.local.guide import SHOWN, guide

AGENT = cast.AGENTS[0]


@pytest.mark.parametrize("username", [AGENT, cast.LEAD, cast.ADMIN])
def test_everybody_with_a_login_is_known(house, username):
    answer = house.desk(username).get("/api/me")
    assert answer.status == 200
    assert answer.body["id"] == username
    assert answer.body["teams"] == [cast.TEAM]


@pytest.mark.parametrize(
    ("username", "status"), [(AGENT, 403), (cast.LEAD, 200), (cast.ADMIN, 200)]
)
def test_only_leads_and_admins_see_who_works(house, username, status):
    assert house.desk(username).get("/api/agents").status == status


@pytest.mark.parametrize(
    "path", ["/api/me", "/api/cases", "/api/agents", "/api/handles", "/api/stuck"]
)
@pytest.mark.parametrize("token", ["", "nonsense", "Bearer nonsense"])
def test_nobody_is_refused(house, path, token):
    assert Desk(house.stack.api_url, token).get(path).status in (401, 403)


def test_a_token_of_another_pool_is_refused(house):
    token = house.stack.id_token(AGENT)
    head, body, signature = token.split(".")
    forged = f"{head}.{body}.{signature[::-1]}"
    assert Desk(house.stack.api_url, forged).get("/api/me").status in (401, 403)


def test_the_wrong_password_is_refused(house):
    with pytest.raises(ClientError):
        house.stack.cloud.cognito.initiate_auth(
            ClientId=house.stack.outputs["UserPoolClientId"],
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": AGENT, "PASSWORD": "Wrong-password-1"},
        )


def test_the_api_describes_itself_to_anybody(house):
    answer = house.desk().get("/api/openapi.json")
    assert answer.status == 200
    assert "/api/cases" in answer.body["paths"]


def test_an_agent_sees_no_other_team(house):
    assert house.desk(AGENT).get("/api/cases?team=archive").status == 403
    assert house.desk(cast.ADMIN).get("/api/cases?team=archive").status == 200


def test_what_the_guide_says_to_try_works(house):
    text = guide(house.stack)
    token = re.search(r"TOKEN=(\S+)", text)[1]
    paths = re.findall(r"curl .*\$API(/api/[^\s\"]+)", text)
    assert len(paths) >= 4
    for path in paths:
        assert Desk(house.stack.api_url, token).get(path).status == 200
    for person in house.stack.people:
        if person.username in SHOWN:
            assert person.password in text
