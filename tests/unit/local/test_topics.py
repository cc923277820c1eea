"""Mail and SMS come in as AWS brings them: stored, then told; and again until both are taken."""

import json

import pytest
from botocore.exceptions import EndpointConnectionError

from infra.local.simulator.post import Door, Webhook
from infra.local.simulator.topics import topics

OUTPUTS = {"MailBucket": "mails", "MailTopicArn": "arn:mail", "SmsTopicArn": "arn:sms"}
TOLD = json.dumps({"receipt": {"action": {"objectKey": "mail/1"}}})


class FakeCloud:
    """Keeps what is stored and told, in its order, or is not there."""

    def __init__(self, broken=""):
        self.done, self.broken = [], broken
        self.s3 = self.sns = self

    def _do(self, what, *told):
        if what == self.broken:
            raise EndpointConnectionError(endpoint_url="x")
        self.done.append((what, *told))

    def put_object(self, **asked):
        self._do("stored", asked["Bucket"], asked["Key"], asked["Body"])

    def publish(self, **asked):
        self._do("told", asked["TopicArn"], asked["Message"])


def test_a_mail_is_stored_before_it_is_told_of():
    cloud = FakeCloud()
    door = topics(cloud, OUTPUTS)[Door.MAIL]
    assert door(Webhook("mail", Door.MAIL, b"raw", notice=TOLD)) == 200
    assert cloud.done == [("stored", "mails", "mail/1", b"raw"), ("told", "arn:mail", TOLD)]


def test_news_of_a_mail_of_ours_stores_nothing():
    cloud = FakeCloud()
    assert topics(cloud, OUTPUTS)[Door.MAIL](Webhook("news", Door.MAIL, b"", notice="{}")) == 200
    assert cloud.done == [("told", "arn:mail", "{}")]


def test_an_sms_is_told_of_by_its_own_topic():
    cloud = FakeCloud()
    assert topics(cloud, OUTPUTS)[Door.TEXT](Webhook("sms", Door.TEXT, b"", notice="{}")) == 200
    assert cloud.done == [("told", "arn:sms", "{}")]


@pytest.mark.parametrize("broken", ["stored", "told"])
def test_what_aws_did_not_take_has_no_answer(broken):
    door = topics(FakeCloud(broken), OUTPUTS)[Door.MAIL]
    assert door(Webhook("mail", Door.MAIL, b"raw", notice=TOLD)) == 0
