"""A POST to an operator's address: to public ones only, once, and never along a redirect."""

import socket
from dataclasses import replace

import pytest

from chalicelib.channels.guarded import Poster
from chalicelib.workflows.networks import NoAnswerError, NotSentError


def post(platform, **changed):
    places = replace(platform.places, **changed)
    return Poster(places).post(platform.url + "/v2/enqueue", {"Authorization": "GenieKey g"}, b"{}")


@pytest.mark.parametrize("status", [200, 202, 302, 400, 429, 500])
def test_the_status_comes_back_and_a_redirect_is_not_followed(platform, status):
    platform.status = status
    platform.headers = {"Location": platform.url + "/elsewhere"}
    assert post(platform) == status
    (asked,) = platform.asked
    assert asked.path.endswith("/v2/enqueue")
    assert asked.headers["content-type"] == "application/json"
    assert asked.headers["authorization"] == "GenieKey g"
    assert asked.body == b"{}"


def test_our_own_network_is_never_called_but_on_the_local_stage(platform):
    with pytest.raises(NotSentError, match="refused"):
        post(platform, private_urls=False)
    for url in ("https://127.0.0.1/x", "https://localhost/x", "http://127.0.0.1/x", "ftp://x"):
        with pytest.raises(NotSentError, match="refused"):
            Poster(replace(platform.places, private_urls=False)).post(url, {}, b"")
    assert platform.asked == []


def test_a_name_that_nobody_knows_is_told_apart(platform, monkeypatch):
    def unknown(*_, **__):
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(NotSentError, match="unresolved"):
        Poster(replace(platform.places, private_urls=False)).post("https://x.example/", {}, b"")


def test_no_answer_is_told_apart_from_not_sent(platform):
    platform.manner = "drop"
    with pytest.raises(NoAnswerError):
        post(platform)
