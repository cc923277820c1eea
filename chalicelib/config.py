"""Config: the one place that reads the environment, once, into a typed object.

Powertools reads its own POWERTOOLS_ names, and the AWS SDK its own AWS_ ones (region, credentials,
AWS_ENDPOINT_URL).
"""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields

PREFIX = "HEARBACK_"


class ConfigError(Exception):
    """Raised when the environment lacks a name that has no default. Lists every missing name."""


@dataclass(frozen=True, slots=True)
class Config:
    """Where this deployment's parts are. Each field is the environment name HEARBACK_<FIELD>."""

    stage: str
    table: str
    inbox_url: str
    outbox_url: str
    machine_arn: str
    warnings_topic_arn: str
    breaches_topic_arn: str
    quarantine_bucket: str
    secret_prefix: str
    desk_url: str
    meta_graph_url: str = "https://graph.facebook.com"
    meta_graph_version: str = "v26.0"
    instagram_graph_url: str = "https://graph.instagram.com"
    platform_urls: str = "{}"
    files_url: str = ""
    hooks_url: str = ""
    media_bucket: str = ""
    mail_bucket: str = ""
    ladder_arn: str = ""


def read_config(environment: Mapping[str, str]) -> Config:
    """Return the configuration.

    Raises ConfigError naming everything that is missing; an empty value is missing too.
    """
    held = {
        field.name: environment.get(PREFIX + field.name.upper(), "") for field in fields(Config)
    }
    given = {name: value for name, value in held.items() if value}
    required = [field.name for field in fields(Config) if field.default is MISSING]
    missing = [PREFIX + name.upper() for name in required if name not in given]
    if missing:
        raise ConfigError("These environment variables are not set: " + ", ".join(missing))
    return Config(**given)
