"""What of a cumulative answer is new, rule by rule."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from dragoman.errors import ResponseError
from dragoman.providers.web.fake_gpt_answer import (
    MAX_JOINED_CHARS,
    MAX_MESSAGES,
    CumulativeAnswer,
)


class Case(Struct):
    name: str
    puts: list[tuple[str | None, str, bool]]
    """Message id, whole text, whether this event ends the turn."""
    gives: list[str]
    end: str = ""
    rewritten: bool = False
    truth: str | None = None


def growing(*texts: str, id: str = "a") -> list[tuple[str | None, str, bool]]:
    return [(id, text, False) for text in texts]


CASES = [
    Case("a growing text", growing("", "Once", "Once upon"), ["", "Once", " upon"]),
    Case("the whole text once more", [*growing("Once"), ("a", "Once", True)], ["Once", ""]),
    Case("half a character waits", growing("a\ufffd", "aé", "aéb"), ["a", "é", "b"]),
    Case("half a character at the end is the text", growing("a\ufffd"), ["a"], end="\ufffd"),
    Case("only half a character", growing("\ufffd"), [""], end="\ufffd"),
    Case("half a character that is taken back", growing("a\ufffd", "a"), ["a", ""]),
    Case("a late prefix is passed over", growing("abc", "ab", "abcd"), ["abc", "", "d"]),
    Case("a late prefix with half a character", growing("abé", "ab\ufffd"), ["abé", ""]),
    Case("a late empty text", growing("abc", ""), ["abc", ""]),
    Case(
        "a shorter text that ends the turn is the truth",
        [*growing("abc"), ("a", "ab", True)],
        ["abc", ""],
        rewritten=True,
        truth="ab",
    ),
    Case("a text that changes and comes back", growing("ab", "xb", "abc"), ["ab", "", "c"]),
    Case(
        "a text that changes and stays",
        growing("ab", "xb", "xbc"),
        ["ab", "", ""],
        rewritten=True,
        truth="xbc",
    ),
    Case(
        "a late prefix of a changed text",
        growing("ab", "xyz", "xy"),
        ["ab", "", ""],
        rewritten=True,
        truth="xyz",
    ),
    Case(
        "a second message begins after a blank line",
        [*growing("one"), *growing("", "two", "two!", id="b")],
        ["one", "", "\n\ntwo", "!"],
        truth="one\n\ntwo!",
    ),
    Case(
        "an empty message takes no room",
        [*growing(""), *growing("two", id="b")],
        ["", "two"],
        truth="two",
    ),
    Case(
        "an earlier message that grows too late cannot be placed",
        [*growing("one"), *growing("two", id="b"), *growing("one more")],
        ["one", "\n\ntwo", ""],
        rewritten=True,
        truth="one more\n\ntwo",
    ),
    Case(
        "half a character before a second message belongs to the first",
        [*growing("a\ufffd"), *growing("b", id="b")],
        ["a", "\ufffd\n\nb"],
    ),
    Case(
        "without an id the text is the newest message's",
        [*growing("one", id="b"), (None, "one more", False)],
        ["one", " more"],
    ),
    Case("no id at all", [(None, "one", False), (None, "one!", False)], ["one", "!"]),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_new_piece_of_text_is_handed_out_once(case: Case) -> None:
    answer = CumulativeAnswer()

    gives = [answer.put(key, text, final=final) for key, text, final in case.puts]
    end = answer.end()

    assert gives == case.gives
    assert end == case.end
    assert answer.is_rewritten is case.rewritten
    if case.truth is not None:
        assert answer.truth == case.truth


@given(st.lists(st.tuples(st.sampled_from("ab"), st.text("xyé\ufffd", max_size=4), st.booleans())))
def test_what_was_handed_out_is_the_truth_or_it_is_called_rewritten(
    puts: list[tuple[str, str, bool]],
) -> None:
    answer = CumulativeAnswer()

    out = [answer.put(key, text, final=final) for key, text, final in puts]
    out.append(answer.end())

    assert "".join(out) == answer.handed
    assert answer.is_rewritten or answer.handed == answer.truth


@pytest.mark.parametrize(
    ("messages", "chars"), [(MAX_MESSAGES + 1, 1), (2, MAX_JOINED_CHARS)], ids=["many", "long"]
)
def test_an_answer_in_too_many_or_too_long_messages_is_an_error(messages: int, chars: int) -> None:
    """They are joined anew with each event: a server could stop its reader with small ones."""
    answer = CumulativeAnswer()

    for number in range(1, messages):
        answer.put(str(number), "a" * chars, final=False)

    with pytest.raises(ResponseError, match="more than"):
        answer.put("0", "a" * chars, final=False)
