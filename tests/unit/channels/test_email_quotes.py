"""What was written and what was cut: nothing is lost, and an answer is never hidden."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.channels.email.quotes import parted
from chalicelib.channels.markup import depth, text_of
from tests.fakes.effort import bounded

QUOTE = "> first\n> second"


@pytest.mark.parametrize(
    "introduction",
    [
        "On Sat, 21 Nov 2026 at 10:00, Acme <care@example.com> wrote:",
        "On Sat, 21 Nov 2026 at 10:00, Acme Customer Care Department\n<care@example.com> wrote:",
        "Am 21.11.2026 um 10:00 schrieb Acme <care@example.com>:",
        "Le sam. 21 nov. 2026 à 10:00, Acme <care@example.com> a écrit :",
        "El sáb, 21 nov 2026 a las 10:00, Acme (<care@example.com>) escribió:",
        "Il giorno sab 21 nov 2026 alle ore 10:00 Acme <care@example.com> ha scritto:",
        "Em sáb., 21 de nov. de 2026 às 10:00, Acme <care@example.com> escreveu:",
        "Op za 21 nov 2026 om 10:00 schreef Acme <care@example.com>:",
        "sob., 21 lis 2026 o 10:00 Acme <care@example.com> napisał(a):",
        "2026年11月21日(土) 10:00 Acme <care@example.com>のメッセージ:",
        "21 нояб. 2026 г. Acme <care@example.com> написал:",  # noqa: RUF001
    ],
)
def test_the_mail_before_is_cut_with_its_introduction_in_many_languages(introduction):
    text = f"Thanks, and the invoice?\n\n{introduction}\n{QUOTE}"
    assert parted(text) == ("Thanks, and the invoice?", f"{introduction}\n{QUOTE}")


@pytest.mark.parametrize(
    "header",
    [
        "From: Acme <care@example.com>\nSent: Saturday\nTo: Ana\nSubject: Re: order",
        "Von: Acme <care@example.com>\nGesendet: Samstag\nAn: Ana\nBetreff: AW: Bestellung",
        "*De :* Acme <care@example.com>\n*Envoyé :* samedi\n*À :* Ana\n*Objet :* commande",
        "-----Original Message-----\nFrom: Acme",
        "-----Ursprüngliche Nachricht-----\nVon: Acme",
        "________________________________\nFrom: Acme <a@b.c>\nSent: now\nTo: Ana\nSubject: x",
    ],
)
def test_outlooks_block_is_cut_though_nothing_is_marked(header):
    written, cut = parted(f"Where is it?\n\n{header}\n\nDear Ana,\nit is on its way.")
    assert written.partition("\n____")[0].strip() == "Where is it?"
    assert "it is on its way." in cut


def test_an_introduction_without_marks_is_cut_when_it_tells_when():
    text = "Yes.\n\nOn Sat, 21 Nov 2026 at 10:00, Acme wrote:\nIs it blue?"
    assert parted(text)[0] == "Yes."


@pytest.mark.parametrize(
    "text",
    [
        f"{QUOTE}\n\nIt is blue.",
        f"On Sat, 21 Nov 2026, Acme wrote:\n{QUOTE}\n\nIt is blue.",
        "> Which colour?\nblue\n> Which size?\nlarge",
        f"On Sat, 21 Nov 2026, Acme wrote:\n{QUOTE}",
        "My friend wrote:\nyou are the best.\nAnd I agree.",
        "From: the shop\nI bought it there.",
        "Costs:\n- one\n- two",
        "---------- Forwarded message ---------\nfrom my friend\n\nLook at this.",
        "",
    ],
)
def test_where_words_may_be_hidden_nothing_is_cut(text):
    assert parted(text) == (text, "")


@pytest.mark.parametrize(
    "signature",
    [
        "-- \nAna Example\nAcme Street 1\n+1 555 0100",
        "--\nAna Example",
        "Sent from my iPhone",
        "Von meinem iPhone gesendet",
        "Envoyé de mon iPhone",
        "Get Outlook for iOS<https://example.com/x>",
    ],
)
def test_a_signature_is_cut_alone_and_with_a_quote_below(signature):
    assert parted(f"Hello\n{signature}") == ("Hello", signature)
    whole = f"{signature}\n\nOn Sat, 21 Nov 2026, Acme wrote:\n{QUOTE}"
    assert parted(f"Hello\n{whole}") == ("Hello", whole)


def test_a_drawn_line_is_no_signature():
    text = "One\n--\n" + "\n".join(f"line {n}" for n in range(13))
    assert parted(text) == (text, "")


def test_only_the_end_of_a_mail_can_be_a_phones_signature():
    text = "Sent from my old address, this came back.\nWhy?\nAna"
    assert parted(text) == (text, "")


def test_an_answer_with_a_signature_below_the_quote_is_shown_whole_without_the_signature():
    assert parted(f"{QUOTE}\n\nblue\n-- \nAna") == (f"{QUOTE}\n\nblue", "-- \nAna")


@given(
    st.lists(
        st.sampled_from(
            ["", "word", "> q", "-- ", "--", "On 1 Nov, A <a@b.c> wrote:", "From: a", "Sent: b",
             "To: c", "Sent from my iPhone", "-----Original Message-----", "  indented", "wrote:"]
        ),
        max_size=12,
    )
)  # fmt: skip
def test_every_line_is_in_one_of_both_in_its_order(lines):
    written, cut = parted("\n".join(lines))
    kept = [line for line in f"{written}\n{cut}".split("\n") if line.strip()]
    assert [line.rstrip() for line in kept] == [line.rstrip() for line in lines if line.strip()]
    assert written.strip() or not any(line.strip() for line in lines)


@pytest.mark.parametrize(
    "line", ["", "> a", "--", "-- ", "From: a", "On 1 wrote:", "Sent from my x", "On", "On "]
)
def test_cutting_takes_as_long_as_the_text_is_long(line):
    bounded(5, parted, "\n".join([line] * 20_000))


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("One<br>Two<br/>Three", "One\nTwo\nThree"),
        ("<div>One</div><div>Two</div>", "One\nTwo"),
        ("a  b\n c&nbsp;d", "a b c d"),
        ("<ul><li>one<li>two</ul>end", "- one\n- two\n\nend"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a\nb"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("Hi<blockquote>said<blockquote>before</blockquote></blockquote>",
         "Hi\n\n> said\n\n>> before"),
        ("<style>p{}</style><script>x<y</script><title>t</title>Hi", "Hi"),
        ("<!-- a <b> --> Hi", "Hi"),
        ("<!-- never closed <p>Hi", ""),
        ("a &lt;b&gt; &amp; &#8364; &euro;", "a <b> & € €"),
        ("1 < 2 and <3", "1 < 2 and <3"),
        ('<img alt="a cat" src="cid:1">', "a cat"),
        ('<a title="1 > 0" href="https://example.com">here</a>', "here"),
        ("</p></blockquote>Hi", "Hi"),
        ("&#" + "9" * 9_000 + ";", "&#" + "9" * 9_000 + ";"),
        ("<!DOCTYPE html><html><body>Hi</body></html>", "Hi"),
        ("", ""),
    ],
)  # fmt: skip
def test_html_becomes_what_a_person_reads(html, text):
    assert text_of(html) == text


@given(st.text(alphabet="<>/!-?&#;ab \"'=\n", max_size=80))
def test_any_html_is_read(html):
    text_of(html)
    assert depth(html) >= 0


@pytest.mark.parametrize(
    "piece", ["<", "&", "<!--", "<a ", '<a b="', "</", "<?", "<script>", "<div>", "<blockquote>",
              "<b><p>", "&#", "<![CDATA[", "<a<", "</script", "<img alt=", "<pre>\n"]
)  # fmt: skip
def test_reading_html_takes_as_long_as_it_is_long(piece):
    bounded(5, text_of, piece * (100_000 // len(piece)))


def test_tags_within_tags_are_counted():
    assert depth("<div><p><p><br><b></b></div>") == 2
    assert depth("</div></div><i>") == 1
    assert depth("<div>" * 700) == 700
