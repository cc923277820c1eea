"""The networks behind one server: whose call it is, and what follows what we said there."""

import base64
import json
import time

import pytest
import urllib3

from infra.local.simulator import networks as module
from infra.local.simulator.crm import CrmTaker
from infra.local.simulator.faults import Faults
from infra.local.simulator.graph import Sent
from infra.local.simulator.happening import Happening
from infra.local.simulator.ledger import Ledger, Received
from infra.local.simulator.networks import Networks
from infra.local.simulator.platforms import Platforms
from infra.local.simulator.post import Door
from infra.local.simulator.signing import standard_headers
from infra.local.simulator.taker import Asked
from tests.unit.local.world import BRAND

URL = "http://127.0.0.1:1/hearback"
SES = "AWS4-HMAC-SHA256 Credential=x/20261121/us-east-1/ses/aws4_request, SignedHeaders=a"
MAIL = b"""From: care@example.com
To: Ana <ana@example.net>
Reply-To: care+token@example.com
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain

Hello
--b
Content-Type: application/pdf
Content-Disposition: attachment; filename=label.pdf

%PDF
--b--
"""


@pytest.fixture
def sent():
    return []


@pytest.fixture
def networks(sent):
    made = Networks(BRAND, Ledger(), Faults({}), lambda network, one: sent.append((network, one)))
    made.reached_at(URL)
    return made


def received(networks, **changes):
    known = {"account": "a", "customer": "7", "text": "Hi", "platform_id": "1", "token": "t"}
    return Sent(Received(module.now(), **(known | changes)))


@pytest.mark.parametrize("account", BRAND.x, ids=lambda one: one.handle)
def test_a_call_on_x_belongs_to_whose_token_it_carries(networks, account):
    for token, path in ((account.access_token, "/2/users/me"), (account.bearer, "/2/webhooks")):
        headers = {"authorization": f"Bearer {token}"}
        told = networks.takers["x"].take(Asked("GET", path, headers=headers))
        assert told.status == 200
        data = json.loads(told.body)["data"]
        who = data["id"] if isinstance(data, dict) else data[0]["url"]
        assert who in (account.account, f"{URL}/webhooks/x/{account.handle}")


def test_a_call_on_x_with_nobodys_token_is_refused(networks):
    asked = Asked("GET", "/2/users/me", headers={"authorization": "Bearer nobody"})
    assert networks.takers["x"].take(asked).status == 401


def test_a_mail_of_ours_is_told_of_by_the_topic(networks):
    one = received(networks, account=BRAND.mail, platform_id="id1@email.amazonses.com")
    ((_, webhook),) = networks.follows("email", one)
    told = json.loads(webhook.notice)
    assert (webhook.door, webhook.body, told["eventType"]) == (Door.MAIL, b"", "Delivery")
    assert (told["mail"]["messageId"], told["mail"]["tags"]["token"]) == ("id1", ["t"])


def test_an_sms_of_ours_is_told_of_by_its_topic(networks, sent):
    body = {
        "DestinationPhoneNumber": "+49171",
        "OriginationIdentity": BRAND.text.number,
        "MessageBody": "Hi",
        "ConfigurationSetName": BRAND.text.configuration_set,
        "Context": {"token": "t"},
    }
    headers = {
        "authorization": "AWS4-HMAC-SHA256 Credential=x/20261121/us-east-1/sms-voice/aws4_request",
        "x-amz-target": "PinpointSMSVoiceV2.SendTextMessage",
    }
    asked = Asked("POST", "/", headers=headers, body=json.dumps(body).encode())
    assert networks.sms.take(asked).status == 200
    ((network, one),) = sent
    told = [(w.door, json.loads(w.notice)["eventType"]) for _, w in networks.follows(network, one)]
    assert told == [(Door.TEXT, "TEXT_SUCCESSFUL"), (Door.TEXT, "TEXT_DELIVERED")]


def test_a_message_of_ours_on_x_is_followed_by_its_echo(networks):
    follows = networks.follows("acme-x", received(networks, account=BRAND.x[0].account))
    assert {webhook.door for _, webhook in follows} == {Door.OWN}
    assert {webhook.path for _, webhook in follows} == {"/webhooks/x/acme-x"}


@pytest.mark.parametrize("network", ["telegram", "youtube", "mastodon", "bluesky", "line"])
def test_nothing_follows_where_the_network_tells_nothing(networks, network):
    assert not networks.follows(network, received(networks))


def send_mail(networks):
    raw = base64.b64encode(MAIL).decode()
    body = {
        "FromEmailAddress": BRAND.mail,
        "Destination": {"ToAddresses": ["ana@example.net"]},
        "Content": {"Raw": {"Data": raw}},
    }
    path, headers = "/v2/email/outbound-emails", {"authorization": SES}
    asked = Asked("POST", path, headers=headers, body=json.dumps(body).encode())
    assert networks.email.take(asked).status == 200


def test_the_reply_address_is_that_of_the_newest_mail_to_a_customer(networks):
    assert networks.reply_address("ana@example.net") == ""
    send_mail(networks)
    assert networks.reply_address("ana@example.net") == "care+token@example.com"
    assert networks.reply_address("ben@example.net") == ""


def test_files_that_left_with_mails_are_known(networks):
    send_mail(networks)
    (file,) = networks.enclosed()
    assert (file.customer, file.name, file.body.strip()) == (
        "ana@example.net",
        "label.pdf",
        b"%PDF",
    )


def test_twilio_signs_the_address_that_it_calls(networks):
    one = Happening("a", "+4917", module.now(), "SM1", "Ana", "Hi")
    webhook = networks.by_twilio(one)
    assert webhook.path == "/webhooks/twilio/acme-twilio"
    assert webhook.headers["X-Twilio-Signature"]


# -- the company's own system --------------------------------------------------------------------


def tell(crm, event_id, secret=BRAND.crm_secret):
    body = json.dumps({"type": "case.opened", "data": {"case_id": "c-1"}}).encode()
    headers = standard_headers(event_id, int(time.time()), body, secret)
    lower = {name.lower(): value for name, value in headers.items()}
    return crm.take(Asked("POST", "", headers=lower, body=body)).status


def test_the_companys_system_is_not_there_at_the_first_attempts():
    crm = CrmTaker(BRAND.crm_secret, absent=2)
    assert [tell(crm, one) for one in ("a", "a", "b", "c", "b")] == [503, 200, 503, 200, 200]
    assert [(one.event_id, one.kind) for one in crm.heard()][:2] == [("a", "case.opened")] * 2
    assert crm.heard()[0].data == {"case_id": "c-1"}


def test_the_companys_system_takes_only_what_is_signed():
    crm = CrmTaker(BRAND.crm_secret, absent=0)
    assert tell(crm, "a", "whsec_NzY1NDMyMTBmZWRjYmE5ODc2NTQzMjEw") == 401
    assert [one.status for one in crm.heard()] == [401]


# -- the server ----------------------------------------------------------------------------------


@pytest.fixture
def platforms():
    made = Platforms(BRAND)
    yield made
    made.close()


def test_every_network_is_behind_its_own_path(platforms):
    urls = json.loads(platforms.platform_urls)
    assert urls["google_oauth"] == urls["youtube"]
    with urllib3.PoolManager(retries=False) as http:
        for name in urls.keys() - {"google_oauth", "graph", "crm", "standard"}:
            answer = http.request("GET", f"{urls[name]}/nothing")
            assert answer.status in (400, 401, 403, 404), name
        assert http.request("GET", f"{platforms.url}/nowhere/at/all").status == 404
        assert {one.reason for one in platforms.ledger.refused()}


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_a_call_reaches_its_network_as_it_was_made(platforms, method):
    came = []

    class Anybody:
        prefix = "anybody"

        def take(self, asked):
            came.append(asked)
            return module.Told(201, b"made", "text/plain", {"X-More": "yes"})

    platforms.networks.takers["anybody"] = Anybody()
    with urllib3.PoolManager(retries=False) as http:
        url = f"{platforms.url}/anybody/a%2Fb/c?x=1&y="
        answer = http.request(method, url, body=b"body", headers={"X-Mixed-Case": "Yes"})
    assert (answer.status, answer.data, answer.headers["X-More"]) == (201, b"made", "yes")
    (asked,) = came
    assert (asked.method, asked.path, asked.body) == (method, "/a%2Fb/c", b"body")
    assert asked.query == {"x": "1", "y": ""}
    assert asked.headers["x-mixed-case"] == "Yes"
