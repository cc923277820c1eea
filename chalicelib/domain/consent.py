"""Consent: whether a text message as a whole asks for no more messages, or for messages again.

The words are those that carriers and providers act on themselves (Twilio's standard list; the
CTIA's handbook for North America; ARRET for French Canada), with the words that are usual in
German, Spanish and French. Only a message that is nothing but such a word counts: "stop the order,
please" is a request for the care team.
"""

STOP = "stop"
START = "start"

_STOP_WORDS = frozenset(
    "stop stopall unsubscribe optout revoke stopp abmelden arret arrêt desabonner désabonner "
    "alto baja parar".split()
) | {"stop all", "opt out", "opt-out"}
_STOP_WORDS_OF_CARRIERS = frozenset("cancel end quit".split())
_START_WORDS = frozenset("start unstop".split())
_START_WORDS_OF_CARRIERS = frozenset({"yes"})
_HELP_WORDS = frozenset("help info hilfe aide ayuda".split())


def consent(text: str, *, carrier: bool = True) -> str:
    """Return `stop`, `start` or nothing.

    `carrier`: the network itself takes words like CANCEL, END, QUIT and YES that way, so that we
    must too (SMS). Elsewhere (WhatsApp) they answer a question far more often.
    """
    word = _word(text)
    if word in _STOP_WORDS or (carrier and word in _STOP_WORDS_OF_CARRIERS):
        return STOP
    if word in _START_WORDS or (carrier and word in _START_WORDS_OF_CARRIERS):
        return START
    return ""


def asks_help(text: str) -> bool:
    """Return whether a message is nothing but HELP or the like, which carriers answer themselves.

    It is an ordinary message all the same: the customer may want more than the standard answer.
    """
    return _word(text) in _HELP_WORDS


def _word(text: str) -> str:
    """Return the text in lower case, with what surrounds its first and last letter cut off."""
    letters = [place for place, letter in enumerate(text) if letter.isalnum()]
    return " ".join(text[letters[0] : letters[-1] + 1].lower().split()) if letters else ""
