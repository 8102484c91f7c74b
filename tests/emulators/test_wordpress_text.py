"""What WordPress makes of a text, as a table."""

import pytest

from dragoman.emulators.wordpress_text import (
    add_slashes,
    is_valid_utf8,
    php_trim,
    sanitize_text_field,
    sanitize_textarea_field,
)

# (what it shows, text, one line, text area if that differs)
VECTORS = [
    ("plain", "hello", "hello", None),
    ("tags are cut", "a <b>bold</b> word", "a bold word", None),
    ("scripts with what is in them", "a<script>alert(1)</script>b", "ab", None),
    ("styles too, any case", "a<STYLE x='1'>p{}</STYLE>b", "ab", None),
    ("a lone <", "1 < 2", "1 &lt; 2", None),
    ("a lone < hides quotes", "1 < \"2\" & '3'", "1 &lt; &quot;2&quot; &amp; &#039;3&#039;", None),
    ("an entity stays one", "1 < &amp; 2", "1 &lt; &amp; 2", None),
    ("< before a blank opens no tag", "a < b > c", "a < b > c", None),
    ("> in quotes ends no tag", 'x <a title="b">y', "x y", None),
    ("an unclosed tag is text", "x <b y", "x &lt;b y", None),
    ("a comment", "x<!-- y -->z", "xz", None),
    ("lines run into one", "a\n\n b\t c\r\nd", "a b c d", "a\n\n b\t c\r\nd"),
    ("ends are trimmed", "\n a \t", "a", None),
    ("U+00A0 and U+2028 stay", "\u00a0a\u2028b\u00a0", "\u00a0a\u2028b\u00a0", None),
    ("octets are cut", "100%41 of %e2%82 it", "100 of it", None),
    ("and blanks close up behind them", "a %20 b", "a b", None),
    ("an octet made by cutting one", "%4%411", "", None),
    ("a bare per cent stays", "100 % sure", "100 % sure", None),
    ("emoji and RTL stay", "\N{GRINNING FACE} שלום", "\N{GRINNING FACE} שלום", None),
    ("< at the end of a line", "a <\nb>", "a &lt; b>", "a &lt;\nb>"),
    ("no UTF-8", "a\udcffb", "", None),
]


@pytest.mark.parametrize(
    ("text", "line", "area"), [row[1:] for row in VECTORS], ids=[row[0] for row in VECTORS]
)
def test_a_field_is_sanitised(text: str, line: str, area: str | None) -> None:
    assert sanitize_text_field(text) == line
    assert sanitize_textarea_field(text) == (line if area is None else area)


def test_magic_quotes_are_put_before_quotes_and_backslashes_and_nul() -> None:
    assert add_slashes('it\'s "so" \\ \0') == 'it\\\'s \\"so\\" \\\\ \\0'


def test_trimming_knows_ascii_blanks_and_nul_only() -> None:
    assert php_trim(" \0\x0b\u00a0x\u2003\n") == "\u00a0x\u2003"


def test_a_lone_surrogate_is_a_byte_that_was_no_utf8() -> None:
    assert is_valid_utf8("é\u2028")
    assert not is_valid_utf8(b"\xff".decode("utf-8", "surrogateescape"))
