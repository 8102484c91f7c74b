"""A streamed answer as named events."""

import msgspec
import pytest
from openai.types.responses import ResponseStreamEvent
from pydantic import TypeAdapter

from dragoman.chat import ChatRequest
from dragoman.dialects.dialect import Stamp
from dragoman.dialects.openai_responses.stream_encoder import Encoder
from dragoman.dialects.openai_responses.tables import NAME
from dragoman.errors import (
    ChatError,
    ContentFilterError,
    InputError,
    RateLimitError,
    StreamTruncatedError,
)
from dragoman.events import (
    Event,
    Finished,
    LogprobsReported,
    NativeReported,
    OtherChoice,
    ReasoningDelta,
    ReasoningSigned,
    RefusalDelta,
    Started,
    TextDelta,
    TokenLogprob,
    ToolCallDelta,
    ToolCallStarted,
    Usage,
    UsageReported,
)
from dragoman.messages import Message, Text
from dragoman.native import Native

Wire = dict[str, object]

ASKED = ChatRequest(model="m", messages=(Message("user", (Text("Hi"),)),))
STAMP = Stamp("7", 1763700000.5)
SDK_EVENT: TypeAdapter[object] = TypeAdapter(ResponseStreamEvent)
LIKELY = LogprobsReported((TokenLogprob("H", -1.0),))


def parsed(body: bytes) -> list[Wire]:
    """The events, of which the official package takes each."""
    found = []
    for block in body.split(b"\n\n")[:-1]:
        data = block.partition(b"\ndata: ")[2]
        SDK_EVENT.validate_json(data)
        found.append(msgspec.json.decode(data))
    assert [event["sequence_number"] for event in found] == list(range(len(found)))
    return found


def said(*events: Event, asked: ChatRequest = ASKED) -> list[Wire]:
    return parsed(Encoder(asked, STAMP).feed([Started("m-1"), *events]))


def kinds(events: list[Wire]) -> list[str]:
    return [str(event["type"]).removeprefix("response.") for event in events]


def items(*events: Event) -> list[Wire]:
    """The output of the last event, which is also what was told item by item."""
    found = said(*events, Finished("stop"))
    done = [event for event in found if event["type"] == "response.output_item.done"]
    done.sort(key=lambda event: int(str(event["output_index"])))
    response = msgspec.convert(found[-1]["response"], dict[str, object])
    output = msgspec.convert(response["output"], list[dict[str, object]])
    assert [event["item"] for event in done] == output
    assert [event["output_index"] for event in done] == list(range(len(done)))
    return output


def own(kind: str, **fields: object) -> NativeReported:
    return NativeReported(Native(NAME, {"type": kind, **fields}))


def test_a_text_is_said_in_the_order_of_the_service() -> None:
    events = said(TextDelta("H"), TextDelta("i"), UsageReported(Usage(5, 2)), Finished("stop"))

    assert kinds(events) == [
        "created",
        "in_progress",
        "output_item.added",
        "content_part.added",
        "output_text.delta",
        "output_text.delta",
        "output_text.done",
        "content_part.done",
        "output_item.done",
        "completed",
    ]
    first = msgspec.convert(events[0]["response"], dict[str, object])
    last = msgspec.convert(events[-1]["response"], dict[str, object])
    assert (first["id"], first["status"], first["output"]) == ("resp_7", "in_progress", [])
    assert (last["id"], last["status"]) == ("resp_7", "completed")
    assert last["usage"]["total_tokens"] == 7  # type: ignore[index]  # JSON
    assert last["created_at"] == 1763700000


def test_the_name_that_the_provider_gave_wins() -> None:
    events = parsed(Encoder(ASKED, STAMP).feed([Started("m-1", "resp_1")]))

    assert events[0]["response"]["id"] == "resp_1"  # type: ignore[index]  # JSON


def test_items_follow_one_another() -> None:
    found = items(
        ReasoningDelta("Hm"),
        ReasoningSigned("gemini:x"),
        TextDelta("Wait"),
        ToolCallStarted(0, "c0", "f"),
        ToolCallDelta(0, "{}"),
        ToolCallStarted(1, "c1", "g"),
        ToolCallDelta(1, "{}"),
        TextDelta("There"),
        RefusalDelta("No"),
        ReasoningDelta("Ah"),
    )

    assert [item["id"] for item in found] == [
        "rs_7_0", "msg_7_1", "fc_7_2", "fc_7_3", "msg_7_4", "rs_7_5",
    ]  # fmt: skip
    assert found[0]["encrypted_content"] == "gemini:x"
    assert found[5]["encrypted_content"] is None


def test_calls_may_be_made_side_by_side() -> None:
    found = items(
        ToolCallStarted(0, "c0", "f"),
        ToolCallDelta(0, '{"a"'),
        ToolCallStarted(1, "c1", "g"),
        ToolCallDelta(0, ":1}"),
        ToolCallDelta(1, "{}"),
        TextDelta("Hi"),
        ToolCallStarted(2, "c2", "h"),
        ToolCallDelta(0, " "),
    )

    assert [item.get("arguments") for item in found] == ['{"a":1}', "{}", None, "{}"]


def test_a_call_that_is_whole_is_told_before_the_next_begins() -> None:
    events = said(
        ToolCallStarted(0, "c0", "f"), ToolCallDelta(0, "{}"), ToolCallStarted(1, "c1", "g")
    )

    assert kinds(events)[-3:] == [
        "function_call_arguments.done",
        "output_item.done",
        "output_item.added",
    ]


def test_a_hidden_thought_of_the_service_keeps_its_id() -> None:
    found = items(
        ReasoningSigned("openai_responses:rs_1:gAAA"),
        ReasoningSigned("openai_responses:gBBB"),
        TextDelta("Hi"),
    )

    assert (found[0]["id"], found[0]["encrypted_content"]) == ("rs_1", "gAAA")
    assert (found[1]["id"], found[1]["encrypted_content"]) == ("rs_7_1", "openai_responses:gBBB")


def test_a_thought_that_was_seen_has_its_signature_whole() -> None:
    """Its id was told before the service's own was known."""
    found = items(ReasoningDelta("Hm"), ReasoningSigned("openai_responses:rs_1:gAAA"))

    assert found[0]["id"] == "rs_7_0"
    assert found[0]["encrypted_content"] == "openai_responses:rs_1:gAAA"


def test_own_pieces_go_back_to_their_places() -> None:
    citation = {"type": "file_path", "file_id": "f", "index": 0}
    tools = {"type": "mcp_list_tools", "id": "l", "server_label": "s", "tools": []}

    found = items(
        own("message", phase="commentary"),
        TextDelta("A"),
        NativeReported(Native(NAME, citation)),
        NativeReported(Native(NAME, tools)),
        NativeReported(Native("gemini", {"type": "x"})),
        TextDelta("B"),
    )

    assert found[0]["phase"] == "commentary"
    assert found[0]["content"][0]["annotations"] == [citation]  # type: ignore[index]  # JSON
    assert found[1] == tools
    assert "phase" not in found[2]


def test_a_part_of_a_new_kind_goes_back_to_its_place() -> None:
    body = Encoder(ASKED, STAMP).feed([Started("m-1"), own("output_video")])

    assert b'"part":{"type":"output_video"}' in body


@pytest.mark.parametrize("logprobs", [None, 2])
def test_likelihoods_are_told(logprobs: int | None) -> None:
    """Together with their text, if they were asked for; else it does not wait for them."""
    events = said(
        TextDelta("H"),
        LIKELY,
        LIKELY,
        Finished("stop"),
        asked=msgspec.structs.replace(ASKED, logprobs=logprobs),
    )

    deltas = [event for event in events if event["type"] == "response.output_text.delta"]
    told = [(event["delta"], len(event["logprobs"])) for event in deltas]  # type: ignore[arg-type]  # JSON
    assert told == ([("H", 1), ("", 1)] if logprobs else [("H", 0), ("", 1), ("", 1)])


def test_other_answers_are_passed_over() -> None:
    assert kinds(said(OtherChoice(1, TextDelta("x")))) == ["created", "in_progress"]


def test_an_incomplete_answer_says_so_everywhere() -> None:
    events = said(TextDelta("H"), Finished("length"))

    assert kinds(events)[-1] == "incomplete"
    response = msgspec.convert(events[-1]["response"], dict[str, object])
    assert response["incomplete_details"] == {"reason": "max_output_tokens"}
    assert response["output"][0]["status"] == "incomplete"  # type: ignore[index]  # JSON


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (RateLimitError("Oh"), "rate_limit_exceeded"),
        (ContentFilterError("Oh"), "invalid_prompt"),
        (StreamTruncatedError("Oh"), "server_error"),
    ],
)
def test_an_error_is_said_and_the_answer_failed(error: ChatError, code: str) -> None:
    encoder = Encoder(ASKED, STAMP)
    before = encoder.feed([Started("m-1"), TextDelta("H"), ReasoningDelta("Hm")])

    events = parsed(before + encoder.fail(error))

    assert kinds(events)[-2:] == ["error", "failed"]
    assert events[-2]["message"] == "Oh"
    assert events[-2]["error"]["message"] == "Oh"  # type: ignore[index]  # JSON
    response = msgspec.convert(events[-1]["response"], dict[str, object])
    assert (response["status"], response["error"]) == ("failed", {"code": code, "message": "Oh"})
    assert [item["id"] for item in response["output"]] == ["msg_7_0"]  # type: ignore[attr-defined]  # JSON


def test_an_error_before_the_answer_is_only_said() -> None:
    events = parsed(Encoder(ASKED, STAMP).fail(InputError("Oh", place="input")))

    assert kinds(events) == ["error"]
    assert events[0]["param"] == "input"


def test_a_silent_connection_is_kept_with_a_comment() -> None:
    assert Encoder(ASKED, STAMP).ping() == b": ping\n\n"


def test_it_goes_on_with_the_numbers_of_a_service() -> None:
    """A text that looks like a number's field is none: its quotes are escaped."""
    encoder = Encoder(ASKED, Stamp("1", 0))
    encoder.feed([Started("m", "r")])

    encoder.follow(b"")
    encoder.follow(b'data: {"sequence_number": 41,"delta":"\\"sequence_number\\":7"}\n\n')

    assert b'"sequence_number":42,' in encoder.fail(InputError("no"))
