"""Replies by Twilio: SMS, MMS and WhatsApp (protocols 4.3)."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import quote

from chalicelib.channels import answers, transport, waits, wire
from chalicelib.channels.contract import PayloadError, Secret
from chalicelib.channels.places import Places
from chalicelib.channels.twilio import api, failures, reasons
from chalicelib.channels.twilio.inbound import WHATSAPP
from chalicelib.channels.twilio.signature import REPLY
from chalicelib.channels.twilio.times import of_rfc2822
from chalicelib.domain.channel import Channel
from chalicelib.workflows.networks import ErrorClass, Outgoing, SendResult, SendState

LOOK_SECONDS = 5.0
SKEW = timedelta(seconds=2)
"""How far Twilio's clock, which it tells in whole seconds, may be behind ours."""

CALLBACK_RETRIES = "#rc=3&rp=all"
"""Twilio's connection overrides: three more attempts whatever went wrong. It keeps the fragment to
itself, so it is neither sent nor signed."""


def send(outgoing: Outgoing, secret: Secret, places: Places) -> SendResult:
    """Send one message, once; after no answer, look whether Twilio has it."""
    account = api.account_of(secret)
    if account is None:
        text = "The handle's secret holds no account_sid or no auth_tokens."
        return answers.refused(ErrorClass.CHANNEL, "no_token", text)
    form, began = form_of(outgoing, account, places), places.now()
    answer = api.post(account, "/Messages.json", form, places)
    result = answer if isinstance(answer, SendResult) else result_of(answer)
    if result.state is SendState.UNKNOWN and outgoing.template is None:
        result = _looked_up(result, form, began, account, places)
    hidden = (*api.tokens_of(secret), account.authorization, account.sid, account.service)
    return answers.withheld(result, hidden)


def form_of(outgoing: Outgoing, account: api.Account, places: Places) -> api.Fields:
    """Return the form of a message. `From` is always the handle's own number.

    With a messaging service besides, Twilio takes the service's settings and that number of its
    pool.
    """
    before = WHATSAPP if outgoing.handle.channel is Channel.WHATSAPP else ""
    form: dict[str, str | list[str]] = {
        "To": before + outgoing.recipient,
        "From": before + outgoing.handle.account_id,
    }
    if account.service:
        form["MessagingServiceSid"] = account.service
    if outgoing.template is not None:
        form["ContentSid"] = outgoing.template.name
        given = {str(number): text for number, text in enumerate(outgoing.template.parameters, 1)}
        if given:
            form["ContentVariables"] = json.dumps(given)
    elif outgoing.text:
        form["Body"] = outgoing.text
    if places.callbacks is not None:
        url = places.callbacks(outgoing.handle)
        form["StatusCallback"] = f"{url}?{REPLY}={quote(outgoing.token)}{CALLBACK_RETRIES}"
    return form | {"MediaUrl": [file.url for file in outgoing.files]}


def result_of(answer: transport.Answer) -> SendResult:
    """Return what an answer says about the message. Queued is not sent: a status may still fail."""
    told = answers.told(answer)
    code = wire.number(told, "code") or wire.number(told, "error_code")
    if not answer.ok or code:
        return _refused(answer, told, code)
    return answers.accepted(answers.ident(told, "sid"))


def _refused(answer: transport.Answer, told: wire.Json, code: int) -> SendResult:
    verdict = failures.of_error(answer.status, code)
    said = told.get("message") or told.get("error_message")
    text = reasons.told(str(code)) or (wire.clean(said) if isinstance(said, str) else "")
    number = str(code) if code else f"http_{answer.status}"
    return verdict.result(number, text, waits.asked(answer))


def _looked_up(
    result: SendResult, form: api.Fields, began: datetime, account: api.Account, places: Places
) -> SendResult:
    """Look once among the newest messages to this customer whether ours is there.

    When it is not, it may still arrive: nothing is proved then.
    """
    since = began - SKEW
    query = {"To": form["To"], "From": form["From"], "DateSent>": f"{since:%Y-%m-%d}"}
    text = str(form.get("Body", ""))
    quick = replace(places, read_seconds=min(places.read_seconds, LOOK_SECONDS))
    answer = api.get(account, "/Messages.json", {**query, "PageSize": "20"}, quick)
    if isinstance(answer, SendResult) or not answer.ok:
        return result
    try:
        for row in wire.rows(answers.told(answer), "messages"):
            message = wire.as_object(row, "message")
            if _is_ours(message, text, since):
                return SendResult(SendState.ACCEPTED, platform_id=wire.ident(message, "sid"))
    except PayloadError:
        pass  # an answer of a new shape proves nothing
    return result


def _is_ours(message: wire.Json, text: str, since: datetime) -> bool:
    made = of_rfc2822(wire.text(message, "date_created"))
    return (
        made is not None
        and made >= since.replace(microsecond=0)
        and wire.text(message, "direction").startswith("outbound")
        and wire.text(message, "body").strip() == text.strip()
        and bool(wire.ident(message, "sid"))
    )
