"""Files of messages: Twilio gives them to the account's keys, and redirects to where they lie."""

from chalicelib.channels import download
from chalicelib.channels.contract import Secret
from chalicelib.channels.places import Places
from chalicelib.channels.twilio import api
from chalicelib.domain.event import Attachment
from chalicelib.workflows.networks import Fetched, FetchError


def fetch(attachment: Attachment, most: int, secret: Secret, places: Places) -> Fetched:
    """Return a file's bytes.

    The keys go to Twilio's own host only; what it redirects to is asked without them (download.py
    sees to that). Raises FetchError or FetchLaterError.
    """
    at_twilio = api.own_url(attachment.url, places)
    if not at_twilio:
        return download.fetch(attachment.url, {}, most, places)
    account = api.account_of(secret)
    if account is None:
        raise FetchError("no_token")
    return download.fetch(at_twilio, {"Authorization": account.authorization}, most, places)
