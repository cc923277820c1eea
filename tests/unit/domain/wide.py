"""Full-width letters and digits, as some keyboards write them."""

ABOVE = 0xFEE0


def wide(text: str) -> str:
    """Return the text in full-width characters; blanks stay."""
    return "".join(chr(ord(one) + ABOVE) if "!" <= one <= "~" else one for one in text)
