"""The lane of mail in the template that ships: who may store, who may tell, who may read."""

import json

import pytest

from chalicelib.channels.email.told import FOLDER
from infra import package
from tests.contract.permissions import allowed


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    return package.template("prod", tmp_path_factory.mktemp("template") / "prod")


@pytest.fixture(scope="module")
def resources(template):
    return template["Resources"]


def properties(resources, name):
    return resources[name]["Properties"]


def test_only_topics_of_this_stack_may_write_to_the_queue_of_notices(resources):
    """The room of mail checks no signature: this policy is the proof."""
    policy = properties(resources, "NoticeQueuePolicy")["PolicyDocument"]["Statement"]
    (one,) = policy
    assert one["Principal"] == {"Service": "sns.amazonaws.com"}
    assert one["Action"] == "sqs:SendMessage"
    sources = one["Condition"]["ArnEquals"]["aws:SourceArn"]
    sms = properties(resources, "SmsTopic")["TopicName"]["Fn::Sub"]
    assert sources[0] == {"Ref": "MailTopic"}
    assert sources[1]["Fn::Sub"].endswith(f":{sms}")
    assert len(sources) == 2


def test_only_ses_for_this_account_may_tell_the_topic(resources):
    (one,) = properties(resources, "MailTopicPolicy")["PolicyDocument"]["Statement"]
    assert one["Principal"] == {"Service": "ses.amazonaws.com"}
    assert one["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    assert properties(resources, "MailTopic")["KmsMasterKeyId"] == {"Ref": "AlertsKey"}
    key = properties(resources, "AlertsKey")["KeyPolicy"]["Statement"]
    assert {"Service": "ses.amazonaws.com"} in [statement["Principal"] for statement in key]


def test_only_our_rule_may_store_mails_and_only_where_they_are_read(resources):
    deny, allow = properties(resources, "MailsPolicy")["PolicyDocument"]["Statement"]
    assert (deny["Effect"], deny["Condition"]) == (
        "Deny", {"Bool": {"aws:SecureTransport": "false"}},
    )  # fmt: skip
    assert allow["Resource"]["Fn::Sub"] == f"${{Mails.Arn}}/{FOLDER}*"
    rule = properties(resources, "MailRule")["Rule"]
    named = f"receipt-rule-set/{properties(resources, 'MailRules')['RuleSetName']['Fn::Sub']}"
    named += f":receipt-rule/{rule['Name']['Fn::Sub']}"
    assert allow["Condition"]["StringEquals"]["aws:SourceArn"]["Fn::Sub"].endswith(named)
    (action,) = rule["Actions"]
    assert action["S3Action"] == {
        "BucketName": {"Ref": "Mails"},
        "ObjectKeyPrefix": FOLDER,
        "TopicArn": {"Ref": "MailTopic"},
    }
    assert rule["ScanEnabled"] is True


def test_mail_is_received_only_where_somebody_said_so(template, resources):
    for name in ("MailRules", "MailRule"):
        assert resources[name]["Condition"] == "ReceivesMail"
    assert template["Parameters"]["ReceiveMail"]["Default"] == "no"


def test_the_bucket_of_mails_is_private_and_forgets(resources):
    bucket = properties(resources, "Mails")
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    (rule,) = bucket["LifecycleConfiguration"]["Rules"]
    assert rule["ExpirationInDays"] == {"Ref": "MailDays"}
    assert resources["Mails"]["DeletionPolicy"] == "Retain"


def test_a_notice_is_told_again_for_hours_and_then_kept(resources):
    queue, dead = properties(resources, "NoticeQueue"), properties(resources, "NoticeDead")
    function = properties(resources, "Notices")
    source = function["Events"]["NoticesSqsEventSource"]["Properties"]
    assert source["Queue"] == {"Fn::GetAtt": ["NoticeQueue", "Arn"]}
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert queue["VisibilityTimeout"] >= 6 * function["Timeout"]
    assert queue["VisibilityTimeout"] * queue["RedrivePolicy"]["maxReceiveCount"] >= 2 * 3600
    assert dead["MessageRetentionPeriod"] == queue["MessageRetentionPeriod"] == 14 * 86_400
    assert function["MemorySize"] >= 1536  # a mail of 40 MB takes some 500


def test_what_our_mails_become_is_told_and_who_reads_them_is_not(resources):
    events = properties(resources, "MailEvents")["EventDestination"]
    assert set(events["MatchingEventTypes"]) == {
        "delivery", "bounce", "complaint", "reject", "deliveryDelay",
    }  # fmt: skip
    assert events["SnsDestination"] == {"TopicARN": {"Ref": "MailTopic"}}
    name = properties(resources, "MailConfiguration")["Name"]
    assert name == {"Fn::Sub": "hearback-${Stage}"}  # as bootstrap.py calls it


def test_the_door_of_notices_reads_mails_and_changes_none(resources):
    may = allowed(resources, "NoticesRole")
    on_mails = {action for action, on in may if on.startswith("Mails")}
    assert on_mails == {"s3:GetObject", "s3:ListBucket"}
    assert not [one for one in may if one[0].startswith("dynamodb:") and "Item" not in one[0]]
    assert ("dynamodb:PutItem", "Table") not in may


def test_nothing_of_it_is_a_secret(resources):
    text = json.dumps([resources[name] for name in resources if name.startswith("Mail")])
    assert "reply_keys" not in text
