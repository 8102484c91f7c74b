"""Segments to HTML, in order."""

from dragoman.page.markdown.rendered import Rendered
from dragoman.page.markdown.segments import Code, Prose, Run


def test_a_definition_serves_what_comes_after_it() -> None:
    rendered = Rendered()

    assert "<a" not in rendered.final(Prose("[a]"))
    assert rendered.final(Prose("[a]: https://b.example")) == ""
    assert "<a" in rendered.final(Prose("[a]"))
    assert "<a" in rendered.open([Prose("[a]")])
    assert "<a" in rendered.final(Run("[a]"))


def test_what_an_open_segment_defines_is_forgotten() -> None:
    rendered = Rendered()

    assert "<a" in rendered.open([Prose("[a]: https://b.exam\n[a]")])
    assert "<a" not in rendered.final(Prose("[a]"))


def test_a_run_is_words_whatever_it_begins_with() -> None:
    assert Rendered().final(Run("# *a*")) == '<p dir="auto"># <em>a</em></p>\n'


def test_a_list_goes_on_with_its_number() -> None:
    assert '<ol start="7">' in Rendered().final(Prose("1. a", 7))
    assert "start" not in Rendered().final(Prose("a", 7))
    assert Rendered().final(Prose("[a]: https://b.example", 7)) == ""


def test_a_slice_may_have_no_colours() -> None:
    assert "<span class" in Rendered().final(Code("1", "py"))
    assert "<span class" not in Rendered().final(Code("1", "py", plain=True))


def test_each_character_that_is_parsed_is_counted() -> None:
    rendered = Rendered()

    rendered.final(Prose("abc"))
    rendered.open([Prose("ab"), Run("c")])

    assert rendered.work == 6
