"""Quality: what people say of a case. Its priority, its customer's standing, labels and language.

Priority and VIP choose the targets of the case's promises: whoever changes them decides the clocks
anew afterwards (domain/redecide.py).
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime

from chalicelib.domain.entry import EntryKind
from chalicelib.domain.fold import Fold

MOST_LABELS = 20
LONGEST_LABEL = 40

_PRIORITY = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8}){0,3}")


def priority_of(text: str) -> str | None:
    """Return a priority as targets name it, in lower case; empty is the usual one.

    None: that is no word for one.
    """
    plain = text.strip().lower()
    return plain if not plain or _PRIORITY.fullmatch(plain) else None


def language_of(text: str) -> str | None:
    """Return a language tag (BCP 47) in lower case; empty is not known. None: that is none."""
    plain = text.strip().lower().replace("_", "-")
    return plain if not plain or _LANGUAGE.fullmatch(plain) else None


def label_of(text: str) -> str | None:
    """Return a label as it is kept: in lower case, with single spaces. None: that can be none."""
    plain = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    if not plain or len(plain) > LONGEST_LABEL or "," in plain or not plain.isprintable():
        return None
    return plain


def labels_after(
    known: Iterable[str], add: Iterable[str], remove: Iterable[str]
) -> tuple[str, ...]:
    """Return the labels, in order of the alphabet, after some were added and some removed."""
    return tuple(sorted((set(known) | set(add)) - set(remove)))


def set_priority(fold: Fold, priority: str, at: datetime, actor: str) -> Fold:
    """Give the case a priority. Nothing when it has that one."""
    old = fold.case.priority
    changed = fold.change(priority=priority)
    return _said(fold, changed, EntryKind.PRIORITY_CHANGED, at, actor, old=old, new=priority)


def set_vip(fold: Fold, at: datetime, actor: str, *, vip: bool) -> Fold:
    """Say whether the customer is very important. Nothing when that was said."""
    old, new = ("yes" if said else "no" for said in (fold.case.vip, vip))
    changed = fold.change(vip=vip)
    return _said(fold, changed, EntryKind.VIP_CHANGED, at, actor, old=old, new=new)


def set_labels(fold: Fold, labels: tuple[str, ...], at: datetime, actor: str) -> Fold:
    """Give the case these labels and no others. Nothing when it has them."""
    old, new = ", ".join(fold.case.labels), ", ".join(labels)
    changed = fold.change(labels=labels)
    return _said(fold, changed, EntryKind.LABELS_CHANGED, at, actor, old=old, new=new)


def set_language(fold: Fold, language: str, at: datetime, actor: str) -> Fold:
    """Say which language the customer writes. Nothing when that was said."""
    old, changed = fold.case.language, fold.change(language=language)
    return _said(fold, changed, EntryKind.LANGUAGE_CHANGED, at, actor, old=old, new=language)


def _said(  # noqa: PLR0913 - what was, what is and who said it make one entry
    before: Fold, after: Fold, kind: EntryKind, at: datetime, actor: str, *, old: str, new: str
) -> Fold:
    if after.case == before.case:
        return before
    return after.note(kind, at, actor, value=new, inputs={"old": old, "new": new})
