"""What to do to connect a system of one's own, in plain words."""

from collections.abc import Mapping, Sequence

from chalicelib.domain.policy import Handle

_COMMAND = "python -m infra.commands --stage <stage>"
_FORM = '{"secrets": ["whsec_..."], "url": "https://.../replies", "out_secrets": ["whsec_..."]}'


def steps(handle: Handle, callback_url: str, secret: Mapping[str, object]) -> Sequence[str]:
    """Return the steps, one a line. There is no console and no question to answer first."""
    name = handle.secret or handle.id
    stored = "is stored" if secret else "is not stored yet"
    return (
        "Make two keys: whsec_ followed by 24 to 64 random bytes in base64, one each way.",
        f"Store them ({name} {stored}): {_COMMAND} set-secret {name}, with {_FORM}",
        "`secrets` sign what the other system sends us, `out_secrets` what we send to `url`.",
        f"Let the other system POST its messages to {callback_url}",
        "Sign each as https://www.standardwebhooks.com says; one id for all attempts of one event.",
        "The bodies are described in docs/channels/webhook.md.",
        "Send a message.created: it is answered 200 and appears in the inbox.",
        "Answer it in Hearback: `url` gets a message.reply and must answer 2xx within 15 seconds.",
    )
