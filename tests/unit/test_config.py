"""Config: read once, all that is missing named at once."""

from dataclasses import MISSING, fields

import pytest

from chalicelib.config import Config, ConfigError, read_config

ENVIRONMENT = {
    f"HEARBACK_{f.name.upper()}": f"a {f.name}" for f in fields(Config) if f.default is MISSING
}


def test_every_field_is_one_name():
    config = read_config(ENVIRONMENT)
    assert config.table == "a table"
    assert config.meta_graph_version == "v26.0"
    assert (
        read_config(ENVIRONMENT | {"HEARBACK_META_GRAPH_VERSION": "v27.0"}).meta_graph_version
        == "v27.0"
    )


def test_everything_that_is_missing_is_named_in_one_error():
    given = dict(ENVIRONMENT)
    del given["HEARBACK_TABLE"]
    given["HEARBACK_INBOX_URL"] = ""
    with pytest.raises(ConfigError, match=r"HEARBACK_TABLE, HEARBACK_INBOX_URL$"):
        read_config(given)


def test_an_empty_environment_names_all_that_is_needed():
    with pytest.raises(ConfigError) as caught:
        read_config({})
    assert all(name in str(caught.value) for name in ENVIRONMENT)
    assert "GRAPH" not in str(caught.value)
