"""Paging systems: what PagerDuty and Opsgenie are sent.

PagerDuty's Events API v2 (https://developer.pagerduty.com/docs/events-api-v2/overview/) and the
Alert API of Opsgenie (https://docs.opsgenie.com/docs/alert-api): both answer 202 to what they have
queued, both fold what has the same key, and both know trigger, acknowledge and close.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from chalicelib.domain.ident import digest

PAGERDUTY = "https://events.pagerduty.com"
OPSGENIE = "https://api.opsgenie.com"
SOURCE = "hearback"

TRIGGER, ACKNOWLEDGE, RESOLVE = "trigger", "acknowledge", "resolve"

PAGERDUTY_SUMMARY = 1024
OPSGENIE_MESSAGE = 130
OPSGENIE_DESCRIPTION = 15_000
_LONGEST_DETAIL = 4_000
"""How much of the body goes along: PagerDuty takes 512 kB, Opsgenie 8,000 characters of details."""

_PAGERDUTY_SEVERITIES = {"critical": "critical", "breach": "error", "warning": "warning"}
_OPSGENIE_PRIORITIES = {"critical": "P1", "breach": "P2", "warning": "P3"}
_HAPPENED = {TRIGGER: "triggered", ACKNOWLEDGE: "acknowledged", RESOLVE: "resolved"}
_OPSGENIE_VERBS = {ACKNOWLEDGE: "acknowledge", RESOLVE: "close"}

Facts = Mapping[str, str]


class NoPagingKeyError(Exception):
    """Raised when the endpoint's secret does not hold its key."""


@dataclass(frozen=True, slots=True)
class Post:
    """One request. `headers` may hold a key: it is never written down."""

    url: str
    headers: Mapping[str, str]
    body: bytes


def pagerduty(base: str, secret: Mapping[str, object], action: str, facts: Facts) -> Post:
    """Return the event for PagerDuty. The secret is `{"routing_key": ...}`.

    Raises NoPagingKeyError.
    """
    event: dict[str, object] = {
        "routing_key": _key(secret, "routing_key"),
        "event_action": action,
        "dedup_key": facts["page"],
    }
    if action == TRIGGER:
        event["client"] = "Hearback"
        event["client_url"] = facts["link"]
        event["links"] = [{"href": facts["link"], "text": "Acknowledge, and see the cases"}]
        event["payload"] = {
            "summary": facts["summary"][:PAGERDUTY_SUMMARY],
            "source": SOURCE,
            "severity": _PAGERDUTY_SEVERITIES.get(facts["severity"], "error"),
            "timestamp": facts["at"],
            "group": facts["team"],
            "class": facts["severity"],
            "custom_details": _details(facts),
        }
    return Post(f"{base or PAGERDUTY}/v2/enqueue", {}, _json(event))


def opsgenie(base: str, secret: Mapping[str, object], action: str, facts: Facts) -> Post:
    """Return the request for Opsgenie. The secret is `{"api_key": ...}`.

    The alias is the page's id, so that it can be acknowledged and closed without Opsgenie's own.
    Raises NoPagingKeyError.
    """
    headers = {"Authorization": f"GenieKey {_key(secret, 'api_key')}"}
    alerts = f"{base or OPSGENIE}/v2/alerts"
    verb = _OPSGENIE_VERBS.get(action)
    if verb:
        alias = quote(facts["page"], safe="")
        note = {"source": SOURCE, "note": facts["summary"][:OPSGENIE_DESCRIPTION]}
        return Post(f"{alerts}/{alias}/{verb}?identifierType=alias", headers, _json(note))
    alert = {
        "message": facts["summary"][:OPSGENIE_MESSAGE],
        "alias": facts["page"],
        "description": facts["body"][:OPSGENIE_DESCRIPTION],
        "priority": _OPSGENIE_PRIORITIES.get(facts["severity"], "P2"),
        "source": SOURCE,
        "entity": facts["team"],
        "tags": [SOURCE, facts["severity"]],
        "details": {name: facts[name] for name in ("team", "count", "link", "at")},
    }
    return Post(alerts, headers, _json(alert))


def standard(action: str, facts: Facts) -> tuple[str, bytes]:
    """Return id and body of the Standard Webhook: `page.triggered`, `page.acknowledged`, ...

    The id is the same for the same telling, so that the receiver knows a repeat.
    """
    data = {name: facts[name] for name in sorted(facts)}
    body = _json({"type": f"page.{_HAPPENED[action]}", "timestamp": facts["at"], "data": data})
    return digest("page", action, body.decode("ascii")), body


def _details(facts: Facts) -> dict[str, str]:
    details = {name: facts[name] for name in ("team", "count", "link")}
    return details | {"body": facts["body"][:_LONGEST_DETAIL]}


def _key(secret: Mapping[str, object], name: str) -> str:
    key = secret.get(name)
    if not isinstance(key, str) or not key.strip() or not key.isascii() or not key.isprintable():
        raise NoPagingKeyError(name)
    return key.strip()


def _json(content: object) -> bytes:
    return json.dumps(content, separators=(",", ":"), ensure_ascii=True).encode("ascii")
