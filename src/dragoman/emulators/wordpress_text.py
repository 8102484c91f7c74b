r"""What WordPress does to the text of a form field before a plugin sees it.

Rule: pure, text in, text out. Bytes that are no UTF-8 come as lone surrogates (Python's
`surrogateescape`), so that "invalid" can be told here as PHP tells it.
Source: WordPress 6.1.9 with PHP 8.2, behaviour of magic quotes,
`sanitize_text_field` and `sanitize_textarea_field`, observed 2026-11-21.
"""

import re

__all__ = [
    "add_slashes",
    "is_valid_utf8",
    "php_trim",
    "sanitize_text_field",
    "sanitize_textarea_field",
]

_QUOTED = re.compile(r"""['"\\]""")
# From a "<" to its ">", or to the next "<" or the end when it has none.
_FROM_LESS_THAN = re.compile(r"<[^<>]*>?")
_SCRIPT = re.compile(r"<(script|style)[^>]*?>.*?</\1>", re.IGNORECASE | re.DOTALL)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
# A "<" before a blank opens no tag; a ">" inside quotes does not end one.
_TAG = re.compile(r"""<(?!\s)(?:"[^"]*(?:"|\Z)|'[^']*(?:'|\Z)|[^>"'])*(?:>|\Z)""")
_BARE_AMPERSAND = re.compile(
    r"&(?!(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{0,31});)"
)
_BLANKS = re.compile(r"[\r\n\t ]+")
_OCTET = re.compile(r"%[a-f0-9]{2}", re.IGNORECASE)
_ESCAPED = str.maketrans({"<": "&lt;", '"': "&quot;", "'": "&#039;"})
_PHP_BLANK = " \t\n\r\0\x0b"


def add_slashes(text: str) -> str:
    r"""Magic quotes: a backslash before quotes and backslashes, NUL as `\0`."""
    return _QUOTED.sub(lambda found: "\\" + found[0], text).replace("\0", "\\0")


def is_valid_utf8(text: str) -> bool:
    """Whether the bytes behind `text` were UTF-8."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def php_trim(text: str) -> str:
    """PHP's `trim`: ASCII blanks and NUL off both ends, other Unicode blanks stay."""
    return text.strip(_PHP_BLANK)


def sanitize_text_field(text: str) -> str:
    """One line without tags: blanks of any sort run into one space, `%xx` octets are cut."""
    return _sanitize(text, keep_lines=False)


def sanitize_textarea_field(text: str) -> str:
    """The same with newlines and tabs kept."""
    return _sanitize(text, keep_lines=True)


def _sanitize(text: str, *, keep_lines: bool) -> str:
    if not is_valid_utf8(text):
        return ""
    if "<" in text:
        text = _strip_tags(_FROM_LESS_THAN.sub(_escape_lone, text)).replace("<\n", "&lt;\n")
    if not keep_lines:
        text = _BLANKS.sub(" ", text)
    return _strip_octets(php_trim(text))


def _escape_lone(found: re.Match[str]) -> str:
    piece = found[0]
    if piece.endswith(">"):
        return piece
    return _BARE_AMPERSAND.sub("&amp;", piece).translate(_ESCAPED)


def _strip_tags(text: str) -> str:
    text = _COMMENT.sub("", _SCRIPT.sub("", text))
    return php_trim(_TAG.sub("", text))


def _strip_octets(text: str) -> str:
    found = False
    # Cutting one octet can join the halves of the next ("%4%411"): until none is left.
    while _OCTET.search(text):
        found = True
        text = _OCTET.sub("", text)
    return php_trim(re.sub(" +", " ", text)) if found else text
