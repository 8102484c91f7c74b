"""A streamed answer as events."""

import msgspec
import pytest
from tests.unit.dialects import kit
from tests.unit.dialects.openai_responses.wire import (
    COMPLETED,
    CREATED,
    HI,
    MESSAGE,
    STARTED,
    Wire,
    at,
    delta,
    lifecycle,
    named,
    thinking,
    wire,
)

from dragoman.dialects.openai_responses.stream_decoder import Decoder
from dragoman.dialects.openai_responses.tables import NAME
from dragoman.errors import (
    StreamTruncatedError,
)
from dragoman.events import (
    Event,
    Finished,
    Grammar,
    LogprobsReported,
    NativeReported,
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
from dragoman.native import Native


def heard(*events: Wire) -> list[Event]:
    found = kit.heard(Decoder("m"), wire(*events))
    Grammar().check(found)
    return found


def own(kind: str, *hints: str, **fields: object) -> NativeReported:
    return NativeReported(Native(NAME, {"type": kind, **fields}, frozenset(hints)))


class Case(msgspec.Struct):
    name: str
    wire: list[Wire]
    events: list[Event]
    reason: str = "stop"


def call(index: int, name: str, arguments: str = "", **fields: object) -> Wire:
    return {
        "type": "function_call",
        "id": f"fc_{index}",
        "call_id": f"call_{index}",
        "name": name,
        "arguments": arguments,
        **fields,
    }


def thought(index: int, **fields: object) -> Wire:
    item = {"type": "reasoning", "id": f"rs_{index}", "summary": [], **fields}
    return at(index, "output_item.done", item=item)


TOKEN = {"token": "H", "logprob": -1.0, "top_logprobs": [{"token": "H", "logprob": -1.0}]}
LIKELY = TokenLogprob("H", -1.0, (TokenLogprob("H", -1.0),))
SEARCH: Wire = {"type": "web_search_call", "id": "ws_1"}
CASES = [
    Case("text", [delta("H"), delta("i"), delta("")], [TextDelta("H"), TextDelta("i")]),
    Case(
        "likelihoods",
        [delta("H", logprobs=[TOKEN]), delta("", logprobs=[TOKEN])],
        [TextDelta("H"), LogprobsReported((LIKELY,)), LogprobsReported((LIKELY,))],
    ),
    Case(
        "a refusal",
        [at(0, "refusal.delta", delta="No"), at(0, "refusal.delta", delta="")],
        [RefusalDelta("No")],
    ),
    Case(
        "calls side by side",
        [
            at(0, "output_item.added", item=call(0, "f")),
            at(1, "output_item.added", item=call(1, "g")),
            at(0, "function_call_arguments.delta", delta="{"),
            at(1, "function_call_arguments.delta", delta="{}"),
            at(0, "function_call_arguments.delta", delta="}"),
            at(0, "function_call_arguments.done", arguments="{}"),
            at(0, "output_item.done", item=call(0, "f", "{}")),
            at(1, "output_item.done", item=call(1, "g", "{}")),
        ],
        [
            ToolCallStarted(0, "call_0", "f"),
            ToolCallStarted(1, "call_1", "g"),
            ToolCallDelta(0, "{"),
            ToolCallDelta(1, "{}"),
            ToolCallDelta(0, "}"),
        ],
        "tool_calls",
    ),
    Case(
        "a call whose arguments come only at its end",
        [
            at(0, "output_item.added", item=call(0, "f")),
            at(0, "output_item.done", item=call(0, "f", "{}")),
        ],
        [ToolCallStarted(0, "call_0", "f"), ToolCallDelta(0, "{}")],
        "tool_calls",
    ),
    Case(
        "a call that comes only at its end",
        [
            at(0, "function_call_arguments.delta", delta="?"),
            at(0, "output_item.done", item=call(0, "f", "{}")),
        ],
        [ToolCallStarted(0, "call_0", "f"), ToolCallDelta(0, "{}")],
        "tool_calls",
    ),
    Case(
        "a call whose name comes only at its end",
        [
            at(0, "output_item.added", item={**call(0, "f"), "name": None}),
            at(0, "output_item.done", item=call(0, "f")),
        ],
        [ToolCallStarted(0, "call_0", "f")],
        "tool_calls",
    ),
    Case(
        "events that tell only the item's id",
        [
            named("output_item.added", item_id="a", item=call(0, "f")),
            named("function_call_arguments.delta", item_id="a", delta="{}"),
        ],
        [ToolCallStarted(0, "call_0", "f"), ToolCallDelta(0, "{}")],
        "tool_calls",
    ),
    Case(
        "a thought in parts, with its proof",
        [
            at(0, "output_item.added", item={"type": "reasoning", "id": "rs_0", "summary": []}),
            thinking(0, 0, "A"),
            thinking(0, 0, "B"),
            thinking(0, 0, ""),
            thinking(0, 1, "C"),
            thought(0, encrypted_content="gAAA"),
            thinking(1, 0, "D"),
            delta("Hi", 2),
        ],
        [
            ReasoningDelta("A"),
            ReasoningDelta("B"),
            ReasoningDelta("\n\nC"),
            ReasoningSigned("openai_responses:rs_0:gAAA"),
            ReasoningDelta("D"),
            TextDelta("Hi"),
        ],
    ),
    Case(
        "thoughts without proof",
        [
            thinking(0, 0, "A"),
            thought(0),
            thinking(1, 0, "B"),
            thought(1),
            delta("Hi", 2),
            thinking(3, 0, "C"),
        ],
        [
            ReasoningDelta("A"),
            ReasoningDelta("\n\nB"),
            TextDelta("Hi"),
            ReasoningDelta("C"),
        ],
    ),
    Case(
        "thoughts that are shown",
        [
            at(0, "reasoning_text.delta", content_index=0, delta="A"),
            thought(0, content=[{"type": "reasoning_text", "text": "A"}]),
            delta("Hi", 1),
        ],
        [ReasoningDelta("A"), ReasoningSigned("openai_responses:rs_0:"), TextDelta("Hi")],
    ),
    Case(
        "thoughts that come only at their end, or are hidden",
        [
            thought(0, summary=[{"text": "A"}], encrypted_content="gAAA"),
            thought(1, encrypted_content="gBBB"),
            delta("Hi", 2),
        ],
        [
            ReasoningDelta("A"),
            ReasoningSigned("openai_responses:rs_0:gAAA"),
            ReasoningSigned("openai_responses:rs_1:gBBB"),
            TextDelta("Hi"),
        ],
    ),
    Case(
        "an item that comes only at its end",
        [at(0, "output_item.done", item=MESSAGE)],
        [TextDelta("Hi")],
    ),
    Case(
        "an item that was said is not said again",
        [delta("Hi"), at(0, "output_item.done", item=MESSAGE)],
        [TextDelta("Hi")],
    ),
    Case(
        "a phase",
        [
            at(0, "output_item.added", item={**MESSAGE, "content": [], "phase": "commentary"}),
            delta("Hi"),
        ],
        [own("message", "message", phase="commentary"), TextDelta("Hi")],
    ),
    Case(
        "a phase and a text that comes only at its end",
        [at(0, "output_item.done", item={**MESSAGE, "phase": "commentary"})],
        [own("message", "message", phase="commentary"), TextDelta("Hi")],
    ),
    Case(
        "citations, once the text is whole",
        [
            delta("Hi"),
            at(0, "output_text.annotation.added", annotation={"type": "file_path"}),
            at(0, "content_part.done", part={**HI, "annotations": [{"type": "file_path"}]}),
        ],
        [TextDelta("Hi"), own("file_path", "file_path")],
    ),
    Case(
        "citations of a text that comes only at its end",
        [
            at(0, "content_part.done", part={**HI, "annotations": [{"type": "file_path"}]}),
            at(
                0,
                "output_item.done",
                item={**MESSAGE, "content": [{**HI, "annotations": [{"type": "file_path"}]}]},
            ),
        ],
        [TextDelta("Hi"), own("file_path", "file_path")],
    ),
    Case(
        "a part without citations",
        [delta("Hi"), at(0, "content_part.done", part={"type": "refusal"})],
        [TextDelta("Hi")],
    ),
    Case(
        "a tool of the service",
        [
            at(0, "output_item.added", item=SEARCH),
            at(0, "web_search_call.searching"),
            at(0, "output_item.done", item=SEARCH),
            delta("Hi", 1),
        ],
        [own("web_search_call", "web_search_call", id="ws_1"), TextDelta("Hi")],
    ),
    Case(
        "events of no known name, whatever they hold",
        [named("new.delta", delta={"a": 1}), delta("Hi"), named("newer")],
        [TextDelta("Hi")],
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_stream_is_its_events(case: Case) -> None:
    end = Finished("tool_calls" if case.reason == "tool_calls" else "stop")

    assert heard(CREATED, *case.wire, COMPLETED) == [STARTED, *case.events, end]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_stream_is_the_same_however_it_is_cut(case: Case) -> None:
    body = wire(CREATED, *case.wire, COMPLETED)
    decoder = Decoder("m")

    found = [event for byte in body for event in decoder.feed(bytes([byte]))] + decoder.close()

    assert found == heard(CREATED, *case.wire, COMPLETED)


def test_an_answer_begins_with_its_first_event() -> None:
    queued = lifecycle("queued")

    assert heard(queued, CREATED, delta("Hi"), COMPLETED)[0] == STARTED
    assert heard(delta("Hi"), COMPLETED)[0] == Started("m")


def test_an_answer_tells_what_was_left_out_and_what_is_its_own() -> None:
    decoder = Decoder("m", dropped=("seed",))

    events = decoder.feed(wire(lifecycle("created", service_tier="flex", model=None)))

    native = Native(NAME, {"service_tier": "flex"})
    assert events == [Started("m", "resp_1", ("seed",), native)]


def test_an_event_may_be_named_only_outside() -> None:
    body = wire(CREATED) + b'event: response.output_text.delta\ndata: {"delta":"Hi"}\n\n'

    assert Decoder("m").feed(body) == [STARTED, TextDelta("Hi")]


def test_an_answer_that_comes_only_at_its_end_is_whole() -> None:
    output = [MESSAGE, call(1, "f", "{}"), SEARCH]

    assert heard(lifecycle("completed", output=output))[1:] == [
        TextDelta("Hi"),
        ToolCallStarted(0, "call_1", "f"),
        ToolCallDelta(0, "{}"),
        own("web_search_call", "web_search_call", id="ws_1"),
        Finished("tool_calls"),
    ]


def test_likelihoods_that_come_only_at_the_end_are_told() -> None:
    item = {**MESSAGE, "content": [{**HI, "logprobs": [TOKEN]}]}

    events = heard(CREATED, at(0, "output_item.done", item=item), COMPLETED)

    assert events[1:-1] == [TextDelta("Hi"), LogprobsReported((LIKELY,))]


def test_the_end_tells_what_was_used() -> None:
    usage = {"input_tokens": 5, "output_tokens": 2}

    assert heard(delta("Hi"), lifecycle("completed", usage=usage))[-2:] == [
        UsageReported(Usage(5, 2)),
        Finished("stop"),
    ]


@pytest.mark.parametrize(
    ("word", "end"),
    [
        ("max_output_tokens", Finished("length")),
        ("content_filter", Finished("content_filter")),
        ("steered", Finished("stop", "steered")),
    ],
)
def test_an_incomplete_answer_tells_why(word: str, end: Finished) -> None:
    incomplete = lifecycle("incomplete", incomplete_details={"reason": word})

    assert heard(delta("Hi"), incomplete)[-1] == end


def test_what_comes_after_the_end_is_passed_over() -> None:
    decoder = Decoder("m")

    events = decoder.feed(wire(delta("Hi"), COMPLETED, delta("!")) + b"data: [DONE]\n\n")

    assert events[-1] == Finished("stop")
    assert decoder.feed(b"data: ?\n\n") == decoder.close() == []


def test_an_end_sign_of_another_api_ends_nothing() -> None:
    decoder = Decoder("m")
    decoder.feed(wire(delta("Hi")) + b"data: [DONE]\n\n")

    with pytest.raises(StreamTruncatedError):
        decoder.close()


def test_the_last_event_may_lack_its_empty_line() -> None:
    decoder = Decoder("m")
    decoder.feed(wire(delta("Hi"), COMPLETED).removesuffix(b"\n"))

    assert decoder.close() == [Finished("stop")]
