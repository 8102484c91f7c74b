"""Open items, each as the events that say it."""

import msgspec
import pytest

from dragoman.dialects.openai_responses.stream_items import (
    Line,
    OpenCall,
    OpenMessage,
    OpenThought,
)
from dragoman.events import TokenLogprob
from dragoman.messages import ToolCall


def said(line: Line) -> list[dict[str, object]]:
    """The events so far, whose names are the same outside and inside."""
    events = []
    for block in line.take().split(b"\n\n")[:-1]:
        name, data = block.split(b"\n")
        event = msgspec.json.decode(data.removeprefix(b"data: "))
        assert name.decode() == f"event: {event['type']}"
        events.append(event)
    return events


def kinds(line: Line) -> list[object]:
    return [str(event["type"]).removeprefix("response.") for event in said(line)]


def test_events_are_numbered_from_0_and_taken_once() -> None:
    line = Line()
    line.say("a", x=1)
    line.say_delta(b'event: b\ndata: {"type":"b","sequence_number":', 'é"')

    assert said(line) == [
        {"type": "a", "sequence_number": 0, "x": 1},
        {"type": "b", "sequence_number": 1, "delta": 'é"'},
    ]
    assert line.take() == b""


def test_a_message_says_each_of_its_parts() -> None:
    line = Line()
    message = OpenMessage(line, 3, "msg_1", phase="commentary")
    message.text("H")
    message.text("i")
    message.annotate({"type": "file_path"})
    message.refusal("N")
    message.refusal("o")
    message.whole({"type": "output_video"})
    item = message.close("completed")

    events = said(line)

    assert [str(event["type"]).removeprefix("response.") for event in events] == [
        "output_item.added",
        "content_part.added",
        "output_text.delta",
        "output_text.delta",
        "output_text.annotation.added",
        "output_text.done",
        "content_part.done",
        "content_part.added",
        "refusal.delta",
        "refusal.delta",
        "refusal.done",
        "content_part.done",
        "content_part.added",
        "content_part.done",
        "output_item.done",
    ]
    assert {event["output_index"] for event in events} == {3}
    inner = [event["content_index"] for event in events if "content_index" in event]
    assert inner == [0] * 6 + [1] * 5 + [2] * 2
    assert item["phase"] == "commentary"
    assert item["content"] == [
        {
            "type": "output_text",
            "text": "Hi",
            "annotations": [{"type": "file_path"}],
            "logprobs": [],
        },
        {"type": "refusal", "refusal": "No"},
        {"type": "output_video"},
    ]


def test_likelihoods_stand_at_their_delta_and_at_the_whole_text() -> None:
    line = Line()
    message = OpenMessage(line, 0, "msg_1", phase=None)
    message.likely("H", (TokenLogprob("H", -1.0),))
    message.likely("", (TokenLogprob("i", -2.0),))
    message.text("i")
    item = message.close("completed")

    deltas = [event for event in said(line) if "delta" in str(event["type"])]
    assert [event["delta"] for event in deltas] == ["H", "", "i"]
    assert [len(event["logprobs"]) for event in deltas] == [1, 1, 0]  # type: ignore[arg-type]  # JSON
    assert [part["logprobs"][0]["token"] for part in item["content"]] == ["H"]  # type: ignore[attr-defined]  # JSON


def test_each_text_has_its_own_likelihoods_and_annotations() -> None:
    message = OpenMessage(Line(), 0, "msg_1", phase=None)
    message.likely("A", (TokenLogprob("A", -1.0),))
    message.annotate({"type": "file_path"})
    message.refusal("No")
    message.text("B")

    content = message.close("completed")["content"]

    assert content[2] == {"type": "output_text", "text": "B", "annotations": [], "logprobs": []}  # type: ignore[index]  # JSON


def test_an_annotation_opens_a_text() -> None:
    line = Line()
    message = OpenMessage(line, 0, "msg_1", phase=None)
    message.annotate({"type": "file_path"})

    assert kinds(line)[1:] == ["content_part.added", "output_text.annotation.added"]


def test_a_thought_is_one_part_of_a_summary() -> None:
    line = Line()
    thought = OpenThought(line, 0, "rs_1")
    thought.think("H")
    thought.think("m")
    item = thought.close("gemini:x")

    assert kinds(line) == [
        "output_item.added",
        "reasoning_summary_part.added",
        "reasoning_summary_text.delta",
        "reasoning_summary_text.delta",
        "reasoning_summary_text.done",
        "reasoning_summary_part.done",
        "output_item.done",
    ]
    assert item["summary"] == [{"type": "summary_text", "text": "Hm"}]
    assert item["encrypted_content"] == "gemini:x"


def test_a_hidden_thought_has_no_part() -> None:
    line = Line()
    item = OpenThought(line, 0, "rs_1").close("openai_responses:rs_1:gAAA")

    assert kinds(line) == ["output_item.added", "output_item.done"]
    assert item["encrypted_content"] == "gAAA"


def test_a_call_says_its_arguments() -> None:
    line = Line()
    call = OpenCall(line, 0, "fc_1", call=ToolCall("c", "f", ""))
    call.more('{"a":')
    call.more("1}")
    item = call.close("completed")

    events = said(line)
    assert [str(event["type"]).removeprefix("response.") for event in events] == [
        "output_item.added",
        "function_call_arguments.delta",
        "function_call_arguments.delta",
        "function_call_arguments.done",
        "output_item.done",
    ]
    assert events[0]["item"] == {**item, "arguments": "", "status": "in_progress"}
    assert item["arguments"] == events[3]["arguments"] == '{"a":1}'


@pytest.mark.parametrize(
    ("arguments", "whole"), [("", False), ('{"a":', False), ("1", False), (' {"a":1}', True)]
)
def test_a_call_is_whole_with_an_object(arguments: str, whole: bool) -> None:
    call = OpenCall(Line(), 0, "fc_1", call=ToolCall("c", "f", ""))
    call.more(arguments)

    assert call.is_whole is whole
