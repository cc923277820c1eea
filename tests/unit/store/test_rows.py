"""The model of the rows is the table that ships, and costs nothing where it is not used."""

import subprocess
import sys

from chalicelib.store.rows import bound
from tests.integration.table_engines import definition


def test_the_model_and_the_template_define_one_table():
    schema = bound("table", "us-east-1", None)._get_schema()
    shipped = definition()
    assert _named(schema["attribute_definitions"]) == _named(shipped["AttributeDefinitions"])
    assert _keys(schema["key_schema"]) == _keys(shipped["KeySchema"])
    assert _indexes(schema["global_secondary_indexes"]) == _indexes(
        shipped["GlobalSecondaryIndexes"]
    )
    assert _indexes(schema["local_secondary_indexes"]) == _indexes(shipped["LocalSecondaryIndexes"])


def test_what_needs_no_table_does_not_import_pynamodb():
    """PynamoDB and botocore are most of a cold start.

    Keys, codec and cursors must not bring them.
    """
    script = (
        "import sys\n"
        "from chalicelib.store import codec, cursors, keys\n"
        "print([name for name in ('botocore', 'boto3', 'pynamodb') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_the_store_imports_no_boto3():
    script = (
        "import sys\n"
        "from chalicelib.store import agents, conversations, policies, table, views\n"
        "print('pynamodb' in sys.modules, 'boto3' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "True False"


def _named(attributes):
    return {each["AttributeName"]: each["AttributeType"] for each in attributes}


def _keys(schema):
    return {each["KeyType"]: each["AttributeName"] for each in schema}


def _indexes(indexes):
    found = {}
    for index in indexes:
        plain = {name.replace("_", "").lower(): value for name, value in index.items()}
        projection = plain["projection"]
        kept = sorted(projection.get("NonKeyAttributes") or [])
        found[plain["indexname"]] = (_keys(plain["keyschema"]), projection["ProjectionType"], kept)
    return found
