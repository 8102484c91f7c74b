"""A stranger's text on a terminal: nothing that a terminal obeys, however it is cut."""

import json
import string

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.cli.markdown import settled
from dragoman.cli.terminal import Cleaner, clean, json_text, one_line

TRICKY = st.text(
    alphabet=st.sampled_from("\x1b[]P^_\\\x07\x9b\x9c0;m?! aA\n\t\r\x08é漢"), max_size=40
)


def _fed(pieces: list[str]) -> str:
    cleaner = Cleaner()
    return "".join([*map(cleaner.feed, pieces), cleaner.close()])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain\ttext\nof é and 漢", "plain\ttext\nof é and 漢"),
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07a\x1b]8;;http://x\x1b\\b", "ab"),
        ("\x1bPq#0\x1b\\a", "a"),
        ("\x1b(Ba\x1b7b\x1b=c", "abc"),
        ("run \u202egnp.\u202c\u2066exe\u2069 \u200f", "run gnp.exe \u200f"),
        ("\x9b31ma\x90b", "ab"),
        ("a\r\nb\x08\x7f\x00", "a\nb"),
        ("a\x1b", "a"),
    ],
)
def test_sequences_and_control_characters_are_left_out(text: str, shown: str) -> None:
    assert clean(text) == shown
    assert _fed(list(text)) == shown


@given(st.lists(TRICKY, max_size=6))
def test_nothing_that_a_terminal_obeys_gets_through_however_it_is_cut(pieces: list[str]) -> None:
    shown = _fed(pieces)

    assert not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in shown if c not in "\n\t")


@given(st.text(alphabet=string.printable + "é漢"), st.integers(0, 100))
def test_text_without_them_comes_whole_however_it_is_cut(text: str, at: int) -> None:
    text = "".join(c for c in text if c not in "\r\x0b\x0c")

    assert _fed([text[:at], text[at:]]) == text
    assert clean(text) == text


def test_a_sequence_without_an_end_does_not_swallow_the_answer() -> None:
    words = "word " * 200

    assert _fed(["a \x1b]0;", words]).endswith(words)


def test_an_error_is_one_line() -> None:
    assert one_line("a\n  b\x1b[2J\tc") == "a b c"


@pytest.mark.parametrize(
    ("text", "block"),
    [
        ("one", ""),
        ("one\n\ntw", ""),
        ("one\n\ntwo\n", "one\n\n"),
        ("# title\ntext\n", "# title\n"),
        ("* a\n\n* b\n", ""),
        ("* a\n* b\n\ntext\n", "* a\n* b\n\n"),
        ("```\na\n\nb\n", ""),
        ("```\na\n```\n\nb\n", "```\na\n```\n\n"),
        ("one\u2028more\n\ntwo\n", "one\u2028more\n\n"),
        ("one\n---\n", ""),
    ],
)
def test_a_block_of_markdown_is_settled_when_the_next_has_begun(text: str, block: str) -> None:
    assert text[: settled(text)] == block


@given(st.text() | TRICKY)
def test_json_holds_nothing_that_a_terminal_obeys_and_means_the_same(text: str) -> None:
    shown = json_text(msgspec.json.encode(text.encode("utf-8", "replace").decode()))

    assert clean(shown) == shown
    assert json.loads(shown) == text.encode("utf-8", "replace").decode()
