"""The detector of personal data: what its own form proves, and telephone numbers by a library.

The library is `phonenumberslite`: Google's libphonenumber in Python without places and carriers, 5
MB instead of 46. It takes 50 ms to import, so it is imported only for a text that holds enough
digits in a row.
"""

from collections.abc import Iterator, Sequence

from chalicelib.domain.personal import Finding, merged
from chalicelib.domain.plain import Plain, plain

MOST_TRIES = 16
"""How many readings of one stretch of digits are tried."""


class Detector:
    """Implements ports.Detector."""

    def find(self, text: str, region: str) -> Sequence[Finding]:
        """Return the personal data in a text, in order, overlaps merged.

        `region` is the country (ISO 3166) whose own way of writing telephone numbers is read
        besides the international one; empty: only the international one.
        """
        from chalicelib.domain.detection import found_in  # noqa: PLC0415 - its patterns take time
        from chalicelib.domain.telephone import runs  # noqa: PLC0415

        seen = plain(text)
        numbers = [
            Finding("phone", *seen.place(start, end))
            for run in runs(seen.text)
            for start, end in _numbers(seen, run, region)
        ]
        return merged((*found_in(seen), *numbers))


def _numbers(seen: Plain, run: tuple[int, int], region: str) -> Iterator[tuple[int, int]]:
    """Yield the telephone numbers in a stretch of digits."""
    from phonenumbers import Leniency, PhoneNumberMatcher  # noqa: PLC0415 - see above

    from chalicelib.domain.telephone import is_dialled  # noqa: PLC0415

    first, last = run
    matches = PhoneNumberMatcher(
        seen.text[first:last], region.upper() or None, Leniency.VALID, MOST_TRIES
    )
    for match in matches:
        start, end = first + match.start, first + match.end
        if is_dialled(seen.text, start, end):
            yield start, end
