"""Taps: the page behind the link in an SMS or an email, where one tap acknowledges.

A link's proof is all that is asked: no sign-in, no cookie. Programs that look at links (mail
scanners, previews) fetch them, so reading the page changes nothing; what acknowledges is the form
that it posts. In a browser that somebody looks at, it posts itself.
"""

import logging
from collections.abc import Callable

from chalice.app import Blueprint, Response

from chalicelib import bootstrap
from chalicelib.bootstrap import Parts
from chalicelib.entrypoints.observed import count, noted

FORM = ["application/x-www-form-urlencoded", "text/plain", "application/json"]
"""What a browser or a command may call the empty body of the form."""

NOT_FOUND = "This link leads to no page. It may be cut off, or the page is long over."
NOT_NOW = "That did not work just now. Nothing is lost: tap the link again."

log = logging.getLogger(__name__)

taps_blueprint = Blueprint(__name__)


@taps_blueprint.route("/p/{token}", methods=["GET"])
def tap(token: str) -> Response:
    """Show what a link's page is. Changes nothing, however often it is fetched."""
    return _answered(token, _shown)


@taps_blueprint.route("/p/{token}", methods=["POST"], content_types=FORM)
def tapped(token: str) -> Response:
    """Acknowledge the page for the link's person, and say whose it is now."""
    return _answered(token, _taken)


Work = Callable[[Parts, str, str, str], str]


def _answered(token: str, work: Work) -> Response:
    """Answer in HTML whatever goes wrong. `work` gets page id, person and nonce."""
    from chalicelib.entrypoints import tap_page
    from chalicelib.workflows.errors import NotFoundError

    nonce = tap_page.nonce()
    try:
        html, status = _proved(token, work, nonce), 200
    except NotFoundError:
        count("PageLinkRefused")
        log.warning("Refused a link of no page.")
        html, status = tap_page.plain(NOT_FOUND, nonce), 404
    except Exception:
        log.exception("A link's page could not be answered.")
        count("DoorFailed", door="api_handler")
        html, status = tap_page.plain(NOT_NOW, nonce), 503
    return Response(html, status_code=status, headers=tap_page.headers(nonce))


def _proved(token: str, work: Work, nonce: str) -> str:
    """Do the work for the person of a link. Raises NotFoundError when we did not make it."""
    from chalicelib.workflows.errors import NotFoundError

    parts = bootstrap.parts()
    found = parts.links.person(token)
    if found is None:
        raise NotFoundError("no such link")
    noted(page_id=found[0], actor=found[1])
    return work(parts, *found, nonce)


def _shown(parts: Parts, page_id: str, person: str, nonce: str) -> str:
    from chalicelib.domain.paging import ASK
    from chalicelib.entrypoints import tap_page
    from chalicelib.workflows.errors import NotFoundError
    from chalicelib.workflows.ladder.calls import call, name_of

    page = parts.pages.get(page_id)
    if page is None:
        raise NotFoundError("no such page")
    query = dict(taps_blueprint.current_request.query_params or {})
    held = tap_page.Held(person, name_of(parts, page.acknowledged_by), asks=ASK in query)
    return tap_page.shown(call(parts, page, person), held, nonce)


def _taken(parts: Parts, page_id: str, person: str, nonce: str) -> str:
    from chalicelib.entrypoints import tap_page
    from chalicelib.workflows.ladder.acknowledge import acknowledge
    from chalicelib.workflows.ladder.calls import call, name_of

    page = acknowledge(parts, page_id, person)
    parts.meter.count("PageTapped", state=page.state.value)
    held = tap_page.Held(person, name_of(parts, page.acknowledged_by), asks=True)
    return tap_page.shown(call(parts, page, person), held, nonce)
