"""Going on with an answer whose beginning was sent as a prefill."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.chat import ChatRequest
from dragoman.events import (
    Event,
    Finished,
    ReasoningDelta,
    ReasoningSigned,
    Started,
    TextDelta,
    ToolCallStarted,
    Usage,
    UsageReported,
)
from dragoman.messages import Message, Text, ToolCall
from dragoman.native import Native
from dragoman.routing.continuation import Continuation, prefilled

QUESTION = Message("user", (Text("Why?"),))
STARTED, END = Started("m"), Finished()


class Case(msgspec.Struct, frozen=True):
    name: str
    said: str
    rest: list[str]
    given: str


CASES = [
    Case("it goes on", "Once", [" upon"], " upon"),
    Case("white space is repeated", "Once ", [" upon"], "upon"),
    Case("white space is repeated in pieces", "Once\n\n", ["\n", "\nupon"], "upon"),
    Case("white space is not repeated", "Once ", ["upon"], "upon"),
    Case("some of it is", "Once\n\n", ["\nupon"], "upon"),
    Case("more of it than was said", "Once ", ["  upon"], " upon"),
    Case("other white space", "Once ", ["\nupon"], "\nupon"),
    Case("only once", "Once ", ["upon", " a"], "upon a"),
    Case("nothing more", "Once", [], ""),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_white_space_is_not_said_twice(case: Case) -> None:
    going_on = Continuation(case.said)

    given = going_on.feed([STARTED, *map(TextDelta, case.rest), END])

    texts = [event.text for event in given if isinstance(event, TextDelta)]
    assert "".join(texts) == case.given
    assert "" not in texts
    assert given[-1] == END
    assert going_on.started == STARTED


def test_thoughts_in_the_midst_of_an_answer_are_left_out() -> None:
    going_on = Continuation("Once")
    rest: list[Event] = [
        TextDelta(" upon"),
        ToolCallStarted(0, "id", "f"),
        UsageReported(Usage(1)),
        END,
    ]

    given = going_on.feed([STARTED, ReasoningDelta("hm"), ReasoningSigned("p"), *rest])

    assert given == rest


@given(st.text("a \n"), st.lists(st.text("a \n", min_size=1)))
def test_it_does_not_matter_how_the_rest_is_cut(said: str, rest: list[str]) -> None:
    whole, cut = Continuation(said), Continuation(said)

    given = _text(whole.feed([TextDelta("".join(rest))] if rest else []))

    assert given == "".join(_text(cut.feed([TextDelta(text)])) for text in rest)
    assert (said + given).startswith(said)


def _text(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


class Prefill(msgspec.Struct, frozen=True):
    name: str
    text: str
    messages: tuple[Message, ...]
    expect: tuple[Message, ...]


BEGUN = Message("assistant", (Text("Well, "),))
CALL = ToolCall("id", "f", "{}")

PREFILLS = [
    Prefill(
        "a new last message",
        "Once upon",
        (QUESTION,),
        (QUESTION, Message("assistant", (Text("Once upon"),))),
    ),
    Prefill(
        "white space is refused by services",
        "Once \n",
        (QUESTION,),
        (QUESTION, Message("assistant", (Text("Once"),))),
    ),
    Prefill("nothing but white space", " \n", (QUESTION,), (QUESTION,)),
    Prefill(
        "one that is there goes on",
        "once",
        (QUESTION, BEGUN),
        (QUESTION, Message("assistant", (Text("Well, once"),))),
    ),
    Prefill(
        "one that ends in no text",
        "once",
        (QUESTION, Message("assistant", (CALL,))),
        (QUESTION, Message("assistant", (CALL, Text("once")))),
    ),
]


@pytest.mark.parametrize("case", PREFILLS, ids=lambda case: case.name)
def test_the_beginning_is_the_last_message(case: Prefill) -> None:
    chat = ChatRequest(model="m", messages=case.messages, temperature=0.5)

    going_on = prefilled(chat, case.text)

    assert going_on == msgspec.structs.replace(chat, messages=case.expect)


def test_what_a_dialect_knows_of_the_last_text_is_kept() -> None:
    mark = Native("anthropic_messages", {"cache_control": {"type": "ephemeral"}})
    chat = ChatRequest(
        model="m", messages=(QUESTION, Message("assistant", (Text("a", mark),), Native("x", {})))
    )

    going_on = prefilled(chat, "b")

    assert going_on.messages[-1] == Message("assistant", (Text("ab", mark),), Native("x", {}))
