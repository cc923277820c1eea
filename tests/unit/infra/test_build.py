"""Joining the subjects: dictionaries are joined, contradictions and two heads are refused."""

import json

import pytest
import yaml

from chalicelib.domain.channel import Channel
from chalicelib.domain.policy import Handle, Policy, Subscriber
from infra import build
from infra.errors import BuildError

POLICY = Policy(version="v1")


def parsed(text):
    return yaml.load(text, Loader=build._Loader)  # noqa: S506 - a SafeLoader with more tags


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("!Ref Table", {"Ref": "Table"}),
        ("!GetAtt Table.Arn", {"Fn::GetAtt": ["Table", "Arn"]}),
        ("!GetAtt Nested.Outputs.Url", {"Fn::GetAtt": ["Nested", "Outputs.Url"]}),
        ("!Sub a-${Stage}", {"Fn::Sub": "a-${Stage}"}),
        ("!If [IsProd, true, false]", {"Fn::If": ["IsProd", True, False]}),
        ("!Condition IsProd", {"Condition": "IsProd"}),
        ("!Join ['', [a, !Ref b]]", {"Fn::Join": ["", ["a", {"Ref": "b"}]]}),
        ("!Sub [x, {a: !Ref b}]", {"Fn::Sub": ["x", {"a": {"Ref": "b"}}]}),
    ],
)
def test_short_intrinsics_become_long(short, long):
    assert parsed(short) == long


def test_subjects_may_share_a_resource():
    """Settings of one resource may stand in several files, as long as they do not contradict."""
    joined = build.join(
        {
            "a.yaml": {"Resources": {"RestAPI": {"Properties": {"Name": "x"}}}},
            "b.yaml": {"Resources": {"RestAPI": {"Properties": {"Size": 1, "Name": "x"}}}},
        }
    )
    assert joined == {"Resources": {"RestAPI": {"Properties": {"Name": "x", "Size": 1}}}}


def test_contradicting_subjects_are_refused():
    with pytest.raises(BuildError, match=r"b\.yaml gives /Resources/Table/Type another value"):
        build.join(
            {
                "a.yaml": {"Resources": {"Table": {"Type": "AWS::DynamoDB::Table"}}},
                "b.yaml": {"Resources": {"Table": {"Type": "AWS::SQS::Queue"}}},
            }
        )


def test_joining_leaves_its_parts_alone():
    """YAML anchors share one object; joining another part must not change it elsewhere."""
    shared = {"Effect": "Allow"}
    joined = build.join({"a.yaml": {"Resources": {"A": shared, "B": shared}}})
    joined["Resources"]["A"]["Effect"] = "Deny"
    assert joined["Resources"]["B"] == shared == {"Effect": "Allow"}


@pytest.mark.parametrize(
    ("value", "paths"),
    [
        ({"a": {"Ref": "x"}}, []),
        ({"a": {"Ref": "x", "Fn::Sub": "y"}}, ["/a"]),
        ({"a": [{"Fn::GetAtt": ["x", "Arn"], "Type": "y"}]}, ["/a/0"]),
        ({"Ref": "x", "Fn::Sub": {"Ref": "y", "b": 1}}, ["", "/Fn::Sub"]),
    ],
)
def test_two_heads_are_found(value, paths):
    assert list(build.two_headed(value)) == paths


def test_an_unknown_section_is_refused(tmp_path):
    path = tmp_path / "odd.yaml"
    path.write_text("Resource: {}", "utf-8")
    with pytest.raises(BuildError, match="unknown sections: Resource"):
        build.load(path)


def test_shared_anchors_do_not_reach_the_template(tmp_path):
    path = tmp_path / "roles.yaml"
    path.write_text("Shared: {a: &a {b: 1}}\nResources: {R: *a}", "utf-8")
    assert build.load(path) == {"Resources": {"R": {"b": 1}}}


def test_the_stage_is_the_parameters_default():
    assert build.merge_template("dev", POLICY)["Parameters"]["Stage"]["Default"] == "dev"


@pytest.mark.parametrize(("stage", "kept"), [("prod", "Retain"), ("dev", "Delete")])
def test_only_production_keeps_its_data(stage, kept):
    resources = build.merge_template(stage, POLICY)["Resources"]
    for name in ("Table", "Quarantine", "People"):
        assert resources[name]["DeletionPolicy"] == kept
        assert resources[name]["UpdateReplacePolicy"] == kept


def test_the_machine_goes_in_as_it_stands():
    """The definition is the file's own, and its placeholders are left for CloudFormation."""
    resources = build.merge_template("dev", POLICY)["Resources"]
    held = json.loads(resources["Care"]["Properties"]["DefinitionString"])
    assert held == json.loads((build.MACHINES / "care.asl.json").read_text("utf-8"))


def test_each_subscriber_becomes_a_subscription():
    wanted = Subscriber("breaches", "sms", "+15550100", team="care", clock="first_response")
    made = build.from_policy(Policy(version="v1", subscribers=(wanted,)))["Resources"]
    assert made == {
        "Subscription001": {
            "Type": "AWS::SNS::Subscription",
            "Properties": {
                "TopicArn": {"Ref": "Breaches"},
                "Protocol": "sms",
                "Endpoint": "+15550100",
                "FilterPolicy": {"team": ["care"], "clock": ["first_response"]},
            },
        }
    }


def test_a_subscriber_without_filters_gets_everything():
    made = build.from_policy(
        Policy(version="v1", subscribers=(Subscriber("ops", "email", "a@example.com"),))
    )
    assert "FilterPolicy" not in made["Resources"]["Subscription001"]["Properties"]


def test_each_webhook_handle_gets_a_secret_without_a_value():
    """Two handles that share a secret get one; other channels share the Meta app's."""
    handles = tuple(
        Handle(name, channel, name, name, "care", secret=secret)
        for name, channel, secret in (
            ("shop", Channel.WEBHOOK, ""),
            ("forum", Channel.WEBHOOK, "partners"),
            ("blog", Channel.WEBHOOK, "partners"),
            ("page", Channel.FACEBOOK_PAGE, ""),
        )
    )
    made = build.from_policy(Policy(version="v1", handles=handles))["Resources"]
    names = [one["Properties"]["Name"]["Fn::Sub"] for one in made.values()]
    assert names == ["hearback/${Stage}/partners", "hearback/${Stage}/shop"]
    assert all("SecretString" not in one["Properties"] for one in made.values())


def test_the_same_template_is_the_same_bytes(tmp_path):
    first, second = tmp_path / "1.json", tmp_path / "2.json"
    build.write(build.merge_template("dev", POLICY), first)
    build.write(build.merge_template("dev", POLICY), second)
    assert first.read_bytes() == second.read_bytes()
