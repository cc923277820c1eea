"""What to do in Google's console to connect a channel, in plain words."""

from collections.abc import Mapping, Sequence

from chalicelib.domain.policy import Handle

_COMMAND = "python -m infra.commands --stage <stage>"
_FORM = '{"api_key": "...", "client_id": "...", "client_secret": "...", "refresh_token": "..."}'
_PLAYGROUND = "https://developers.google.com/oauthplayground"


def steps(handle: Handle, secret: Mapping[str, object]) -> Sequence[str]:
    """Return the steps, one a line. There is no callback: YouTube pushes no comments."""
    name = handle.secret or handle.id
    stored = "is stored" if secret else "is not stored yet"
    return (
        "Open console.cloud.google.com, make a project, and enable YouTube Data API v3.",
        "Under Credentials make an API key, restricted to that API: it reads the comments.",
        "Under OAuth consent screen publish the app: in testing its tokens end after seven days.",
        f"Under Credentials make an OAuth client (Web application), redirect URI {_PLAYGROUND}",
        f"Open {_PLAYGROUND}, and under its settings enter that client as your own.",
        "Ask there for the scope https://www.googleapis.com/auth/youtube.force-ssl",
        f"Sign in as the owner of channel {handle.account_id}, and exchange the code for tokens.",
        f"Store them ({name} {stored}): {_COMMAND} set-secret {name}, with {_FORM}",
        'In care.yaml give the handle settings: {every: "300"} (seconds between two looks).',
        "No callback URL and no verify token: Hearback looks for comments itself.",
        "Write a comment under a video of the channel: it appears within the time between looks.",
    )
