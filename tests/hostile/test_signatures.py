"""Signatures: what differs from what the platform signed is refused, and a rotation has an end."""

import base64
import hashlib
import hmac
from datetime import timedelta

import pytest

from chalicelib.channels.contract import SignatureError
from chalicelib.channels.meta.room import MetaRoom
from chalicelib.channels.standard.room import StandardRoom
from chalicelib.gateways.secrets import FRESH_SECONDS, Secrets
from tests.contract.rules import loose_comparisons
from tests.contract.test_project_rules import SHIPS, faults
from tests.fakes.house import APP_SECRET, HOOK_SECRET, OLD_SECRET, signed
from tests.fakes.outside import BEGINNING
from tests.hostile.deliveries import META, SHOP, hook, page, post, talk

BODY = page(messaging=[talk(number, f"text {number}") for number in range(3)])
NOW = BEGINNING
HEADER = "X-Hub-Signature-256"
BITS = 2_000


def flipped(raw: bytes, bit: int) -> bytes:
    """Return the bytes with one bit turned over."""
    changed = bytearray(raw)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def meta(body=BODY, header=None, secrets=(APP_SECRET,), name=HEADER):
    value = signed(body)[HEADER] if header is None else header
    return MetaRoom().verify(body, {name: value}, {"app_secrets": list(secrets)}, NOW)


def standard(body=BODY, headers=None, secrets=(HOOK_SECRET,), now=NOW):
    given = hook(body, NOW.timestamp()) if headers is None else headers
    return StandardRoom().verify(body, given, {"secrets": list(secrets)}, now)


def refused(check, *args, **kwargs):
    """Say whether a check refuses, with the status that a wrong proof gets."""
    try:
        check(*args, **kwargs)
    except SignatureError as error:
        return error.status == 401
    return False


def test_what_the_platform_signed_is_let_in():
    """Otherwise the refusals below would prove nothing."""
    assert meta().body == BODY
    assert standard().body == BODY
    assert len(BODY) * 8 >= BITS


def test_no_bit_of_metas_signature_may_differ():
    proof = bytes.fromhex(signed(BODY)[HEADER].removeprefix("sha256="))
    assert len(proof) * 8 == 256
    for bit in range(256):
        assert refused(meta, header="sha256=" + flipped(proof, bit).hex()), bit


def test_no_bit_of_a_standard_signature_may_differ():
    headers = hook(BODY, NOW.timestamp())
    proof = base64.b64decode(headers["webhook-signature"].removeprefix("v1,"))
    assert len(proof) * 8 == 256
    for bit in range(256):
        wrong = "v1," + base64.b64encode(flipped(proof, bit)).decode()
        assert refused(standard, headers=headers | {"webhook-signature": wrong}), bit


@pytest.mark.parametrize("room", ["meta", "standard"])
def test_no_bit_of_the_body_may_differ(room):
    header, headers = signed(BODY)[HEADER], hook(BODY, NOW.timestamp())
    step = len(BODY) * 8 // BITS
    for bit in range(0, BITS * step, step):
        body = flipped(BODY, bit)
        if room == "meta":
            assert refused(meta, body, header), bit
        else:
            assert refused(standard, body, headers), bit


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp"])
def test_no_bit_of_what_else_a_standard_signature_covers_may_differ(name):
    headers = hook(BODY, NOW.timestamp())
    raw = headers[name].encode()
    for bit in range(len(raw) * 8):
        wrong = flipped(raw, bit).decode("latin-1")
        assert refused(standard, headers=headers | {name: wrong}), bit


RIGHT = signed(BODY)[HEADER]
OTHER_FORMS = {
    "truncated": RIGHT[:-1],
    "half": RIGHT[:39],
    "longer": RIGHT + "0",
    "upper case": "sha256=" + RIGHT[7:].upper(),
    "prefix in upper case": RIGHT.replace("sha256", "SHA256"),
    "wrong prefix": RIGHT.replace("sha256", "sha512"),
    "sha1": "sha1=" + hmac.new(APP_SECRET.encode(), BODY, hashlib.sha1).hexdigest(),
    "no prefix": RIGHT[7:],
    "prefix alone": "sha256=",
    "space before": " " + RIGHT,
    "line break after": RIGHT + "\n",
    "two": f"{RIGHT},{RIGHT}",
    "full-width digits": RIGHT[:-1] + "\uff11",
    "arabic digits": "sha256=" + "\u0661" * 64,
    "not ASCII": "sha256=" + "é" * 64,
    "NUL": RIGHT + "\0",
    "empty": "",
}


@pytest.mark.parametrize("form", OTHER_FORMS.values(), ids=OTHER_FORMS)
def test_metas_signature_has_one_form(form, house):
    assert refused(meta, header=form)
    assert post(house, BODY, {HEADER: form}).status == 401


STANDARD = hook(BODY, NOW.timestamp())
PROOF = STANDARD["webhook-signature"]
STANDARD_FORMS = {
    "truncated": PROOF[:-1],
    "without padding": PROOF.rstrip("="),
    "other spare bits": PROOF[:-2] + chr(ord(PROOF[-2]) + 1) + "=",
    "upper case version": PROOF.replace("v1", "V1"),
    "version 2": PROOF.replace("v1", "v2"),
    "asymmetric": PROOF.replace("v1", "v1a"),
    "no version": PROOF[3:],
    "url alphabet": PROOF.replace("+", "-").replace("/", "_") + "=",
    "hexadecimal": "v1," + base64.b64decode(PROOF[3:]).hex(),
    "not ASCII": "v1,é",
    "comma instead of a space": f"v1,x,{PROOF}",
    "empty": "",
}


@pytest.mark.parametrize("form", STANDARD_FORMS.values(), ids=STANDARD_FORMS)
def test_a_standard_signature_has_one_form(form, house):
    headers = STANDARD | {"webhook-signature": form}
    assert refused(standard, headers=headers)
    assert post(house, BODY, headers, SHOP).status == 401


@pytest.mark.parametrize("missing", STANDARD)
def test_a_missing_header_is_no_proof(missing, house):
    headers = {name: value for name, value in STANDARD.items() if name != missing}
    assert refused(standard, headers=headers)
    assert post(house, BODY, headers, SHOP).status == 401
    assert post(house, BODY, {}).status == 401


@pytest.mark.parametrize("secrets", [(), ("",), ("", ""), (None,)])
def test_an_empty_secret_proves_nothing(secrets):
    """Anybody can sign with an empty key."""
    by_nothing = "sha256=" + hmac.new(b"", BODY, hashlib.sha256).hexdigest()
    assert refused(meta, header=by_nothing, secrets=secrets)
    key_of_nothing = hook(BODY, NOW.timestamp(), secret="whsec_")
    assert refused(standard, headers=key_of_nothing, secrets=secrets)
    assert refused(standard, headers=key_of_nothing, secrets=("whsec_",))


@pytest.mark.parametrize(("seconds", "let_in"), [(-301, 0), (-300, 1), (300, 1), (301, 0)])
def test_a_standard_signature_is_good_for_five_minutes(seconds, let_in):
    assert refused(standard, now=NOW + timedelta(seconds=seconds)) != bool(let_in)


NEW_HOOK = "whsec_" + base64.b64encode(b"the secret after the rotation").decode()
ROTATIONS = {
    META: (
        "meta",
        lambda secrets: {"app_secrets": secrets, "verify_token": "t"},
        (OLD_SECRET, APP_SECRET),
        lambda house, secret: signed(BODY, secret),
    ),
    SHOP: (
        "acme-shop",
        lambda secrets: {"secrets": secrets},
        (HOOK_SECRET, NEW_HOOK),
        lambda house, secret: hook(BODY, house.parts.now().timestamp(), secret),
    ),
}


class Vault:
    """Secrets Manager, as far as it is read."""

    def __init__(self) -> None:
        self.held: dict[str, str] = {}

    def get_secret_value(self, SecretId: str) -> dict[str, str]:
        return {"SecretString": self.held[SecretId]}


@pytest.mark.parametrize("path", ROTATIONS)
def test_a_rotation_has_no_gap_and_an_end(house, path):
    """Inside the overlap both secrets prove; five minutes after its end the old one does not."""
    import json

    name, shape, (old, new), proof = ROTATIONS[path]
    vault, seconds = Vault(), [0.0]
    house.parts.secrets = Secrets(vault, "hearback/test", lambda: seconds[0])

    def statuses(*secrets):
        vault.held[f"hearback/test/{name}"] = json.dumps(shape(list(secrets)))
        seconds[0] += FRESH_SECONDS + 1
        return [post(house, BODY, proof(house, secret), path).status for secret in (old, new)]

    assert statuses(old) == [200, 401]
    assert statuses(new, old) == [200, 200]
    assert statuses(old, new) == [200, 200]
    assert statuses(new) == [401, 200]


def test_no_file_compares_a_secret_or_a_signature_with_equality():
    """How long an ordinary comparison takes tells how much of a guess was right."""
    assert faults(loose_comparisons, SHIPS) == ""
