"""Least privilege, read from the template that ships.

That each role allows exactly what its door calls is shown by
tests/integration/test_permissions_observed.py; this is about every role, the machine's too.
"""

import json
from pathlib import Path

import cfnlint
import pytest

from infra import package
from tests.contract.permissions import STAR, allowed, but_topics, listed, part, statements

ANY_RESOURCE = {
    "dynamodb:ListStreams": "the service authorization reference knows no resource for it",
    "ses:GetAccount": "same",
    "sns:Publish": "an SMS straight to a telephone has no resource: anything but a topic",
    "logs:CreateLogDelivery": "Step Functions sets up its own log delivery: no resource either",
    "logs:GetLogDelivery": "same",
    "logs:UpdateLogDelivery": "same",
    "logs:DeleteLogDelivery": "same",
    "logs:ListLogDeliveries": "same",
    "logs:PutResourcePolicy": "same",
    "logs:DescribeResourcePolicies": "same",
    "logs:DescribeLogGroups": "same",
}
"""The actions that may stand beside the resource `*`, each with its reason."""

POLICIES = "data/AdditionalSpecs/Policies.json"

WHOLE_KINDS = {
    "Quarantine/body/*": "each body that is kept has a key of its own",
    "Quarantine/large/*": "each event that is too long for the queue has a key of its own",
    "Quarantine/event/*": "each event that is set aside has a key of its own",
    "Quarantine/hook/*": "each event that no endpoint took has a key of its own",
    "Mails/mail/*": "each mail has a key of its own",
    "Media/media/*": "each file has a key of its own",
    "Media/upload/*": "each upload has a key of its own",
    "Sending/identity/*": "addresses come and go with care.yaml, without a deployment",
    "Sending/phone-number/*": "numbers too; another account may share its own",
    "Sending/configuration-set/*": "those of texts are made in the console and named in care.yaml",
    "Secrets/*": "handles, and so their secrets, come and go with care.yaml, without a deployment",
}
"""The resources that may end in `*`, each with its reason."""


@pytest.fixture(scope="module")
def resources(tmp_path_factory):
    return package.template("prod", tmp_path_factory.mktemp("template") / "prod")["Resources"]


@pytest.fixture(scope="module")
def roles(resources):
    return {name: one for name, one in resources.items() if one["Type"] == "AWS::IAM::Role"}


def functions(resources):
    return [name for name, one in resources.items() if one["Type"] == "AWS::Serverless::Function"]


def test_every_function_has_a_role_of_its_own(resources):
    """And nobody else's service may put it on."""
    for name in functions(resources):
        assert resources[name]["Properties"]["Role"] == {"Fn::GetAtt": [f"{name}Role", "Arn"]}
        assert "Policies" not in resources[name]["Properties"], name
        trust = resources[f"{name}Role"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        assert [one["Principal"] for one in trust] == [{"Service": "lambda.amazonaws.com"}]


def test_there_is_no_role_that_nobody_wears(resources, roles):
    machines = {"CareRole", "LadderRole"}
    assert set(roles) == {f"{name}Role" for name in functions(resources)} | machines


def test_no_role_has_a_policy_of_somebody_else(roles):
    """Only what stands in the template: no managed policy, which others change."""
    for name, role in roles.items():
        assert set(role["Properties"]) == {"AssumeRolePolicyDocument", "Policies"}, name


def test_no_action_is_a_pattern(roles):
    for name, role in roles.items():
        for statement in statements(role["Properties"]):
            assert statement["Effect"] == "Allow"
            known = {"Sid", "Effect", "Action", "Resource", "Condition"}
            assert set(statement) <= known or but_topics(statement), name
            assert not [action for action in listed(statement["Action"]) if "*" in action], name


def test_any_resource_only_where_aws_knows_no_other(roles, resources):
    found = {action for name in roles for action, on in allowed(resources, name) if on == STAR}
    assert found == set(ANY_RESOURCE)


def test_a_resource_ends_in_a_star_only_for_a_reason(roles, resources):
    found = {on for name in roles for _, on in allowed(resources, name) if "*" in on and on != STAR}
    assert found == set(WHOLE_KINDS)


def test_every_other_resource_is_a_part_of_this_template(roles, resources):
    """So no role reaches into what else the account holds."""
    for name in roles:
        for _, on in allowed(resources, name):
            assert on.partition("/")[0] in {*resources, "Secrets", "Sending", STAR}, (name, on)


def test_only_the_stream_starts_machines(roles, resources):
    """One path starts: any other role that could would be a second one."""
    action = "states:StartExecution"
    may = {name for name in roles if action in {one for one, _ in allowed(resources, name)}}
    assert may == {"StreamRole"}


def test_only_pages_go_straight_to_a_telephone(roles, resources):
    """A telephone has no ARN, so the right is on anything but a topic.

    Answers to pages leave by the handle at which people answered.
    """
    may = {name for name in roles if ("sns:Publish", STAR) in allowed(resources, name)}
    assert may == {"ClimbRole"}
    for name in may:
        for statement in statements(resources[name]["Properties"]):
            loose = "sns:Publish" in listed(statement["Action"]) and "Resource" not in statement
            assert not loose or but_topics(statement)


def test_nothing_is_ever_deleted(roles, resources):
    """No door may delete a row, a body or a table: what a customer wrote stays."""
    may = {action for name in roles for action, _ in allowed(resources, name)}
    deletes = {action for action in may if "Delete" in action}
    assert deletes == {"sqs:DeleteMessage", "logs:DeleteLogDelivery"}


def test_secrets_are_read_by_those_who_verify_and_those_who_send(roles, resources):
    may = {name for name in roles if ("secretsmanager:GetSecretValue", "Secrets/*") in
           allowed(resources, name)}  # fmt: skip
    assert may == {
        f"{name}Role"
        for name in (
            *("APIHandler", "Climb", "Files", "Hooks", "Inbox", "Notices", "Outbox", "Poll"),
            "Watch",
        )
    }


def test_only_the_outbox_and_the_pages_send_mails_and_texts(roles, resources):
    """Money and the brand's name: nothing else may write to anybody. The inbox answers answers."""
    sends = {
        (name, action, on)
        for name in roles
        for action, on in allowed(resources, name)
        if action.partition(":")[0] in ("ses", "sms-voice") and ":Send" in action
    }
    ours = "Sending/configuration-set/hearback-${Stage}"
    mails = {
        (name, action, on)
        for name in ("OutboxRole", "ClimbRole")
        for action in ("ses:SendEmail", "ses:SendRawEmail")
        for on in ("Sending/identity/*", ours)
    }
    texts = {
        (name, "sms-voice:SendTextMessage", on)
        for name in ("OutboxRole", "ClimbRole", "InboxRole")
        for on in ("Sending/phone-number/*", "Sending/configuration-set/*")
    }
    assert sends == mails | texts


def test_every_action_exists_and_takes_the_kind_of_resource_that_it_is_given(roles, resources):
    """By the service authorization reference, as cfn-lint keeps it: a wrong pair allows nothing."""
    known = json.loads((Path(cfnlint.__file__).parent / POLICIES).read_text("utf-8"))
    for name in roles:
        for action, on in allowed(resources, name):
            service, _, verb = action.partition(":")
            asked = known[service]["Actions"][verb.lower()]
            kinds = {one.replace("-", "").lower() for one in asked.get("Resources", [])}
            if on.startswith("Sending/"):
                assert on.split("/")[1].replace("-", "") in kinds, (name, action, on)
            assert (on == STAR) <= (not kinds or action in ANY_RESOURCE), (name, action)


@pytest.mark.parametrize("machine", ["Care", "Ladder"])
def test_a_machine_calls_its_own_steps_and_nothing_else(resources, machine):
    role = allowed(resources, f"{machine}Role")
    steps = {on for action, on in role if action.startswith("lambda:")}
    given = resources[machine]["Properties"]["DefinitionSubstitutions"].values()
    assert steps == {part(one) for one in given}
