"""`Cutter`, with the open prose and code that it holds: where a text is cut."""

import msgspec
import pytest

from dragoman.page.markdown.cutting import Cutter
from dragoman.page.markdown.fenced import CALM, SLICE
from dragoman.page.markdown.lines import LONGEST, Lines
from dragoman.page.markdown.opened import LONG
from dragoman.page.markdown.segments import Code, Prose, Run, Segment


def segments(text: str) -> list[Segment]:
    lines, cutter = Lines(), Cutter()
    found = [segment for line in lines.feed(text) for segment in cutter.take(line)]
    rest = lines.rest(ends=True)
    if rest is not None:
        found.extend(cutter.take(rest))
    return [*found, *cutter.end()]


def texts(text: str) -> list[str]:
    return [segment.text for segment in segments(text)]


class Case(msgspec.Struct):
    claim: str
    text: str
    parts: list[str]


CASES = [
    Case("an empty line ends a paragraph", "a\nb\n\n\nc", ["a\nb", "c"]),
    Case("a heading is a segment of its own", "a\n# b\nc", ["a", "# b", "c"]),
    Case("a heading below its line is not", "a\n---\nb", ["a\n---\nb"]),
    Case("a list goes on over empty lines", "- a\n\n  b\n\n- c\n\nd", ["- a\n\n  b\n\n- c\n", "d"]),
    Case("a lazy line is the item's", "- a\nb\n\n  c", ["- a\nb\n\n  c"]),
    Case("another mark is another list", "- a\n* b\n1. c", ["- a", "* b", "1. c"]),
    Case("a list ends a paragraph", "a\n- b\n\n- c", ["a", "- b\n\n- c"]),
    Case("a number but 1 does not", "a\n2. b", ["a\n2. b"]),
    Case("a rule is no item", "a\n\n* * *\n\nb", ["a", "* * *", "b"]),
    Case("a heading ends a list", "- a\n# b", ["- a", "# b"]),
    Case("indented code goes on", "    a\n\n    b\nc", ["    a\n\n    b", "c"]),
    Case("formulas are whole", "$$\n- b\n# c\n$$\nd", ["$$\n- b\n# c\n$$\nd"]),
    Case("one on a line is, too", "\\[ a \\]\n# b", ["\\[ a \\]", "# b"]),
    Case("an empty line ends a formula", "$$\na\n\n# b", ["$$\na", "# b"]),
    Case(
        "code in a list is the list's",
        "- ```\n  a\n\n  b\n  ```\n- c",
        ["- ```\n  a\n\n  b\n  ```\n- c"],
    ),
    Case("code of an item ends with it", "- ```\nb\n- c", ["- ```\nb\n- c"]),
    Case("nothing is nothing", "\n \n\n", []),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.claim)
def test_a_text_is_cut_where_no_block_goes_on(case: Case) -> None:
    assert texts(case.text) == case.parts


def test_code_between_fences_is_a_segment() -> None:
    found = segments("a\n  ~~~py x\n  b\n c\n\n   d\n ~~~\ne")

    assert found == [Prose("a"), Code("b\nc\n\n d\n", "py x"), Prose("e")]


def test_code_without_a_closing_fence_ends_with_the_text() -> None:
    assert segments("```") == [Code("", "")]
    assert segments("```\na\n    ```\n``") == [Code("a\n    ```\n``\n", "")]


def test_a_fence_at_the_edge_ends_a_list() -> None:
    assert segments("1. a\n```\nb\n```\n2. c") == [
        Prose("1. a", 1),
        Code("b\n", ""),
        Prose("2. c", 2),
    ]


def test_a_long_block_of_code_is_cut_into_slices() -> None:
    code = ("x" * 99 + "\n") * 300

    found = segments(f"```py\n{code}```\n")

    assert [len(part.text) for part in found] == [8200, 8200, 8200, 5400]
    assert "".join(part.text for part in found) == code
    assert [part.follows for part in found if isinstance(part, Code)] == [False, True, True, True]
    assert SLICE <= 8200 < SLICE + LONGEST


def test_a_slice_ends_at_an_empty_line_if_there_is_one_in_its_last_quarter() -> None:
    line = "x" * 99 + "\n"
    most = line * (CALM // 100 + 1)

    assert texts(f"```\n{most}\n{line}```") == [most + "\n", line]


def test_no_empty_slice_follows_the_last_one() -> None:
    full = ("x" * 99 + "\n") * (SLICE // 100 + 1)

    assert texts(f"```\n{full}```\na") == [full, "a"]


def test_only_the_beginning_of_a_very_long_block_has_colours() -> None:
    found = segments("```\n" + "x\n" * 50_000)

    plain = [code.plain for code in found if isinstance(code, Code)]
    assert plain == sorted(plain)
    assert {False, True} == set(plain)


def test_a_long_line_of_code_goes_on_in_the_same_block() -> None:
    found = segments("```\n" + "`" * (LONGEST + 5) + "\n```\na")

    assert found == [
        Code("`" * LONGEST, ""),
        Code("`" * 5 + "\n", "", follows=True),
        Prose("a"),
    ]


def test_a_long_line_of_words_is_cut_into_runs() -> None:
    found = segments("a\n" + "b" * (2 * LONGEST) + "# c\n# d")

    assert found == [Prose("a\n" + "b" * LONGEST), Run("b" * LONGEST), Run("# c"), Prose("# d")]


def test_a_long_list_is_cut_before_an_item_and_goes_on_counting() -> None:
    one = "1. " + "a" * 1021 + "\n"

    found = segments(one * 10)

    assert [(part.number, len(part.text)) for part in found if isinstance(part, Prose)] == [
        (1, LONG + 3),
        (5, LONG + 3),
        (9, 2 * 1025 - 1),
    ]


def test_a_long_list_without_numbers_does_not_count() -> None:
    found = segments(("- " + "a" * 1022 + "\n") * 5)

    assert [part.number for part in found if isinstance(part, Prose)] == [None, None]


def test_an_item_that_goes_on_and_on_is_cut_and_the_rest_is_not_code() -> None:
    found = texts("- a\n" + "  b b\n\n" * 2000 + "  - c\n    d\n\n- e")

    assert len(found) > 2
    assert found[-2:] == ["- c\n  d\n", "- e"]
    assert found[-3].startswith("b b")


def test_code_of_an_item_that_goes_on_and_on_stays_code() -> None:
    lines = "   " + "x" * 96 + "\n"

    found = segments("1. ```py\n" + lines * 100 + "\n    y\n   ```\n   z\n2. a")

    assert isinstance(found[0], Prose)
    assert all(isinstance(part, Code) and part.follows for part in found[1:-2])
    assert found[-3].text.endswith("x\n\n y\n")
    assert [part.text for part in found[-2:]] == ["z", "2. a"]


def test_code_of_a_long_item_ends_with_it() -> None:
    found = segments("1. ```py\n" + ("   " + "x" * 96 + "\n") * 90 + "a")

    assert [type(part) for part in found] == [Prose, Code, Prose]
    assert found[-1].text == "a"


def test_a_long_table_has_its_head_again() -> None:
    head = "| a | b |\n|---|---|\n"
    row = "| " + "c" * 95 + " |\n"

    found = texts(head + row * 100)

    assert len(found) == 2
    assert all(part.startswith(head) for part in found)


def test_the_head_of_a_table_is_not_shown_for_no_row() -> None:
    head, row = "| a | b |\n|---|---|\n", "| " + "c" * 95 + " |\n"
    full = (LONGEST - len(head)) // len(row) + 1

    assert len(texts(head + row * full)) == 1
    assert texts(head + row * full + "\nd")[1:] == ["d"]
    assert texts(head + row * full + "# d")[1:] == ["# d"]


def test_a_head_of_a_table_that_is_long_itself_is_not_repeated() -> None:
    found = texts("| " + "a" * 2000 + " |\n|---|\n" + ("| " + "c" * 95 + " |\n") * 100)

    assert found[1].startswith("| c")


def test_a_long_paragraph_is_cut_between_lines() -> None:
    assert [len(part) for part in texts("word\n" * 2000)] == [LONGEST + 2, 9999 - LONGEST - 3]


def test_a_copy_goes_its_own_way() -> None:
    lines, cutter = Lines(), Cutter()
    for line in lines.feed("- a\n"):
        assert list(cutter.take(line)) == []

    assert list(cutter.copy().end()) == [Prose("- a")]
    assert list(Cutter().copy().end()) == []
    assert (cutter.size, cutter.is_code) == (4, False)
    assert list(cutter.end()) == [Prose("- a")]
    assert cutter.size == 0
