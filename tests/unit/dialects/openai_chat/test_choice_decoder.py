"""One answer's deltas to events: calls, thoughts, and what the middle has no word for."""

import msgspec
import pytest

from dragoman.dialects.openai_chat.choice_decoder import ChoiceDecoder
from dragoman.dialects.openai_chat.chunks import CHUNKS, Choice
from dragoman.errors import ResponseError
from dragoman.events import (
    ChoiceEvent,
    Finished,
    LogprobsReported,
    NativeReported,
    ReasoningDelta,
    ReasoningSigned,
    RefusalDelta,
    TextDelta,
    TokenLogprob,
    ToolCallDelta,
    ToolCallStarted,
)
from dragoman.native import Native


class Case(msgspec.Struct):
    name: str
    deltas: list[dict[str, object]]
    expect: list[ChoiceEvent]
    end: tuple[ChoiceEvent, ...] = (Finished(),)


def choices(deltas: list[dict[str, object]]) -> list[Choice]:
    body = msgspec.json.encode({"choices": [{"delta": delta} for delta in deltas]})
    return CHUNKS.decode(body).choices or []


def calls(*items: dict[str, object]) -> dict[str, object]:
    return {"tool_calls": list(items)}


def call(index: int | None, call_id: str | None, name: str | None, text: str) -> dict[str, object]:
    return {"index": index, "id": call_id, "function": {"name": name, "arguments": text}}


CALLED: tuple[ChoiceEvent, ...] = (Finished("tool_calls"),)
ENCRYPTED = '{"type":"reasoning.encrypted","data":"QQ","format":"f"}'

CASES = [
    Case(
        "two calls, interleaved, with numbers of their own",
        [
            calls(call(3, "a", "f", "")),
            calls(call(5, "b", "g", "{}")),
            calls(call(3, None, None, '{"x":1}')),
        ],
        [
            ToolCallStarted(0, "a", "f"),
            ToolCallStarted(1, "b", "g"),
            ToolCallDelta(1, "{}"),
            ToolCallDelta(0, '{"x":1}'),
        ],
        CALLED,
    ),
    Case(
        "calls without numbers",
        [
            calls(call(None, "a", "f", "")),
            calls(call(None, None, None, "{}")),
            calls(call(None, "b", "g", "{}")),
            calls(call(None, "b", None, " ")),
        ],
        [
            ToolCallStarted(0, "a", "f"),
            ToolCallDelta(0, "{}"),
            ToolCallStarted(1, "b", "g"),
            ToolCallDelta(1, "{}"),
            ToolCallDelta(1, " "),
        ],
        CALLED,
    ),
    Case(
        "calls that all have the number 0",
        [
            calls(call(0, "a", "f", "{}")),
            calls(call(0, "b", "g", "{")),
            calls(call(0, "", "", "}")),
        ],
        [
            ToolCallStarted(0, "a", "f"),
            ToolCallDelta(0, "{}"),
            ToolCallStarted(1, "b", "g"),
            ToolCallDelta(1, "{"),
            ToolCallDelta(1, "}"),
        ],
        CALLED,
    ),
    Case(
        "a call whose name and id come again",
        [calls(call(0, "a", "f", "{")), calls(call(0, "a", "f", "}")), calls(call(0, "z", "", ""))],
        [ToolCallStarted(0, "a", "f"), ToolCallDelta(0, "{"), ToolCallDelta(0, "}")],
        CALLED,
    ),
    Case(
        "a call without id or arguments",
        [calls({"index": 0, "function": {"name": "f"}}), calls({"index": 0})],
        [ToolCallStarted(0, "call_0", "f")],
        CALLED,
    ),
    Case(
        "a call with the proof of its thought",
        [
            calls({
                "index": 0, "id": "a", "function": {"name": "f", "arguments": "{}"},
                "extra_content": {"google": {"thought_signature": "QQ"}},
            }),
            calls({"index": 1, "id": "b", "function": {"name": "f"}, "extra_content": {}}),
        ],
        [
            ToolCallStarted(0, "a", "f", "openai_chat:QQ"),
            ToolCallDelta(0, "{}"),
            ToolCallStarted(1, "b", "f"),
        ],
        CALLED,
    ),
    Case(
        "the older form of a call",
        [
            {"function_call": {"name": "f", "arguments": "{"}},
            {"function_call": {"arguments": "}"}},
        ],
        [ToolCallStarted(0, "call_0", "f"), ToolCallDelta(0, "{"), ToolCallDelta(0, "}")],
        CALLED,
    ),
    Case(
        "a custom tool's call is told whole, and is not counted",
        [
            calls({"index": 0, "id": "a", "custom": {"name": "sh", "input": "l"}}),
            calls({"index": 0, "custom": {"input": "s"}}, call(1, "b", "f", "{}")),
            calls({"index": 0}),
        ],
        [ToolCallStarted(0, "b", "f"), ToolCallDelta(0, "{}")],
        (
            NativeReported(
                Native(
                    "openai_chat",
                    {"id": "a", "type": "custom", "custom": {"name": "sh", "input": "ls"}},
                )
            ),
            Finished("tool_calls"),
        ),
    ),
    Case(
        "thoughts before text, under either name",
        [{"content": "a", "reasoning_content": "hm"}, {"reasoning": "so", "content": ""}],
        [ReasoningDelta("hm"), TextDelta("a"), ReasoningDelta("so")],
    ),
    Case(
        "thoughts with their proofs",
        [
            {"reasoning": "hm", "reasoning_details": [{"type": "reasoning.text", "text": "hm"}]},
            {"reasoning_details": [{"type": "reasoning.text", "signature": "QQ", "index": 0}]},
            {
                "reasoning_content": "hidden",
                "reasoning_details": [
                    {"type": "reasoning.encrypted", "data": "QQ", "format": "f", "index": 1}
                ],
            },
        ],
        [
            ReasoningDelta("hm"),
            ReasoningSigned("openai_chat:QQ"),
            ReasoningDelta("hidden"),
            ReasoningSigned(f"openai_chat:{ENCRYPTED}"),
        ],
    ),
    Case(
        "content as a list of parts",
        [
            {
                "content": [
                    {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}, {}]},
                    {"type": "thinking", "thinking": "so"},
                    {"type": "text", "text": "Hi"},
                    {"type": "refusal", "refusal": "No"},
                ]
            }
        ],
        [ReasoningDelta("hm"), ReasoningDelta("so"), TextDelta("Hi"), RefusalDelta("No")],
    ),
    Case(
        "annotations",
        [{"annotations": [{"type": "url_citation"}]}],
        [
            NativeReported(
                Native(
                    "openai_chat",
                    {"type": "annotations", "annotations": [{"type": "url_citation"}]},
                    frozenset({"annotations"}),
                )
            )
        ],
    ),
    Case(
        "a spoken answer",
        [
            {"audio": {"id": "au"}},
            {"audio": {"data": "QQ", "transcript": "H"}},
            {"audio": {"data": "==", "transcript": "i", "expires_at": 7}},
        ],
        [],
        (
            NativeReported(
                Native(
                    "openai_chat",
                    {
                        "type": "audio",
                        "audio": {"id": "au", "data": "QQ==", "expires_at": 7, "transcript": "Hi"},
                    },
                )
            ),
            Finished(),
        ),
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_deltas_become_events(case: Case) -> None:
    decoder = ChoiceDecoder()

    events = [event for choice in choices(case.deltas) for event in decoder.take(choice)]

    assert events == case.expect
    assert decoder.end() == [*case.end]


@pytest.mark.parametrize("custom", [None, {"input": "x"}])
def test_a_call_without_a_name_is_none(custom: object) -> None:
    (choice,) = choices([calls({"index": 0, "id": "a", "custom": custom})])

    with pytest.raises(ResponseError, match="without a name"):
        ChoiceDecoder().take(choice)


@pytest.mark.parametrize(
    ("word", "expect"),
    [
        ("stop", Finished()),
        ("STOP", Finished("stop", "STOP")),
        ("length", Finished("length")),
        ("model_length", Finished("length", "model_length")),
        ("content_filter", Finished("content_filter")),
        ("eos", Finished("stop", "eos")),
    ],
)
def test_the_services_word_is_kept_where_it_says_more(word: str, expect: Finished) -> None:
    decoder = ChoiceDecoder()

    decoder.take(Choice(finish_reason=word))
    decoder.take(Choice(finish_reason="length"))

    assert decoder.end() == [expect]


def test_a_stop_with_a_call_is_a_stop_for_the_call() -> None:
    """A service that was told which tool to call says `stop`; other dialects tell it apart."""
    decoder = ChoiceDecoder()
    (choice,) = choices([calls(call(0, "a", "f", "{}"))])

    decoder.take(choice)
    decoder.take(Choice(finish_reason="stop"))

    assert decoder.end() == [Finished("tool_calls", "stop")]


def test_likelihoods_of_content_and_refusal_are_told() -> None:
    token = {
        "token": "a",
        "logprob": -1,
        "bytes": [97],
        "top_logprobs": [{"token": "b", "logprob": -2}],
    }
    wire = {
        "choices": [{"logprobs": {"content": [token], "refusal": [{"token": "c", "logprob": 0}]}}]
    }
    (choice,) = CHUNKS.decode(msgspec.json.encode(wire)).choices or []

    events = ChoiceDecoder().take(choice)

    expect = (TokenLogprob("a", -1.0, (TokenLogprob("b", -2.0),)), TokenLogprob("c", 0.0))
    assert events == [LogprobsReported(expect)]
    assert ChoiceDecoder().take(msgspec.structs.replace(choice, logprobs=None)) == []
