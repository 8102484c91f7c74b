"""Characters that nobody sees: removed, made visible in code, or kept from reaching out in prose.

Control characters have no place in a text. Bidirectional controls can show code in an order that no
compiler reads ("Trojan Source"), so in code they and zero-width characters are marked; what is
copied is still exactly what was said. In prose they are of use, within an isolate of their own.
Source: Unicode Standard Annex 9, section 3.1, and Technical Report 36, read 2026-11-21.
"""

import re

from markdown_it.common.utils import escapeHtml

__all__ = ["cleaned", "isolated", "marked"]

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_UNSEEN = re.compile(
    "[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]"
)


def cleaned(text: str) -> str:
    """The text without control characters (tabs and line feeds stay) and lone surrogates."""
    return _SURROGATE.sub("\ufffd", _CONTROL.sub("", text))


def isolated(text: str) -> str:
    """HTML of a text within a block, whose bidirectional controls end where it ends."""
    html = escapeHtml(cleaned(text))
    return f"<bdi>{html}</bdi>" if _BIDI.search(html) else html


def marked(text: str) -> str:
    """HTML of code, with a mark around each character that would not be seen."""
    return _UNSEEN.sub(_mark, escapeHtml(text))


def _mark(found: re.Match[str]) -> str:
    return f'<span class="unseen" dir="ltr" title="U+{ord(found[0]):04X}">{found[0]}</span>'
