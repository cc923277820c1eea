"""The template that ships, after Chalice's merge: what AWS will be told, stage by stage."""

import json
import re
from dataclasses import MISSING, fields
from pathlib import Path

import pytest
from cfnlint.api import lint
from cfnlint.config import ManualArgs
from ministack.services.lambda_svc import _match_esm_filter

from chalicelib.channels.download import MOST_SECONDS
from chalicelib.channels.hooks import READ_SECONDS
from chalicelib.config import PREFIX, Config
from chalicelib.domain import file, hook
from chalicelib.entrypoints.api import HEADERS
from chalicelib.store import keys
from chalicelib.store.rows import Row
from chalicelib.workflows import files
from infra import build, package
from tests.contract.permissions import statements

JSON = "application/json"
FUNCTIONS = {
    "APIHandler", "Inbox", "Outbox", "Files", "Hooks", "Notices", "Stream", "Sweep", "Poll",
    "Watch", "Assign", "Respond", "Breach", "FollowUp", "Survey", "Close", "Stuck",
    "Hold", "Climb",
}  # fmt: skip
STATES = {"Assign", "Respond", "Breach", "FollowUp", "Survey", "Close", "Stuck"}


@pytest.fixture(scope="module")
def templates(tmp_path_factory):
    """The final templates of the stage that is kept and of the one that runs here."""
    made = tmp_path_factory.mktemp("templates")
    return {stage: package.template(stage, made / stage) for stage in ("prod", "local")}


@pytest.fixture(scope="module")
def prod(templates):
    return templates["prod"]


@pytest.fixture(scope="module")
def resources(prod):
    return prod["Resources"]


def of(resources, kind):
    return {name: one["Properties"] for name, one in resources.items() if one["Type"] == kind}


def functions(resources):
    return of(resources, "AWS::Serverless::Function")


@pytest.mark.parametrize("stage", ["prod", "local"])
def test_cloudformation_finds_no_fault(templates, stage):
    """cfn-lint accepts the template, its SAM transform applied."""
    found = lint(json.dumps(templates[stage]), config=ManualArgs(regions=["eu-central-1"]))
    assert [f"{one.rule.id} {one.path}: {one.message}" for one in found] == []


@pytest.mark.parametrize("stage", ["prod", "local"])
def test_no_intrinsic_has_two_heads(templates, stage):
    assert list(build.two_headed(templates[stage])) == []


def test_every_part_of_the_app_has_its_settings(resources):
    """Chalice's functions are exactly those that infra/ knows, so none runs on defaults."""
    assert set(functions(resources)) == FUNCTIONS


def test_the_environment_is_what_the_config_reads(prod):
    """Every name that config.py reads is given, and no name is given that nobody reads."""
    given = prod["Globals"]["Function"]["Environment"]["Variables"]
    read = {PREFIX + field.name.upper() for field in fields(Config)}
    assert {name for name in given if name.startswith(PREFIX)} == read
    required = [field for field in fields(Config) if field.default is MISSING]
    assert all(given[PREFIX + field.name.upper()] for field in required)


def test_the_environment_holds_references_not_copies(prod):
    """No ARN, URL or name of a resource is written out by hand."""
    given = prod["Globals"]["Function"]["Environment"]["Variables"]
    literal = {name for name, value in given.items() if isinstance(value, str)}
    assert literal == {"PYTHONTZPATH", "POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE"}


def test_the_machine_is_the_one_the_environment_names(prod, resources):
    """The ARN is built from the name, since a reference would be a circle: both must agree."""
    arn = prod["Globals"]["Function"]["Environment"]["Variables"]["HEARBACK_MACHINE_ARN"]["Fn::Sub"]
    machine = resources["Care"]["Properties"]
    assert arn.rpartition(":")[2] == machine["StateMachineName"]["Fn::Sub"]
    for state in ("Respond", "FollowUp", "Survey"):
        wake = [
            one
            for one in statements(resources[f"{state}Role"]["Properties"])
            if one["Sid"] == "Wake"
        ]
        assert [one["Resource"]["Fn::Sub"] for one in wake] == [arn]


def test_the_ladder_is_the_one_the_environment_names(prod, resources):
    arn = prod["Globals"]["Function"]["Environment"]["Variables"]["HEARBACK_LADDER_ARN"]["Fn::Sub"]
    machine = resources["Ladder"]["Properties"]
    assert arn.rpartition(":")[2] == machine["StateMachineName"]["Fn::Sub"]
    (wake,) = [
        one for one in statements(resources["HoldRole"]["Properties"]) if one["Sid"] == "Wake"
    ]
    assert wake["Resource"]["Fn::Sub"] == arn
    wanted = set(re.findall(r"\$\{(\w+)\}", machine["DefinitionString"]))
    assert wanted == set(machine["DefinitionSubstitutions"]) == {"HoldArn", "ClimbArn"}


def test_the_machine_has_every_function_it_names(resources):
    machine = resources["Care"]["Properties"]
    wanted = set(re.findall(r"\$\{(\w+)\}", machine["DefinitionString"]))
    assert wanted == {f"{state}Arn" for state in STATES}
    assert machine["DefinitionSubstitutions"] == {
        f"{state}Arn": {"Fn::GetAtt": [state, "Arn"]} for state in STATES
    }
    assert machine["StateMachineType"] == "STANDARD"
    assert machine["LoggingConfiguration"]["IncludeExecutionData"] is False


@pytest.mark.parametrize("name", ["Inbox", "Outbox"])
def test_queues_lose_nothing(resources, name):
    """FIFO in high-throughput mode, kept for long, dead letters only after every try of ours.

    The outbox tries six times itself, the inbox is patient with what is too early eight times.
    """
    queue = resources[f"{name}Queue"]["Properties"]
    dead = resources[f"{name}Dead"]["Properties"]
    assert queue["RedrivePolicy"] == {
        "deadLetterTargetArn": {"Fn::GetAtt": [f"{name}Dead", "Arn"]},
        "maxReceiveCount": 12,
    }
    assert queue["VisibilityTimeout"] >= 6 * resources[name]["Properties"]["Timeout"]
    assert (queue["DeduplicationScope"], queue["FifoThroughputLimit"]) == (
        "messageGroup", "perMessageGroupId",
    )  # fmt: skip
    assert queue["FifoQueue"] is dead["FifoQueue"] is True
    assert dead["MessageRetentionPeriod"] >= queue["MessageRetentionPeriod"] == 14 * 86_400


def test_every_queue_is_encrypted(resources):
    queues = of(resources, "AWS::SQS::Queue")
    living = {"InboxQueue", "OutboxQueue", "NoticeQueue", "FilesQueue", "HooksQueue"}
    dead = {"InboxDead", "OutboxDead", "NoticeDead", "FilesDead", "HooksDead", "StreamDead"}
    assert set(queues) == living | dead
    assert all(queue["SqsManagedSseEnabled"] is True for queue in queues.values())


@pytest.mark.parametrize(("name", "tries"), [("Files", files.ATTEMPTS), ("Hooks", hook.ATTEMPTS)])
def test_a_queue_of_tasks_holds_a_letter_until_it_is_given_up(resources, name, tries):
    """Standard queues: their letters wait for hours between attempts, for a day and more."""
    queue = resources[f"{name}Queue"]["Properties"]
    dead = resources[f"{name}Dead"]["Properties"]
    assert queue["RedrivePolicy"]["deadLetterTargetArn"] == {"Fn::GetAtt": [f"{name}Dead", "Arn"]}
    assert queue["RedrivePolicy"]["maxReceiveCount"] >= tries + 8
    assert queue["VisibilityTimeout"] >= 6 * resources[name]["Properties"]["Timeout"]
    assert "FifoQueue" not in queue
    assert queue["MessageRetentionPeriod"] >= 3 * 86_400
    assert dead["MessageRetentionPeriod"] >= queue["MessageRetentionPeriod"]


def test_a_batch_of_hooks_has_time_for_its_slowest_receivers(resources):
    function = resources["Hooks"]["Properties"]
    source = function["Events"]["HooksSqsEventSource"]["Properties"]
    assert function["Timeout"] >= source["BatchSize"] * (READ_SECONDS + 5)
    one = resources["Files"]["Properties"]
    assert one["Events"]["FilesSqsEventSource"]["Properties"]["BatchSize"] == 1
    assert one["Timeout"] >= MOST_SECONDS * 1.5
    assert one["MemorySize"] * 1024 * 1024 > 8 * files.MOST_BYTES


def test_the_stream_has_no_more_filters_than_aws_allows(resources):
    source = resources["Stream"]["Properties"]["Events"]["StreamDynamodbEventSource"]["Properties"]
    assert len(source["FilterCriteria"]["Filters"]) <= 5


@pytest.mark.parametrize("name", ["Inbox", "Outbox", "Files", "Hooks"])
def test_one_bad_message_does_not_repeat_its_batch(resources, name):
    source = resources[name]["Properties"]["Events"][f"{name}SqsEventSource"]["Properties"]
    assert source["Queue"] == {"Fn::GetAtt": [f"{name}Queue", "Arn"]}
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_the_stream_sets_a_bad_change_aside(resources):
    """A change that cannot be handled is isolated, tried for hours, and then kept."""
    source = resources["Stream"]["Properties"]["Events"]["StreamDynamodbEventSource"]["Properties"]
    assert source["Stream"] == {"Fn::GetAtt": ["Table", "StreamArn"]}
    assert source["StartingPosition"] == "TRIM_HORIZON"
    assert source["BisectBatchOnFunctionError"] is True
    assert source["MaximumRetryAttempts"] >= 5
    assert 3600 <= source["MaximumRecordAgeInSeconds"] < 86_400
    target = source["DestinationConfig"]["OnFailure"]["Destination"]
    assert target == {"Fn::GetAtt": ["StreamDead", "Arn"]}


TALK = keys.conversation("c")


@pytest.mark.parametrize(
    ("event", "key", "image", "passes"),
    [
        ("INSERT", (TALK, keys.HEAD), {"kind": "head"}, True),
        ("MODIFY", (TALK, keys.HEAD), {"kind": "head"}, True),
        ("INSERT", (TALK, keys.log(7)), {"kind": "log", "alert": "yes"}, True),
        ("MODIFY", (TALK, keys.log(7)), {"kind": "log", "alert": "yes"}, False),
        ("INSERT", (TALK, keys.log(7)), {"kind": "log"}, True),
        ("MODIFY", (TALK, keys.log(7)), {"kind": "log"}, False),
        ("INSERT", (TALK, keys.message("m")), {"kind": "message", "follow": "yes"}, True),
        ("MODIFY", (TALK, keys.message("m")), {"kind": "message", "follow": "yes"}, True),
        ("INSERT", (TALK, keys.message("m")), {"kind": "message", "delivery": "queued"}, True),
        ("MODIFY", (TALK, keys.message("m")), {"kind": "message", "delivery": "queued"}, True),
        ("MODIFY", (TALK, keys.message("m")), {"kind": "message", "delivery": "sent"}, False),
        ("INSERT", (TALK, keys.message("m")), {"kind": "message"}, False),
        ("MODIFY", (keys.AGENTS, keys.agent("ana")), {"kind": "agent"}, True),
        ("INSERT", (TALK, keys.case(1)), {"kind": "case"}, False),
        ("INSERT", (TALK, keys.request("r")), {"kind": "request"}, False),
        ("INSERT", (keys.contact("c"), keys.HEAD), {"kind": "contact"}, False),
        ("INSERT", (keys.POLICY, keys.CURRENT), {"kind": "current"}, False),
    ],
)
def test_only_what_the_stream_acts_on_reaches_it(resources, event, key, image, passes):
    """Other rows cost no invocation; a note that an alert is out does not come back as news."""
    source = resources["Stream"]["Properties"]["Events"]["StreamDynamodbEventSource"]["Properties"]
    patterns = [json.loads(one["Pattern"]) for one in source["FilterCriteria"]["Filters"]]
    plain = dict(zip(("pk", "sk"), key, strict=True))
    keyed = {name: {"S": value} for name, value in plain.items()}
    change = {"Keys": keyed, "NewImage": keyed | {name: {"S": v} for name, v in image.items()}}
    record = {"eventName": event, "dynamodb": change}
    assert any(_match_esm_filter(record, pattern) for pattern in patterns) is passes


@pytest.mark.parametrize("stage", ["prod", "local"])
def test_the_table_can_be_recovered(templates, stage):
    resource = templates[stage]["Resources"]["Table"]
    table = resource["Properties"]
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["SSESpecification"] == {"SSEEnabled": True}
    assert table["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    kept = "Retain" if stage == "prod" else "Delete"
    assert resource["DeletionPolicy"] == resource["UpdateReplacePolicy"] == kept


def test_the_table_is_the_one_the_store_expects(resources):
    """Keys, indexes and projections are those of the store's own model, and no more."""
    table = resources["Table"]["Properties"]
    declared = Row._get_schema()
    key = {part["AttributeName"]: part["KeyType"] for part in table["KeySchema"]}
    assert key == {"pk": "HASH", "sk": "RANGE"}
    for kind, known in (
        ("GlobalSecondaryIndexes", declared["global_secondary_indexes"]),
        ("LocalSecondaryIndexes", declared["local_secondary_indexes"]),
    ):
        ours = {
            index["IndexName"]: shape(index["KeySchema"], index["Projection"])
            for index in table[kind]
        }
        assert ours == {
            index["index_name"]: shape(index["key_schema"], index["projection"]) for index in known
        }
    named = {one["AttributeName"] for one in table["AttributeDefinitions"]}
    assert named == {one["AttributeName"] for one in declared["attribute_definitions"]}


def shape(key, projection):
    return (
        {part["AttributeName"]: part["KeyType"] for part in key},
        projection["ProjectionType"],
        sorted(projection.get("NonKeyAttributes", [])),
    )


def test_every_log_ends(resources):
    """Each function and each machine write to a group of their own that forgets."""
    groups = of(resources, "AWS::Logs::LogGroup")
    assert set(groups) == {f"{name}Logs" for name in [*FUNCTIONS, "Care", "Ladder"]}
    assert all(group["RetentionInDays"] == {"Ref": "LogDays"} for group in groups.values())
    for name, function in functions(resources).items():
        assert function["LoggingConfig"] == {"LogGroup": {"Ref": f"{name}Logs"}}
        logs = next(
            one
            for one in statements(resources[f"{name}Role"]["Properties"])
            if one["Sid"] == "Logs"
        )
        assert logs["Resource"] == {"Fn::GetAtt": [f"{name}Logs", "Arn"]}


def test_every_topic_is_encrypted(resources):
    """By a key that CloudWatch may use too, or alarms would vanish."""
    topics = of(resources, "AWS::SNS::Topic")
    assert set(topics) == {"Warnings", "Breaches", "Ops", "MailTopic", "SmsTopic"}
    assert all(topic["KmsMasterKeyId"] == {"Ref": "AlertsKey"} for topic in topics.values())
    policy = resources["AlertsKey"]["Properties"]["KeyPolicy"]["Statement"]
    served = [one["Principal"]["Service"] for one in policy if "Service" in one["Principal"]]
    assert served == ["cloudwatch.amazonaws.com", "ses.amazonaws.com", "sms-voice.amazonaws.com"]
    for statement in policy:
        if "Service" in statement["Principal"]:
            assert statement["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]


def test_the_bucket_is_private(resources):
    bucket = resources["Quarantine"]["Properties"]
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    rules = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rules == [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
    denied = resources["QuarantinePolicy"]["Properties"]["PolicyDocument"]["Statement"][0]
    assert (denied["Effect"], denied["Condition"]) == (
        "Deny", {"Bool": {"aws:SecureTransport": "false"}},
    )  # fmt: skip


def test_the_bucket_of_files_is_private_and_talks_to_the_desk_only(resources):
    bucket = resources["Media"]["Properties"]
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    rules = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rules == [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
    (cors,) = bucket["CorsConfiguration"]["CorsRules"]
    assert cors["AllowedOrigins"] == [{"Ref": "DeskUrl"}]
    denied = resources["MediaPolicy"]["Properties"]["PolicyDocument"]["Statement"][0]
    assert (denied["Effect"], denied["Condition"]) == (
        "Deny", {"Bool": {"aws:SecureTransport": "false"}},
    )  # fmt: skip


def test_only_uploads_that_nobody_used_expire(resources):
    """What is kept stays; an upload outlives every try to copy it."""
    rules = resources["Media"]["Properties"]["LifecycleConfiguration"]["Rules"]
    ends = {
        rule["Prefix"]: rule["ExpirationInDays"] for rule in rules if "ExpirationInDays" in rule
    }
    assert ends == {file.UPLOAD: 7}
    assert (
        ends[file.UPLOAD] * 86_400 > resources["FilesQueue"]["Properties"]["MessageRetentionPeriod"]
    )


def test_no_secret_is_in_the_template(resources):
    """Secrets are made without a value; one verify token is made by AWS itself."""
    secrets = of(resources, "AWS::SecretsManager::Secret")
    assert "MetaSecret" in secrets
    assert all("SecretString" not in secret for secret in secrets.values())


def test_people_sign_in_at_this_pool(resources):
    """The authorizer's placeholder is the real pool, and nobody signs up by himself."""
    definitions = resources["RestAPI"]["Properties"]["DefinitionBody"]["securityDefinitions"]
    assert definitions["people"]["x-amazon-apigateway-authorizer"] == {
        "type": "cognito_user_pools",
        "providerARNs": [{"Fn::GetAtt": ["People", "Arn"]}],
    }
    assert resources["People"]["Properties"]["AdminCreateUserConfig"] == {
        "AllowAdminCreateUserOnly": True
    }
    groups = {group["GroupName"] for group in of(resources, "AWS::Cognito::UserPoolGroup").values()}
    assert groups == {"agent", "lead", "admin"}


def test_every_route_of_the_api_asks_who(resources):
    """All of /api is behind the authorizer but its own description.

    A webhook is proved by its signature, a page's link by its own proof.
    """
    paths = resources["RestAPI"]["Properties"]["DefinitionBody"]["paths"]
    methods = {
        f"{method.upper()} {path}": "people"
        in [name for one in asked.get("security", []) for name in one]
        for path, kinds in paths.items()
        for method, asked in kinds.items()
        if method != "options"
    }
    open_ones = {name for name, asked in methods.items() if not asked}
    assert open_ones == {
        "GET /api/openapi.json",
        "GET /p/{token}",
        "POST /p/{token}",
        "GET /webhooks/meta",
        "POST /webhooks/meta",
        "GET /webhooks/{network}/{handle}",
        "POST /webhooks/{network}/{handle}",
    }


def test_the_api_is_throttled(resources):
    settings = resources["RestAPI"]["Properties"]["MethodSettings"]
    assert [(one["ResourcePath"], one["HttpMethod"]) for one in settings] == [("/*", "*")]
    assert settings[0]["ThrottlingRateLimit"] == {"Ref": "ApiRate"}
    assert settings[0]["ThrottlingBurstLimit"] == {"Ref": "ApiBurst"}


def test_what_the_gateway_answers_itself_carries_our_headers(resources):
    """401, 403, 413, 429 and 5xx of its own: the headers of our answers, and their shape."""
    body = resources["RestAPI"]["Properties"]["DefinitionBody"]
    told = body["x-amazon-apigateway-gateway-responses"]
    assert set(told) == {"DEFAULT_4XX", "DEFAULT_5XX"}  # every answer that has none of its own
    for answer in told.values():
        given = {
            name.removeprefix("gatewayresponse.header."): value.strip("'")
            for name, value in answer["responseParameters"].items()
        }
        # Quotes cannot stand in a quoted value: these two together say what our policy says.
        instead = (given.pop("Content-Security-Policy"), given.pop("X-Frame-Options"))
        assert instead == ("sandbox", "DENY")
        assert given == {k: v for k, v in HEADERS.items() if k != "Content-Security-Policy"}
        shown = re.sub(r"\$context\.error\.messageString", '"m"', answer["responseTemplates"][JSON])
        assert set(json.loads(shown)["error"]) == {"code", "message", "request_id"}


def test_only_our_own_services_publish_to_the_topics_that_they_tell(resources):
    """For this account: a topic's policy is what stands between it and everybody's services."""
    for topic, service in (
        ("Ops", "cloudwatch.amazonaws.com"),
        ("MailTopic", "ses.amazonaws.com"),
        ("SmsTopic", "sms-voice.amazonaws.com"),
    ):
        (one,) = resources[f"{topic}Policy"]["Properties"]["PolicyDocument"]["Statement"]
        assert one["Principal"] == {"Service": service}
        assert (one["Action"], one["Resource"]) == ("sns:Publish", {"Ref": topic})
        account = one["Condition"]["StringEquals"]["aws:SourceAccount"]
        assert account == {"Ref": "AWS::AccountId"}


def test_what_runs_by_the_clock_is_done_before_it_runs_again_or_does_no_harm(resources):
    """A look is claimed, a probe is asked for once: two runs at a time are rare and harmless."""
    from chalicelib.entrypoints.schedules import POLLING_SECONDS

    timeouts = {name: resources[name]["Properties"]["Timeout"] for name in ("Poll", "Watch")}
    assert POLLING_SECONDS < 60
    assert POLLING_SECONDS + 15 * 2 <= timeouts["Poll"] < 120
    assert timeouts["Watch"] < 3600


def test_functions_have_time_and_room(resources):
    """Nothing runs on Chalice's defaults; the API answers before API Gateway gives up."""
    for name, function in functions(resources).items():
        assert function["MemorySize"] >= 512, name
        assert function["Timeout"] != 60 or name == "Sweep", name
        assert function["Tracing"] == "PassThrough", name
        assert function["Architectures"] == ["arm64"], name
    assert functions(resources)["APIHandler"]["Timeout"] <= 29


def test_a_step_outlives_its_function(resources):
    """The machine waits longer for a step than the step may run, or it would repeat it."""
    states = json.loads(resources["Care"]["Properties"]["DefinitionString"])["States"]
    for name in STATES - {"Respond", "FollowUp", "Survey"}:
        assert states[name]["TimeoutSeconds"] > resources[name]["Properties"]["Timeout"], name


def test_a_deployment_tells_where_everything_is(prod):
    assert set(prod["Outputs"]) >= {
        "EndpointURL", "UserPoolId", "UserPoolClientId", "LoginUrl", "TableName", "InboxUrl",
        "InboxDeadUrl", "OutboxUrl", "OutboxDeadUrl", "StreamDeadUrl", "WarningsTopicArn",
        "BreachesTopicArn", "OpsTopicArn", "MachineArn", "QuarantineBucket", "MediaBucket",
        "FilesUrl", "FilesDeadUrl", "HooksUrl", "HooksDeadUrl", "NoticesUrl", "NoticesDeadUrl",
        "MailBucket", "MailTopicArn", "SmsTopicArn",
    }  # fmt: skip


def test_the_template_fits(prod):
    """CloudFormation takes a template of 1 MB from a bucket, and 500 resources."""
    assert len(json.dumps(prod)) < 500_000
    assert len(prod["Resources"]) < 300


def test_no_path_of_this_machine_is_in_it(prod):
    assert str(Path.home()) not in json.dumps(prod)
    assert str(package.ROOT) not in json.dumps(prod)
