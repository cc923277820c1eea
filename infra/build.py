"""Join infra/*.yaml into one template that `chalice package --merge-template` takes.

Chalice merges dictionaries and replaces everything else, ours winning. So: a placeholder string of
Chalice's is replaced whole by our reference, and we must never lay an intrinsic over another (two
heads in one dictionary).
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from chalicelib.domain.channel import Channel
from chalicelib.domain.policy import Policy, Subscriber
from infra.alarms import alarms
from infra.errors import BuildError

INFRA = Path(__file__).parent
MACHINES = INFRA.parent / "chalicelib" / "workflows"
KEPT_STAGE = "prod"
"""The stage whose data outlives its stack."""

ALARMS = "Alarms"
SECTIONS = ("Parameters", "Conditions", "Globals", "Resources", "Outputs", ALARMS)
"""What a subject's file may hold: CloudFormation's own sections, and the rows of the alarms."""

TOPICS = {"warnings": "Warnings", "breaches": "Breaches", "ops": "Ops"}
_FILTERS = ("team", "handle", "channel", "clock", "severity")

Json = dict[str, Any]
"""A template or a part of one: as irregular as CloudFormation."""


def merge_template(stage: str, policy: Policy) -> Json:
    """Return what is laid over Chalice's template for this stage.

    Raises BuildError when the parts contradict.
    """
    template = join({path.name: load(path) for path in sorted(INFRA.glob("*.yaml"))})
    put_machines(template)
    put_alarms(template)
    put_dashboards(template)
    template = join({"joined": template, "care.yaml": from_policy(policy)})
    mapping(mapping(template, "Parameters"), "Stage")["Default"] = stage
    if stage != KEPT_STAGE:
        let_go(template)
    heads = sorted(two_headed(template))
    if heads:
        raise BuildError(
            f"an intrinsic function shares its dictionary with other keys at: {', '.join(heads)}"
        )
    return template


def load(path: Path) -> Json:
    """Return one subject's YAML, its short intrinsics (!Ref) in their long form."""
    content = yaml.load(path.read_text("utf-8"), Loader=_Loader)  # noqa: S506 - a SafeLoader with three more tags
    if not isinstance(content, dict):
        raise BuildError(f"{path.name} is not a mapping")
    content.pop("Shared", None)  # only holds anchors
    unknown = set(content) - set(SECTIONS)
    if unknown:
        raise BuildError(f"{path.name} has unknown sections: {', '.join(sorted(unknown))}")
    return content


def join(parts: Mapping[str, Json]) -> Json:
    """Return the parts as one.

    Dictionaries are joined; two different values for one key are a BuildError.
    """
    joined: Json = {}
    for name, part in parts.items():
        _lay(joined, part, name)
    return joined


def put_machines(template: Json) -> None:
    """Put each machine's definition in place of its file name."""
    for resource in mapping(template, "Resources").values():
        properties = resource.get("Properties", {})
        if resource.get("Type") == "AWS::StepFunctions::StateMachine":
            definition = json.loads((MACHINES / properties["DefinitionString"]).read_text("utf-8"))
            properties["DefinitionString"] = json.dumps(
                definition, separators=(",", ":"), ensure_ascii=False
            )


def put_dashboards(template: Json) -> None:
    """Put each dashboard's body as the text that CloudFormation wants, references filled in."""
    for resource in mapping(template, "Resources").values():
        if resource.get("Type") == "AWS::CloudWatch::Dashboard":
            properties = resource["Properties"]
            body = json.dumps(properties["DashboardBody"], separators=(",", ":"))
            properties["DashboardBody"] = {"Fn::Sub": body}


def put_alarms(template: Json) -> None:
    """Put the alarms themselves in place of their rows."""
    resources = mapping(template, "Resources")
    resources |= alarms(template.pop(ALARMS, {}), resources)


def from_policy(policy: Policy) -> Json:
    """Return what care.yaml asks for: a subscription a subscriber, a secret a webhook handle."""
    resources: Json = {}
    for number, subscriber in enumerate(policy.subscribers, 1):
        resources[f"Subscription{number:03d}"] = _subscription(subscriber)
    hooks = {
        handle.secret or handle.id for handle in policy.handles if handle.channel is Channel.WEBHOOK
    }
    for number, name in enumerate(sorted(hooks), 1):
        resources[f"WebhookSecret{number:03d}"] = _webhook_secret(name)
    return {"Resources": resources}


def let_go(template: Json) -> None:
    """Let data go with its stack: for every stage but prod."""
    for resource in mapping(template, "Resources").values():
        for key in ("DeletionPolicy", "UpdateReplacePolicy"):
            if key in resource:
                resource[key] = "Delete"


def two_headed(value: object, path: str = "") -> Iterator[str]:
    """Yield where an intrinsic function has company: CloudFormation refuses that."""
    if isinstance(value, dict):
        heads = [key for key in value if key == "Ref" or str(key).startswith("Fn::")]
        if heads and len(value) > 1:
            yield path
        for key, inner in value.items():
            yield from two_headed(inner, f"{path}/{key}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from two_headed(inner, f"{path}/{index}")


def mapping(parent: Json, key: str) -> Json:
    """Return the dictionary under `key`. Raises BuildError when there is none."""
    value = parent.get(key)
    if not isinstance(value, dict):
        raise BuildError(f"the template has no {key}")
    return value


def write(template: Json, path: Path) -> None:
    """Write the template, the same bytes for the same content."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(template, indent=1, sort_keys=True) + "\n", "utf-8")


def filter_policy(subscriber: Subscriber) -> dict[str, list[str]]:
    """Return which alerts the subscriber wants, in SNS's words; empty for all."""
    return {name: [value] for name in _FILTERS if (value := getattr(subscriber, name))}


def _subscription(subscriber: Subscriber) -> Json:
    wanted = filter_policy(subscriber)
    properties: Json = {
        "TopicArn": {"Ref": TOPICS[subscriber.topic]},
        "Protocol": subscriber.protocol,
        "Endpoint": subscriber.endpoint,
    }
    if wanted:
        properties["FilterPolicy"] = wanted
    return {"Type": "AWS::SNS::Subscription", "Properties": properties}


def _webhook_secret(name: str) -> Json:
    return {
        "Type": "AWS::SecretsManager::Secret",
        "Properties": {
            "Name": {"Fn::Sub": f"hearback/${{Stage}}/{name}"},
            "Description": f"Standard Webhooks of {name}: secrets both ways, and where replies go",
            "GenerateSecretString": {
                "SecretStringTemplate": '{"secrets": [], "url": "", "out_secrets": []}',
                "GenerateStringKey": "unused",
            },
        },
    }


def _lay(target: Json, part: Json, source: str, path: str = "") -> None:
    for key, value in part.items():
        there = target.get(key)
        if isinstance(there, dict) and isinstance(value, dict):
            _lay(there, value, source, f"{path}/{key}")
        elif key in target and there != value:
            raise BuildError(f"{source} gives {path}/{key} another value than a part before it")
        else:
            target[key] = _copy(value)


def _copy(value: object) -> object:
    """Return a value of its own: YAML anchors share objects, and joining changes them in place."""
    if isinstance(value, dict):
        return {key: _copy(inner) for key, inner in value.items()}
    return [_copy(inner) for inner in value] if isinstance(value, list) else value


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short intrinsics."""


def _short(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> Json:
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    if isinstance(node, yaml.MappingNode):
        return {name: loader.construct_mapping(node, deep=True)}
    text = loader.construct_scalar(node)  # type: ignore[arg-type]
    return {name: str(text).split(".", 1) if suffix == "GetAtt" else text}


_Loader.add_multi_constructor("!", _short)
