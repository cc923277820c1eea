"""An RSA signature by a certificate: PKCS #1 v1.5 with SHA-1 (SNS version 1) or SHA-256 (2).

Imported only where a delivery over HTTPS is checked: `cryptography` is large.
"""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from chalicelib.channels.contract import SignatureError


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature in base64 and SNS's version of it: "1" or "2"."""

    value: str
    version: str


def check(message: bytes, signature: Signature, pem: bytes, now: datetime) -> None:
    """Raise SignatureError unless the certificate's key signed exactly this message."""
    try:
        given = base64.b64decode(signature.value.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise SignatureError("signature_malformed") from None
    key = _key(pem, now)
    # SHA-1 is what SNS signs version 1 with; a topic of ours is told to use version 2
    sha = hashes.SHA256() if signature.version == "2" else hashes.SHA1()  # noqa: S303
    try:
        key.verify(given, message, padding.PKCS1v15(), sha)
    except InvalidSignature:
        raise SignatureError("signature_wrong", status=403) from None


def _key(pem: bytes, now: datetime) -> rsa.RSAPublicKey:
    try:
        certificate = x509.load_pem_x509_certificate(pem)
        key = certificate.public_key()
    except (ValueError, TypeError):
        raise SignatureError("certificate_malformed", status=403) from None
    if not isinstance(key, rsa.RSAPublicKey):
        raise SignatureError("certificate_not_rsa", status=403)
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise SignatureError("certificate_outdated", status=403)
    return key
