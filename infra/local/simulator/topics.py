"""What AWS does when a mail or an SMS comes in: it is stored, then a topic of the stack is told."""

import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from infra.cloud import Cloud
from infra.local.simulator.post import Door, Topic, Webhook

TAKEN, NOT_TAKEN = 200, 0


def topics(cloud: Cloud, outputs: Mapping[str, str]) -> Mapping[Door, Topic]:
    """Return the doors of mail and SMS of a stack."""
    s3, sns = cloud.s3, cloud.sns

    def mail(webhook: Webhook) -> int:
        return _told(s3, sns, outputs, webhook)

    def text(webhook: Webhook) -> int:
        return _published(sns, outputs["SmsTopicArn"], webhook)

    return {Door.MAIL: mail, Door.TEXT: text}


def _told(s3: Any, sns: Any, outputs: Mapping[str, str], webhook: Webhook) -> int:
    """Store the mail, if there is one, and tell the topic. Twice does no harm."""
    if webhook.body:
        key = json.loads(webhook.notice)["receipt"]["action"]["objectKey"]
        try:
            s3.put_object(Bucket=outputs["MailBucket"], Key=key, Body=webhook.body)
        except (BotoCoreError, ClientError):
            return NOT_TAKEN
    return _published(sns, outputs["MailTopicArn"], webhook)


def _published(sns: Any, arn: str, webhook: Webhook) -> int:
    try:
        sns.publish(TopicArn=arn, Message=webhook.notice)
    except (BotoCoreError, ClientError):
        return NOT_TAKEN
    return TAKEN
