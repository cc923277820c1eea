"""Change sets: shown before they are carried out, none when nothing changes, and reasons told."""

import json
from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError

from infra import cloudformation
from infra.cloudformation import Change, ChangeSet
from infra.errors import DeployError
from infra.package import Package

ARN = "arn:change"


def refusal(message):
    return ClientError({"Error": {"Code": "ValidationError", "Message": message}}, "DescribeStacks")


class FakeCloudFormation:
    """A stack that is (not) there, and what CloudFormation answers in turn."""

    def __init__(self, status=None, described=({"Status": "CREATE_COMPLETE"},), changes=()):
        self.statuses = list(status) if isinstance(status, (list, tuple)) else [status]
        self.described = list(described)
        self.changes = changes
        self.calls = []

    def describe_stacks(self, StackName):
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        if status is None:
            raise refusal(f"Stack with id {StackName} does not exist")
        outputs = [{"OutputKey": "TableName", "OutputValue": "t"}]
        return {"Stacks": [{"StackStatus": status, "Outputs": outputs}]}

    def create_change_set(self, **arguments):
        self.calls.append(("create", arguments))
        return {"Id": ARN}

    def describe_change_set(self, ChangeSetName):
        return self.described.pop(0) if len(self.described) > 1 else self.described[0]

    def get_paginator(self, name):
        assert name == "describe_change_set"
        return SimpleNamespace(paginate=lambda ChangeSetName: [{"Changes": list(self.changes)}])

    def describe_stack_events(self, StackName):
        return {
            "StackEvents": [
                {"LogicalResourceId": "A", "ResourceStatus": "CREATE_COMPLETE"},
                {
                    "LogicalResourceId": "Table",
                    "ResourceStatus": "CREATE_FAILED",
                    "ResourceStatusReason": "it is there",
                },
            ]
        }

    def execute_change_set(self, **arguments):
        self.calls.append(("execute", arguments))

    def delete_change_set(self, **arguments):
        self.calls.append(("delete change set", arguments))

    def delete_stack(self, **arguments):
        self.calls.append(("delete stack", arguments))


def cloud(fake):
    return SimpleNamespace(cloudformation=fake, region="eu-central-1", endpoint=None)


def proposed(fake):
    return cloudformation.propose(cloud(fake), "hearback-dev", "https://t", {"A": "b"}, pause=0)


def test_the_first_deployment_creates():
    fake = FakeCloudFormation(
        changes=[
            {
                "ResourceChange": {
                    "Action": "Add",
                    "LogicalResourceId": "Table",
                    "ResourceType": "AWS::DynamoDB::Table",
                }
            }
        ]
    )
    found = proposed(fake)
    assert found == ChangeSet(
        "hearback-dev",
        ARN,
        creates=True,
        changes=(Change("Add", "Table", "AWS::DynamoDB::Table", ""),),
    )
    (_, arguments) = fake.calls[0]
    assert arguments["ChangeSetType"] == "CREATE"
    assert arguments["Parameters"] == [{"ParameterKey": "A", "ParameterValue": "b"}]
    assert "CAPABILITY_NAMED_IAM" not in arguments["Capabilities"]


def test_a_later_deployment_updates_and_waits():
    pending = {"Status": "CREATE_IN_PROGRESS"}
    fake = FakeCloudFormation("UPDATE_COMPLETE", [pending, pending, {"Status": "CREATE_COMPLETE"}])
    assert proposed(fake).creates is False


def test_nothing_to_change_is_no_error():
    """And the empty change set is not left lying."""
    failed = {
        "Status": "FAILED",
        "StatusReason": "The submitted information didn't contain changes.",
    }
    fake = FakeCloudFormation("CREATE_COMPLETE", [failed])
    assert proposed(fake) is None
    assert fake.calls[-1] == ("delete change set", {"ChangeSetName": ARN})


def test_a_refused_change_tells_why():
    fake = FakeCloudFormation("CREATE_COMPLETE", [{"Status": "FAILED", "StatusReason": "bad role"}])
    with pytest.raises(DeployError, match="bad role"):
        proposed(fake)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("ROLLBACK_COMPLETE", "delete it, and deploy again"),
        ("UPDATE_IN_PROGRESS", "being changed by somebody else"),
    ],
)
def test_a_stack_that_cannot_be_changed_is_left_alone(status, words):
    fake = FakeCloudFormation(status)
    with pytest.raises(DeployError, match=words):
        proposed(fake)
    assert fake.calls == []


def test_carrying_out_waits_for_the_end():
    fake = FakeCloudFormation(["CREATE_IN_PROGRESS", "CREATE_IN_PROGRESS", "CREATE_COMPLETE"])
    cloudformation.carry_out(cloud(fake), ChangeSet("s", ARN, creates=True, changes=()), pause=0)
    assert fake.calls == [("execute", {"ChangeSetName": ARN})]


def test_a_roll_back_tells_what_failed():
    fake = FakeCloudFormation(["UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE"])
    with pytest.raises(DeployError, match="Table: it is there"):
        cloudformation.carry_out(
            cloud(fake), ChangeSet("s", ARN, creates=False, changes=()), pause=0
        )


@pytest.mark.parametrize("creates", [True, False])
def test_a_declined_change_leaves_nothing(creates):
    """A first one leaves an empty stack in review, which must go too; a real one must stay."""
    fake = FakeCloudFormation()
    cloudformation.discard(cloud(fake), ChangeSet("s", ARN, creates=creates, changes=()))
    assert ("delete stack", {"StackName": "s"}) in fake.calls or not creates
    assert len(fake.calls) == 1 + creates


def test_outputs():
    assert cloudformation.outputs(cloud(FakeCloudFormation("CREATE_COMPLETE")), "s") == {
        "TableName": "t"
    }


def test_outputs_of_no_stack_say_what_to_do():
    with pytest.raises(DeployError, match="deploy it first"):
        cloudformation.outputs(cloud(FakeCloudFormation()), "s")


def test_the_code_is_found_by_its_content(tmp_path):
    """The same code is the same object, so that an unchanged function is not deployed again."""
    stored = {}
    s3 = SimpleNamespace(put_object=lambda **one: stored.update({one["Key"]: one["Body"]}))
    code, template = tmp_path / "c.zip", tmp_path / "t.json"
    code.write_bytes(b"zip")
    function = {"Type": "AWS::Serverless::Function", "Properties": {"CodeUri": "./deployment.zip"}}
    template.write_text(json.dumps({"Resources": {"F": function}}), "utf-8")
    account = SimpleNamespace(s3=s3, region="eu-central-1", endpoint=None)
    made = Package("dev", template, code, "d")
    url = cloudformation.upload(account, "bucket", made)
    assert cloudformation.upload(account, "bucket", made) == url
    assert url.startswith("https://s3.eu-central-1.amazonaws.com/bucket/hearback/dev/")
    code_key = next(key for key, body in stored.items() if body == b"zip")
    sent = json.loads(stored[url.partition("/bucket/")[2]])
    assert sent["Resources"]["F"]["Properties"]["CodeUri"] == f"s3://bucket/{code_key}"
