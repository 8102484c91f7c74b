"""The open block is rendered anew at growing distances."""

from tests.unit.page.markdown.checked import text_of

from dragoman.page.markdown import Blocks
from dragoman.page.markdown.tail import SMALL


def work_of(blocks: Blocks) -> int:
    before = blocks.work
    blocks.changed()
    return blocks.work - before


def test_a_small_block_is_rendered_each_time() -> None:
    blocks = Blocks()

    for size in range(1, 10):
        blocks.feed("a")
        assert work_of(blocks) == size


def test_long_prose_stays_as_it_was_until_it_has_grown_by_an_eighth() -> None:
    blocks = Blocks()
    blocks.feed("word " * 500)
    blocks.changed()

    blocks.feed("word " * 50)
    assert (blocks.changed(), work_of(blocks)) == ([], 0)

    blocks.feed("word " * 20)
    assert work_of(blocks) >= SMALL


def test_long_code_goes_on_without_colours_in_between() -> None:
    blocks = Blocks()
    blocks.feed("```py\n" + "x = 1\n" * 500)
    blocks.changed()

    blocks.feed("y = 2\nz\u202e")
    before = blocks.work
    [(number, html)] = blocks.changed()

    assert (number, blocks.work) == (0, before)
    assert html.endswith(
        '>1</span>\ny = 2\nz<span class="unseen" dir="ltr" title="U+202E">\u202e</span>'
        "</code></pre></figure>\n"
    )
    assert text_of([html]) == text_of(blocks.blocks())


def test_a_line_that_may_close_the_code_is_not_shown_in_it() -> None:
    blocks = Blocks()
    blocks.feed("```\na\n``")

    assert text_of(blocks.blocks()) == "a\n\n"


def test_code_that_its_list_has_left_is_rendered_whole() -> None:
    blocks = Blocks()
    blocks.feed("- ```\n" + ("  " + "x" * 97 + "\n") * 110)
    blocks.changed()

    blocks.feed("a")

    assert text_of([html for _, html in blocks.changed()]).endswith("a\n")
