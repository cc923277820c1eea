"""Tap page: the HTML behind a page's link. Small, plain, and of use without scripts."""

import secrets
from dataclasses import dataclass
from html import escape

from chalicelib.domain.alert import span
from chalicelib.domain.page import PageState
from chalicelib.domain.paging import Call, case_link, phrase, size, then, worst, written

LISTED = 50
"""How many cases are listed; the desk has all of them."""

STYLE = (
    "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:36rem;margin:2rem auto;padding:0 1rem;"
    "color:#111;background:#fff}"
    "button{font:inherit;width:100%;padding:1rem;border:0;border-radius:.5rem;color:#fff;"
    "background:#0a5}li{margin:.4rem 0}small{color:#555}"
    "@media(prefers-color-scheme:dark){body{color:#eee;background:#111}a{color:#8cf}"
    "small{color:#aaa}}"
)

# Only where somebody looks: a preview is hidden, and a browser that a program drives says so.
SCRIPT = (
    "(function(){var form=document.getElementById('take'),done=false;"
    "function go(){if(!done&&document.visibilityState==='visible'&&!navigator.webdriver)"
    "{done=true;form.submit()}}"
    "document.addEventListener('visibilitychange',go);go()})()"
)


@dataclass(frozen=True, slots=True)
class Held:
    """Who looks at a page, and the name of who has it. `asks`: a tap on the button is wanted."""

    person: str
    holder: str
    asks: bool = False


def nonce() -> str:
    """Return a word for one answer's Content-Security-Policy."""
    return secrets.token_urlsafe(16)


def headers(word: str) -> dict[str, str | list[str]]:
    """Return the headers of the answer: nothing but this page's own style and script may run."""
    only = f"'nonce-{word}'"
    return {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": (
            f"default-src 'none'; script-src {only}; style-src {only}; form-action 'self'; "
            "base-uri 'none'; frame-ancestors 'none'"
        ),
        "X-Robots-Tag": "noindex, nofollow, noarchive",
    }


def plain(words: str, word: str) -> str:
    """Return a page that says one thing."""
    return _document("Hearback", [f"<p>{escape(words)}</p>"], word)


def shown(call: Call, held: Held, word: str) -> str:
    """Return the page of a call: what it is, whose it is, and the button to take it."""
    page = call.page
    mine = page.state is PageState.ACKNOWLEDGED and page.acknowledged_by == held.person
    age = span((call.now - page.opened_at).total_seconds())
    title = f"{page.severity.value.capitalize()}: {call.team}"
    parts = [
        f"<h1>{escape(title)}</h1>",
        f"<p>{escape(size(call.members))}. Began {escape(age)} ago.</p>",
        f"<p><strong>{escape(_standing(call, held))}</strong></p>",
    ]
    if page.state is not PageState.OVER and not mine:
        parts += _button(call, held, word)
    if mine:
        parts += _cases(call)
    return _document(title, parts, word)


def _standing(call: Call, held: Held) -> str:
    page = call.page
    if page.state is PageState.OVER:
        return "It is over: there is nothing left to do."
    if page.state is PageState.OPEN:
        had = f"{held.holder} had it, and it is not settled." if held.holder else "Nobody has it."
        return f"{had} {then(call)}"
    who = "You have it" if page.acknowledged_by == held.person else f"{held.holder} has it"
    if page.frozen_until is None:
        return f"{who}."
    until = written(page.frozen_until, call.zone)
    return f"{who}. Nobody else is told until {until}; what is not settled then goes on."


def _button(call: Call, held: Held, word: str) -> list[str]:
    form = '<form id="take" method="post"><button>I take it</button></form>'
    once = call.page.state is PageState.OPEN and not held.asks
    return [form, f'<script nonce="{word}">{SCRIPT}</script>'] if once else [form]


def _cases(call: Call) -> list[str]:
    listed = worst(call.members)[:LISTED]
    rows = []
    for member in listed:
        link, handle = escape(case_link(call.desk_url, member)), escape(member.handle)
        what = escape(phrase(member, call.now))
        due = escape(written(member.due_at, call.zone))
        rows.append(f'<li><a href="{link}">{handle}: {what}</a> <small>due {due}</small></li>')
    more = len(call.members) - len(listed)
    left = [f"<p>And {more} more in the desk.</p>"] if more > 0 else []
    return ["<ol>", *rows, "</ol>", *left]


def _document(title: str, parts: list[str], word: str) -> str:
    head = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(title)}</title><style nonce="{word}">{STYLE}</style></head><body>'
    )
    return head + "\n".join(parts) + "</body></html>\n"
