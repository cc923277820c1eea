"""Reads a role of the template: which actions it allows, on which parts of the template."""

import re

STAR = "*"


def statements(role):
    """Return every statement of a role's policies."""
    return [
        statement
        for policy in role["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
    ]


def listed(value):
    """Return IAM's 'one or many' as a list."""
    return value if isinstance(value, list) else [value]


def allowed(resources, name):
    """Return the (action, part) pairs that a role allows."""
    return {
        (action, part(resource))
        for statement in statements(resources[name]["Properties"])
        for action in listed(statement["Action"])
        for resource in listed(statement.get("Resource", STAR))
    }


def but_topics(statement):
    """Return whether a statement allows anything but topics: telephones, which have no ARN."""
    topics = {"Fn::Sub": "arn:${AWS::Partition}:sns:*:*:*"}
    return "Resource" not in statement and statement.get("NotResource") == topics


def part(resource):
    """Return the part of the template that a resource of a policy names.

    `Table`, `Table/index/open`, `Quarantine/body/*`; `*` for anything. What SES and AWS End User
    Messaging hold is no part of it: `Sending/identity/*`, `Sending/phone-number/*`.
    """
    if isinstance(resource, str):
        return resource
    if "Ref" in resource:
        return resource["Ref"]
    if "Fn::GetAtt" in resource:
        return resource["Fn::GetAtt"][0]
    text = resource["Fn::Sub"]
    for pattern, name in (
        (r"\$\{(\w+)\.Arn\}(.*)", r"\1\2"),
        (r".*:secret:hearback/\$\{Stage\}/(.*)", r"Secrets/\1"),
        (r".*:(?:ses|sms-voice):\$\{AWS::Region\}:(?:\*|\$\{AWS::AccountId\}):(.*)", r"Sending/\1"),
        (r".*:stateMachine:hearback-\$\{Stage\}-care", "Care"),
        (r".*:stateMachine:hearback-\$\{Stage\}-ladder", "Ladder"),
    ):
        if re.fullmatch(pattern, text):
            return re.sub(pattern, name, text)
    raise AssertionError(f"which part is {text}?")
