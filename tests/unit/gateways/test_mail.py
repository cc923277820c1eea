"""SES: one call a mail, its id as customers will see it, and every end of a call told apart."""

import pytest
from botocore import exceptions
from botocore.parsers import ResponseParserError

from chalicelib.channels.email.headers import sent_id
from chalicelib.gateways.mail import Mail
from chalicelib.workflows.networks import AwsRefusedError, NoAnswerError, NotSentError
from tests.unit.gateways.clients import stubbed

ASKED = {
    "FromEmailAddress": "care@example.com",
    "Destination": {"ToAddresses": ["ana@example.net"]},
    "Content": {"Raw": {"Data": b"raw"}},
    "ConfigurationSetName": "hearback-prod",
    "EmailTags": [{"Name": "token", "Value": "m-1"}],
}


def send(mail, token="m-1"):
    return mail.send("care@example.com", ["ana@example.net"], b"raw", token)


def test_a_mail_is_sent_with_its_set_and_its_tag():
    client, stubber = stubbed("sesv2")
    stubber.add_response("send_email", {"MessageId": "0102-1"}, ASKED)
    assert send(Mail(client, "hearback-prod")) == "0102-1@eu-west-1.amazonses.com"
    stubber.assert_no_pending_responses()


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1", "ap-southeast-2"])
def test_the_id_is_the_one_that_the_room_of_mail_expects(region):
    class Client:
        meta = type("Meta", (), {"region_name": region})

        def send_email(self, **asked):
            return {"MessageId": "1"}

    assert send(Mail(Client())) == sent_id("1", region)


def test_an_id_that_has_its_domain_stays_as_it_is():
    client, stubber = stubbed("sesv2")
    stubber.add_response("send_email", {"MessageId": "1@email.amazonses.com"})
    assert send(Mail(client)) == "1@email.amazonses.com"


@pytest.mark.parametrize("token", ["", "é", "a b", "x" * 300])
def test_what_cannot_be_a_tag_is_left_out_and_the_mail_goes(token):
    client, stubber = stubbed("sesv2")
    asked = {name: ASKED[name] for name in ("FromEmailAddress", "Destination", "Content")}
    stubber.add_response("send_email", {"MessageId": "1"}, asked)
    assert send(Mail(client), token)


def test_a_refusal_keeps_ses_own_word():
    client, stubber = stubbed("sesv2")
    stubber.add_client_error("send_email", "MessageRejected", "Email address is not verified")
    with pytest.raises(AwsRefusedError) as refused:
        send(Mail(client))
    assert (refused.value.code, refused.value.text) == (
        "MessageRejected", "Email address is not verified",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (exceptions.ConnectTimeoutError(endpoint_url="x"), NotSentError),
        (exceptions.EndpointConnectionError(endpoint_url="x"), NotSentError),
        (exceptions.NoCredentialsError(), NotSentError),
        (exceptions.ReadTimeoutError(endpoint_url="x"), NoAnswerError),
        (exceptions.ConnectionClosedError(endpoint_url="x"), NoAnswerError),
        (ResponseParserError("x"), NoAnswerError),
        (exceptions.ClientError({"Error": {"Code": "502"}}, "SendEmail"), NoAnswerError),
        (exceptions.ClientError({"Error": {"Code": "Throttling"}}, "SendEmail"), AwsRefusedError),
    ],
)
def test_every_end_of_a_call_is_told_apart(error, told):
    class Client:
        def send_email(self, **asked):
            raise error

    with pytest.raises(told):
        send(Mail(Client()))


def probed(account, identities):
    client, stubber = stubbed("sesv2")
    stubber.add_response("get_account", account)
    for identity, answer in identities:
        if answer is None:
            stubber.add_client_error(
                "get_email_identity",
                "NotFoundException",
                expected_params={"EmailIdentity": identity},
            )
        else:
            asked = {"EmailIdentity": identity}
            stubber.add_response("get_email_identity", {"VerifiedForSendingStatus": answer}, asked)
    return Mail(client).probe("care@example.com")


WELL = {"SendingEnabled": True, "ProductionAccessEnabled": True}


@pytest.mark.parametrize(
    ("account", "identities", "words"),
    [
        (WELL, [("example.com", True)], ""),
        (WELL, [("example.com", None), ("care@example.com", True)], ""),
        (WELL, [("example.com", False), ("care@example.com", None)], "not verified"),
        ({**WELL, "SendingEnabled": False}, [], "paused"),
        ({**WELL, "ProductionAccessEnabled": False}, [("example.com", True)], "sandbox"),
    ],
)
def test_a_probe_says_what_hinders(account, identities, words):
    found = probed(account, identities)
    assert words in found
    assert bool(words) is bool(found)


def test_a_probe_that_is_refused_says_so():
    client, stubber = stubbed("sesv2")
    stubber.add_response("get_account", WELL)
    stubber.add_client_error("get_email_identity", "AccessDeniedException")
    with pytest.raises(AwsRefusedError):
        Mail(client).probe("care@example.com")
