"""What was said is there when an error needs it, and it has an end."""

import pytest

from dragoman.errors import ResponseError
from dragoman.events import Event, Finished, ReasoningDelta, Started, TextDelta
from dragoman.providers.said import MAX_CHARS, MAX_EVENTS, Said


def test_the_text_is_that_of_every_batch_in_order() -> None:
    said = Said()
    words = [f"{number} " for number in range(200)]

    for word in words:
        said.add([ReasoningDelta("hm"), TextDelta(word)])

    assert said.text() == "".join(words)
    assert said.text() == "".join(words)


def test_something_was_said_once_there_was_an_event() -> None:
    said = Said()
    assert not said

    said.add([Started("m")])

    assert said
    assert said.text() == ""


@pytest.mark.parametrize(
    "batch",
    [
        [TextDelta("x" * 1_000_000)],
        [ReasoningDelta("x" * 1_000_000)],
        [Finished()] * (MAX_EVENTS // 100),
    ],
    ids=["text", "reasoning", "events"],
)
def test_an_answer_without_end_is_an_error(batch: list[Event]) -> None:
    said = Said()

    def say_on() -> None:
        for _ in range(200 + MAX_CHARS // 1_000_000):
            said.add(batch)

    with pytest.raises(ResponseError, match="without end"):
        say_on()
