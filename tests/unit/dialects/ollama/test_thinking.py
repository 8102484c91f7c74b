"""How much to think, from a chat to the wire and back."""

import msgspec
import pytest

from dragoman.chat import ChatRequest, Effort
from dragoman.dialects.ollama.request_decoder import decode_request
from dragoman.dialects.ollama.request_encoder import encode_request
from dragoman.errors import InputError
from dragoman.messages import Message, Text

USER = Message("user", (Text("Hi"),))


def think(**asked: object) -> object:
    chat = ChatRequest(model="m", messages=(USER,), **asked)  # type: ignore[arg-type]  # options of many types
    return encode_request(chat).get("think")


def heard(think: object) -> ChatRequest:
    body = {"model": "m", "messages": [{"role": "user", "content": "Hi"}], "think": think}
    return decode_request(msgspec.json.encode(body))


@pytest.mark.parametrize(
    ("effort", "expected"),
    [
        ("none", False),
        ("minimal", "low"),
        ("low", "low"),
        ("medium", "medium"),
        ("high", "high"),
        ("xhigh", "high"),
        ("max", "max"),
    ],
)
def test_an_effort_is_a_word_of_the_wire(effort: Effort, expected: object) -> None:
    assert think(reasoning_effort=effort) == expected


def test_a_budget_is_whether_to_think_and_an_effort_wins() -> None:
    assert (think(reasoning_budget=0), think(reasoning_budget=512)) == (False, True)
    assert think(reasoning_budget=0, reasoning_effort="high") == "high"
    assert think() is None
    assert think(reasoning_summary="auto") is None


@pytest.mark.parametrize(
    ("said", "effort", "own"),
    [
        (False, "none", None),
        (True, "medium", True),
        ("low", "low", None),
        ("max", "max", None),
        ("xhigh", "xhigh", "xhigh"),
        ("minimal", "minimal", "minimal"),
    ],
    ids=str,
)
def test_what_is_heard_is_an_effort_and_is_said_again_as_it_was(
    said: object, effort: Effort, own: object
) -> None:
    chat = heard(said)

    assert chat.reasoning_effort == effort
    assert chat.reasoning_summary == (None if effort == "none" else "auto")
    assert (chat.native.fields if chat.native else {}) == ({"think": own} if own else {})
    assert chat.native is None or chat.native.hints == {"think"}
    assert encode_request(chat)["think"] == said


def test_a_word_that_only_a_model_knows_is_no_hint() -> None:
    """The model answers otherwise without it, so another service must refuse it by name."""
    chat = heard("deeply")

    assert chat.reasoning_effort is None
    assert chat.native is not None
    assert (chat.native.fields, chat.native.hints) == ({"think": "deeply"}, frozenset())
    assert encode_request(chat)["think"] == "deeply"


def test_an_effort_that_changed_on_the_way_wins_over_what_was_heard() -> None:
    chat = msgspec.structs.replace(heard(True), reasoning_effort="none")

    assert encode_request(chat)["think"] is False


@pytest.mark.parametrize("said", ["", 1, [], {}], ids=str)
def test_what_is_neither_a_flag_nor_a_word_is_wrong(said: object) -> None:
    with pytest.raises(InputError) as caught:
        heard(said)

    assert caught.value.place == "think"
