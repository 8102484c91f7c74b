"""The laws of blocks: cuts do not matter, work is bounded, nothing is lost."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.unit.page.markdown.checked import Checked, text_of

from dragoman.page.markdown import Blocks, render
from dragoman.page.markdown.tail import SMALL

MARKDOWN = [
    "a",
    "word ",
    "\n",
    "\n\n",
    "\r\n",
    "  ",
    "    ",
    "\t",
    "# ",
    "## b\n",
    "- ",
    "* ",
    "1. ",
    "2) ",
    "> ",
    "```",
    "```py\n",
    "~~~\n",
    "`",
    "``",
    "*",
    "**",
    "_",
    "~~",
    "[",
    "]",
    "(",
    ")",
    "![",
    "](",
    "https://a.example",
    "<https://b.example>",
    "[a]: https://c.example\n",
    "[a]",
    "javascript:",
    "|",
    "| a | b |\n|---|:-:|\n",
    "$",
    "$$",
    "\\(",
    "\\)",
    "\\[",
    "\\]",
    "\\",
    "---\n",
    "===\n",
    "***\n",
    "&amp;",
    "&#x202e;",
    "<script>",
    "</p>",
    "<",
    ">",
    '"',
    "\u202e",
    "\u200b",
    "\0",
    "\ud800",
    "é",
    "line of words\n",
    "x" * 3000,
    "item\n" * 700,
    "    code\n" * 300,
    "- [x] ",
]
TEXTS = st.text() | st.lists(st.sampled_from(MARKDOWN), max_size=40).map("".join)
PIECES = st.lists(st.sampled_from(MARKDOWN) | st.text(max_size=5), max_size=40)


def follow(blocks: Blocks, shown: dict[int, str]) -> None:
    """Take the changes as the page does."""
    shown.update(blocks.changed())


@given(PIECES)
@example(["```\n", "x" * 9000, "\n``", "`", "\n"])
@example(["```\n", "x" * 8192 + "\n", "``", "`\n"])
@example(["- ```\n", "  x" * 3000, "\n", "a"])
@example(["| a |\n|---|\n", "| b |\n" * 1500, "|"])
def test_however_a_text_is_cut_its_blocks_are_the_same(pieces: list[str]) -> None:
    blocks, shown = Blocks(), dict[int, str]()
    for piece in pieces:
        blocks.feed(piece)
        follow(blocks, shown)
        assert sorted(shown) == list(range(len(blocks.blocks())))
        follow(blocks, shown)
    blocks.end()
    blocks.end()
    follow(blocks, shown)

    assert blocks.blocks() == render("".join(pieces)) == [shown[at] for at in sorted(shown)]
    assert blocks.changed() == []


@given(TEXTS, st.data())
def test_a_cut_anywhere_is_no_matter(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text)))

    blocks = Blocks()
    blocks.feed(text[:at])
    blocks.changed()
    blocks.feed(text[at:])
    blocks.end()

    assert blocks.blocks() == render(text)


@given(TEXTS)
@example("<a href=javascript:alert(1)>")
def test_any_text_is_allowed_html_and_no_error(text: str) -> None:
    for html in render(text):
        Checked(html)


@given(st.lists(st.text(st.characters(categories=["L", "N"])), min_size=1))
def test_the_letters_of_words_remain(words: list[str]) -> None:
    text = " ".join(words)

    shown = text_of(render(text))

    assert shown.split() == text.split()


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"])), st.sampled_from(["", "py", "html"]))
def test_code_remains_as_it_is(code: str, language: str) -> None:
    code = re.sub("^`", "x", code)

    [html] = render(f"```{language}\n{code}\n```")

    assert text_of([html]) == f"{language}{code}\n\n"


@pytest.mark.parametrize(
    "unit",
    [
        "word ",
        "x",
        "a line of words\n",
        "- an item\n",
        "> a\n",
        "- a\n\n  b\n\n",
        "#",
        "\n",
        "a\n\n",
        ("```py\n", "x = 1  # one\n"),
        ("- ```py\n", "  x = 1\n"),
        ("| a |\n|---|\n", "| b | c |\n"),
    ],
    ids=repr,
)
def test_a_long_text_costs_no_more_for_a_character_than_a_short_one(
    unit: str | tuple[str, str],
) -> None:
    """Work is counted, not timed: 20 times the text, and a small block for each question."""
    first, again = unit if isinstance(unit, tuple) else ("", unit)
    text, step = (first + again * 9_000)[:9_000], 90
    blocks = Blocks()

    asked = 0
    for at in range(0, len(text), step):
        blocks.feed(text[at : at + step])
        blocks.changed()
        asked += 1
    blocks.end()

    assert blocks.work <= 20 * len(text) + asked * SMALL
    assert max(map(len, ["", *blocks.blocks()])) < 500_000


def test_a_whole_text_is_parsed_once() -> None:
    blocks = Blocks()

    blocks.feed("Some *words*.\n\n" * 1000)
    blocks.end()

    assert blocks.work <= 15_000


def test_a_text_that_has_ended_takes_no_more() -> None:
    blocks = Blocks()
    blocks.end()

    assert (blocks.blocks(), render("")) == ([], [])
    with pytest.raises(ValueError, match="has ended"):
        blocks.feed("a")
