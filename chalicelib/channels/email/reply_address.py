"""Reply addresses: the one thing of a mail that every client gives back unchanged.

care+<conversation><code>@example.com: 26 characters of the conversation's id and 16 of an HMAC, in
base32 and read in either case. The local part ends at 64 characters (RFC 5321, 4.5.3.1.1).
"""

import hashlib
import hmac
import re
from base64 import b32encode

LOCAL_LIMIT = 64
ID_LENGTH = 26
CODE_LENGTH = 16  # of base32: 80 bits
_TOKEN = re.compile(r"[a-z2-7]{42}", re.ASCII)


def plain(address: str) -> str:
    """Return the address in lower case, without what follows a plus sign in its local part."""
    local, _, domain = address.strip().strip("<>").lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}" if local else ""


def reply_address(account: str, thread: str, keys: tuple[str, ...]) -> str:
    """Return where answers of this conversation go; the account itself when it cannot be said.

    That is: without a key, without a conversation, or where the local part would get too long.
    """
    local, _, domain = account.rpartition("@")
    token = thread + _code(account, thread, keys[0]) if keys and thread else ""
    whole = f"{local}+{token}"
    if not _TOKEN.fullmatch(token) or len(whole) > LOCAL_LIMIT:
        return account
    return f"{whole}@{domain}"


def proved(address: str, keys: tuple[str, ...]) -> tuple[str, int]:
    """Return the conversation that an address of ours names, and which key proves it.

    Nothing when the address names none or no key proves it.
    """
    local, _, _ = address.strip().strip("<>").lower().rpartition("@")
    token = local.partition("+")[2]
    if not _TOKEN.fullmatch(token):
        return "", 0
    thread, code = token[:ID_LENGTH], token[ID_LENGTH:]
    for index, key in enumerate(keys):
        if hmac.compare_digest(_code(plain(address), thread, key), code):
            return thread, index
    return "", 0


def keys_of(secret_keys: object) -> tuple[str, ...]:
    """Return the usable keys of a secret's `reply_keys`, newest first."""
    listed = secret_keys if isinstance(secret_keys, list | tuple) else ()
    return tuple(one for one in listed if isinstance(one, str) and len(one) >= CODE_LENGTH)


def _code(account: str, thread: str, key: str) -> str:
    """Bind the code to the account: a token of one handle is worth nothing at another."""
    said = f"reply\x1f{account}\x1f{thread}".encode("utf-8", "surrogatepass")
    found = hmac.new(key.encode("utf-8", "surrogatepass"), said, hashlib.sha256).digest()
    return b32encode(found).decode("ascii")[:CODE_LENGTH].lower()
