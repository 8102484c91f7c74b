"""`Lines`: the same lines however the text is cut."""

from hypothesis import given
from hypothesis import strategies as st

from dragoman.page.markdown.lines import LONGEST, Line, Lines


def lines(*pieces: str) -> list[Line]:
    reader = Lines()
    found = [line for piece in pieces for line in reader.feed(piece)]
    rest = reader.rest(ends=True)
    return [*found, rest] if rest else found


def test_each_kind_of_line_end_is_one_even_if_it_is_cut() -> None:
    assert lines("a\r\nb\rc\nd") == [Line("a"), Line("b"), Line("c"), Line("d")]
    assert lines("a\r", "", "\nb") == [Line("a"), Line("b")]
    assert lines("a\r", "\n", "\nb") == [Line("a"), Line(""), Line("b")]


def test_a_text_without_characters_has_no_lines() -> None:
    assert lines() == lines("", "") == []


def test_a_long_line_is_cut_behind_a_space() -> None:
    words = "a" * (LONGEST - 1) + " " + "b" * LONGEST + "c\nd"

    found = lines(words)

    assert found == [
        Line("a" * (LONGEST - 1) + " ", ends=False),
        Line("b" * LONGEST, starts=False, ends=False),
        Line("c", starts=False),
        Line("d"),
    ]


@given(st.lists(st.text(st.sampled_from("a \r\n\0\ud800")) | st.just("word " * 2500)))
def test_lines_are_the_same_however_the_text_is_cut(pieces: list[str]) -> None:
    assert lines(*pieces) == lines("".join(pieces))
