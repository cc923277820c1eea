"""Qualify: people say how urgent a case is, who its customer is, what it is about and how spoken.

A change of priority or VIP decides every promise of the case anew, from the same starts and the
same pauses (domain/redecide.py).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from chalicelib.domain import quality
from chalicelib.domain.case import Case
from chalicelib.domain.contact import Contact
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.fold import Fold
from chalicelib.domain.message import Message
from chalicelib.domain.redecide import redecide
from chalicelib.workflows.change import Ask, Done, carry_out, open_case, settle, stamped, terms_of
from chalicelib.workflows.errors import NotNowError, RefusedError
from chalicelib.workflows.history.log import entries
from chalicelib.workflows.ports import Commit, Parts


def prioritise(parts: Parts, ask: Ask, priority: str) -> Done:
    """Give an open case a priority; empty is the usual one.

    Raises RefusedError for what is no word for one, NotNowError when the case is not open.
    """
    word = quality.priority_of(priority)
    if word is None:
        raise RefusedError(
            "A priority is a word of letters, digits, - and _, 32 at most.", code="bad_priority"
        )

    def decide(conversation: Conversation) -> tuple[Commit, Message | None]:
        case, now = open_case(conversation), parts.now()
        fold = quality.set_priority(Fold(case), word, now, ask.actor.id)
        return _settled(parts, conversation, decided_anew(parts, conversation, fold, now)), None

    return carry_out(parts, ask, ("priority", word), decide)


def mark_vip(parts: Parts, ask: Ask, *, vip: bool) -> Done:
    """Say whether the customer is very important: of this case, and of the person's later ones.

    Raises NotNowError when there is no case.
    """

    def decide(conversation: Conversation) -> tuple[Commit, Message | None]:
        case, now = _any_case(conversation), parts.now()
        fold = quality.set_vip(Fold(case), now, ask.actor.id, vip=vip)
        commit = _settled(parts, conversation, decided_anew(parts, conversation, fold, now))
        name, since = conversation.contact_name, conversation.created_at
        contact = Contact(conversation.contact_id, name, since)
        return replace(commit, contact=contact, vip=vip), None

    return carry_out(parts, ask, ("vip", str(vip)), decide)


def label(parts: Parts, ask: Ask, add: Sequence[str], remove: Sequence[str]) -> Done:
    """Add labels to a case and take some away.

    Raises RefusedError for what can be no label and for more than MOST_LABELS, NotNowError when
    there is no case.
    """
    more, less = _labels(add), _labels(remove)

    def decide(conversation: Conversation) -> tuple[Commit, Message | None]:
        case = _any_case(conversation)
        labels = quality.labels_after(case.labels, more, less)
        if len(labels) > max(quality.MOST_LABELS, len(case.labels)):
            raise RefusedError(
                f"A case has {quality.MOST_LABELS} labels at most.", code="too_many_labels"
            )
        fold = quality.set_labels(Fold(case), labels, parts.now(), ask.actor.id)
        return _settled(parts, conversation, fold), None

    return carry_out(parts, ask, ("labels", *more, "-", *less), decide)


def speak(parts: Parts, ask: Ask, language: str) -> Done:
    """Say which language the customer writes, as a tag like `de` or `pt-br`; empty: not known.

    Raises RefusedError for what is no such tag, NotNowError when there is no case.
    """
    tag = quality.language_of(language)
    if tag is None:
        raise RefusedError("A language is a tag like de or pt-BR.", code="bad_language")

    def decide(conversation: Conversation) -> tuple[Commit, Message | None]:
        case = _any_case(conversation)
        fold = quality.set_language(Fold(case), tag, parts.now(), ask.actor.id)
        return _settled(parts, conversation, fold), None

    return carry_out(parts, ask, ("language", tag), decide)


def decided_anew(parts: Parts, conversation: Conversation, fold: Fold, at: datetime) -> Fold:
    """Return a case whose priority or VIP mark was just changed, with the clocks that follow.

    Nothing for a case that is over, or when nothing was changed. Whoever calls it writes the fold
    under the condition that the conversation is still the one that was read: the log is read here.
    """
    if not fold.entries or not fold.case.open:
        return fold
    history = entries(parts, conversation.id, fold.case.number)
    terms = terms_of(parts, conversation, fold.case)
    return redecide(fold, history, terms, at, fold.entries[-1].actor)


def _settled(parts: Parts, conversation: Conversation, fold: Fold) -> Commit:
    """Return the commit of what was said; when it was known, the version stays."""
    if not fold.entries:
        return Commit(conversation=conversation)
    new = settle(conversation, fold, terms_of(parts, conversation, fold.case))
    return Commit(conversation=new, entries=stamped(fold, new))


def _any_case(conversation: Conversation) -> Case:
    if conversation.case is None:
        raise NotNowError("There is no case here.", code="no_case")
    return conversation.case


def _labels(given: Sequence[str]) -> tuple[str, ...]:
    labels = [quality.label_of(one) for one in given]
    if None in labels:
        raise RefusedError(
            f"A label has 1 to {quality.LONGEST_LABEL} characters and no comma.", code="bad_label"
        )
    return tuple(sorted({one for one in labels if one}))
