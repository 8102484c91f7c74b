"""A whole answer as values."""

import msgspec
import pytest

from dragoman.dialects.openai_responses.reply_decoder import decode_reply
from dragoman.dialects.openai_responses.tables import NAME
from dragoman.errors import ContentFilterError, RateLimitError, ResponseError, ResponseStatusError
from dragoman.events import TokenLogprob, Usage
from dragoman.messages import Part, Reasoning, Refusal, Text, ToolCall
from dragoman.native import Native


def told(*output: object, **fields: object) -> bytes:
    return msgspec.json.encode(
        {"id": "resp_1", "model": "m-1", "status": "completed", "output": output, **fields}
    )


def spoken(*content: object, **fields: object) -> dict[str, object]:
    return {"type": "message", "id": "msg_1", "role": "assistant", "content": content, **fields}


def own(kind: str, *hints: str, **fields: object) -> Native:
    return Native(NAME, {"type": kind, **fields}, frozenset(hints))


TEXT = {"type": "output_text", "text": "Hi", "annotations": []}


class Case(msgspec.Struct):
    name: str
    item: dict[str, object]
    parts: tuple[Part, ...]


CASES = [
    Case("a text", spoken(TEXT), (Text("Hi"),)),
    Case(
        "texts and a refusal",
        spoken(TEXT, {"type": "output_text", "text": ""}, {"type": "refusal", "refusal": "No."}),
        (Text("Hi"), Refusal("No.")),
    ),
    Case(
        "a phase",
        spoken(TEXT, phase="final_answer"),
        (own("message", "message", phase="final_answer"), Text("Hi")),
    ),
    Case(
        "citations, of which some cannot be put back",
        spoken({**TEXT, "annotations": [{"type": "file_path"}, {"type": "x"}, {}]}),
        (Text("Hi"), own("file_path", "file_path")),
    ),
    Case(
        "a part of a new kind",
        spoken(TEXT, {"type": "output_video"}),
        (Text("Hi"), own("output_video")),
    ),
    Case(
        "a call",
        {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
        (ToolCall("c", "f", "{}"),),
    ),
    Case(
        "a call with few words",
        {"type": "function_call", "id": "fc_1", "name": "f"},
        (ToolCall("fc_1", "f", ""),),
    ),
    Case(
        "a call in a namespace",
        {"type": "function_call", "call_id": "c", "name": "f", "namespace": "n"},
        (own("function_call", call_id="c", name="f", namespace="n"),),
    ),
    Case(
        "a tool of the service",
        {"type": "image_generation_call", "result": "..."},
        (own("image_generation_call", "image_generation_call", result="..."),),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_item_is_its_parts(case: Case) -> None:
    assert decode_reply(told(case.item), "m").message.parts == case.parts


class Thought(msgspec.Struct):
    name: str
    fields: dict[str, object]
    parts: tuple[Part, ...]


SUMMARY = [{"type": "summary_text", "text": "A"}, {"type": "summary_text", "text": "B"}]
THOUGHTS = [
    Thought(
        "two parts, with a proof",
        {"id": "rs_1", "summary": SUMMARY, "encrypted_content": "gAAA"},
        (Reasoning("A\n\nB", "openai_responses:rs_1:gAAA"),),
    ),
    Thought("no proof", {"id": "rs_1", "summary": SUMMARY}, (Reasoning("A\n\nB"),)),
    Thought(
        "a hidden one",
        {"id": "rs_1", "summary": [], "encrypted_content": "gAAA"},
        (Reasoning("", "openai_responses:rs_1:gAAA"),),
    ),
    Thought(
        "without an id",
        {"encrypted_content": "gAAA"},
        (Reasoning("", "openai_responses:gAAA"),),
    ),
    Thought(
        "one that is shown",
        {"id": "rs_1", "content": [{"type": "reasoning_text", "text": "Hm"}]},
        (Reasoning("Hm", "openai_responses:rs_1:"),),
    ),
    Thought(
        "one that a gateway of this package passed on",
        {"id": "rs_7", "summary": [], "encrypted_content": "openai_responses:rs_1:gAAA"},
        (Reasoning("", "openai_responses:rs_1:gAAA"),),
    ),
    Thought(
        "one of another service behind such a gateway",
        {"id": "rs_7", "summary": [], "encrypted_content": "gemini:x"},
        (Reasoning("", "openai_responses:rs_7:gemini:x"),),
    ),
    Thought("nothing", {"id": "rs_1", "summary": []}, ()),
]


@pytest.mark.parametrize("case", THOUGHTS, ids=lambda case: case.name)
def test_a_thought_keeps_its_proof(case: Thought) -> None:
    body = told({"type": "reasoning", **case.fields}, spoken(TEXT))

    assert decode_reply(body, "m").message.parts == (*case.parts, Text("Hi"))


def test_an_answer_tells_its_name_its_model_and_what_was_left_out() -> None:
    reply = decode_reply(told(spoken(TEXT)), "m", dropped=("seed",))

    assert (reply.id, reply.model, reply.dropped, reply.native) == (
        "resp_1",
        "m-1",
        ("seed",),
        None,
    )
    assert decode_reply(told(spoken(TEXT), model=None), "m").model == "m"


def test_what_neither_repeats_the_request_nor_is_told_otherwise_is_native() -> None:
    reply = decode_reply(told(spoken(TEXT), service_tier="flex", tools=[], user=None), "m")

    assert reply.native == Native(NAME, {"service_tier": "flex"})


def test_an_answer_tells_how_likely_it_was() -> None:
    tops = [{"token": "Hi", "logprob": -0.5}, {"token": "Oh", "logprob": -1.5}]
    token = {"token": "Hi", "bytes": [72, 105], "logprob": -0.5, "top_logprobs": tops}

    reply = decode_reply(told(spoken({**TEXT, "logprobs": [token]})), "m")

    top = (TokenLogprob("Hi", -0.5), TokenLogprob("Oh", -1.5))
    assert reply.logprobs == (TokenLogprob("Hi", -0.5, top),)


@pytest.mark.parametrize(
    ("wire", "usage"),
    [
        (None, None),
        ({"input_tokens": 5, "output_tokens": 2}, Usage(5, 2)),
        (
            {
                "input_tokens": 5,
                "input_tokens_details": {"cached_tokens": 3, "cache_write_tokens": 1},
                "output_tokens": 9,
                "output_tokens_details": {"reasoning_tokens": 8},
                "total_tokens": 14,
            },
            Usage(5, 9, cached_tokens=3, cache_write_tokens=1, reasoning_tokens=8),
        ),
    ],
)
def test_an_answer_tells_what_it_used(wire: object, usage: Usage | None) -> None:
    assert decode_reply(told(spoken(TEXT), usage=wire), "m").usage == usage


CALL = {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}


@pytest.mark.parametrize(
    ("body", "reason", "word"),
    [
        (told(spoken(TEXT)), "stop", None),
        (told(spoken(TEXT), status=None), "stop", None),
        (told(spoken(TEXT), CALL), "tool_calls", None),
        (
            told(
                spoken(TEXT), status="incomplete", incomplete_details={"reason": "content_filter"}
            ),
            "content_filter",
            None,
        ),
        (
            told(
                spoken(TEXT),
                status="incomplete",
                incomplete_details={"reason": "max_output_tokens"},
            ),
            "length",
            None,
        ),
        (told(spoken(TEXT), status="incomplete"), "length", None),
        (told({"type": "reasoning", "summary": SUMMARY}, status="incomplete"), "length", None),
        (
            told(spoken(TEXT), status="incomplete", incomplete_details={"reason": "max_messages"}),
            "length",
            "max_messages",
        ),
        (
            told(spoken(TEXT), status="incomplete", incomplete_details={"reason": "steered"}),
            "stop",
            "steered",
        ),
        (
            told(status="incomplete", incomplete_details={"reason": "content_filter"}),
            "content_filter",
            None,
        ),
    ],
)
def test_an_answer_tells_why_it_ended(body: bytes, reason: str, word: str | None) -> None:
    reply = decode_reply(body, "m")

    assert (reply.finish_reason, reply.finish_word) == (reason, word)


@pytest.mark.parametrize(
    ("body", "kind", "why"),
    [
        (b"<html>", ResponseError, "makes no sense"),
        (b"[]", ResponseError, "makes no sense"),
        (b'{"object":"list"}', ResponseError, "no answer"),
        (told(spoken(7)), ResponseError, "makes no sense"),
        (told({"type": "function_call"}), ResponseError, "without a name"),
        (told(), ResponseError, "empty answer"),
        (told(spoken(phase="commentary")), ResponseError, "empty answer"),
        (told({"type": "reasoning", "summary": SUMMARY}), ResponseError, "empty answer"),
        (told(status="incomplete"), ResponseError, "empty answer"),
        (told(spoken(TEXT), status="queued"), ResponseError, "is queued"),
        (told(spoken(TEXT), status="failed"), ResponseError, "is failed"),
        (
            told(status="failed", error={"code": "server_error", "message": "Oh"}),
            ResponseStatusError,
            "Oh",
        ),
        (
            told(status="failed", error={"code": "rate_limit_exceeded", "message": "Oh"}),
            RateLimitError,
            "Oh",
        ),
        (told(error={"code": "invalid_prompt", "message": "Oh"}), ContentFilterError, "Oh"),
        (b'{"error":"Oh"}', ResponseError, "Oh"),
    ],
)
def test_what_is_no_answer_is_an_error(body: bytes, kind: type[Exception], why: str) -> None:
    with pytest.raises(kind, match=why):
        decode_reply(body, "m")
