"""The turns that a relayed stream can take, beside the samples."""

import json
import time
from typing import Any

import msgspec
import pytest
from tests.unit.web.ai_power_kit import JSON_TYPE, decode, make_call, make_head, outline

from dragoman.providers.web.ai_power_relay import MAX_ERROR_WORDS, RelayDecoder
from dragoman.transport.base import MAX_BODY_BYTES


def event(value: Any, name: str = "") -> str:
    return (f"event: {name}\n" if name else "") + f"data: {json.dumps(value)}\n\n"


def chunk(content: Any = None, reason: str | None = None, **more: Any) -> str:
    choice = {"index": 0, "delta": {"content": content}, "finish_reason": reason}
    return event({"id": "c1", "object": "chat.completion.chunk", "choices": [choice], **more})


def bare(content: str | None = None, reason: str | None = None, name: str = "") -> str:
    choice: dict[str, Any] = {"delta": {"content": content}} if content is not None else {}
    return event({"choices": [choice | ({"finish_reason": reason} if reason else {})]}, name)


class Case(msgspec.Struct, frozen=True):
    """A stream, its events, how it ends, and words of the error."""

    name: str
    body: str
    events: list[str]
    kind: str = "whole"
    words: str = ""


A, B = chunk("Hel"), chunk("lo")
STOP, DONE = chunk(None, "stop"), "data: [DONE]\n\n"
SAID = ["started", "Hel", "lo"]
ALL = [*SAID, "finished stop"]
TRAILER = json.dumps({"status": "success", "msg": "m", "data": "Other", "log": False})
REFUSED = json.dumps({"status": "error", "msg": "Nonce"})

CASES = [
    Case("an answer", A + B + STOP + DONE, ALL),
    Case("an end without a reason", A + B + DONE, ALL),
    Case("a reason without an end", A + B + STOP, ALL),
    Case("an end without its empty line", A + B + STOP + "data: [DONE]", ALL),
    Case("an end with blanks", A + B + "data:  [DONE] \n\n", ALL),
    Case("a last event without its empty line", A + B + STOP.rstrip(), ALL),
    Case("neither", A + B, SAID, "StreamTruncatedError"),
    Case("neither, and a trailer", A + B + TRAILER, SAID, "StreamTruncatedError"),
    Case("a trailer that refuses", A + B + REFUSED, SAID, "StreamTruncatedError"),
    Case("a cut event", A + B + 'data: {"id":"c', SAID, "StreamTruncatedError", "inside an event"),
    Case("a cut event behind the reason", A + B + STOP + 'data: {"id":"c', ALL),
    Case("a cut first event", 'data: {"id":"c', [], "StreamTruncatedError"),
    Case("a trailer alone", TRAILER, ["started", "Other", "finished stop"]),
    Case("a refusal alone", REFUSED, [], "stale ResponseError", "Nonce"),
    Case("a long answer", A + chunk("lo", "length") + DONE, [*SAID, "finished length"]),
    Case("a filtered end", A + chunk("lo", "content_filter"), [*SAID, "finished content_filter"]),
    Case("a filtered answer", chunk(None, "content_filter") + DONE, [], "ContentFilterError"),
    Case("an unknown reason", A + chunk("lo", "new_reason") + DONE, ALL),
    Case("no text", STOP + DONE, [], "ResponseError", "empty answer"),
    Case("no text, no end sign", STOP, [], "ResponseError", "empty answer"),
    Case("no text, and a trailer", STOP + TRAILER, ["started", "Other", "finished stop"]),
    Case("nothing", "", [], "ResponseError", "empty reply"),
    Case("comments only", ": ping\n\n: ping\n\n", [], "ResponseError", "empty reply"),
    Case("nulls and blanks", chunk() + chunk("") + A + B + STOP + DONE, ALL),
    Case(
        "usage", A + B + event({"choices": [], "usage": {"total_tokens": 3}, "id": "c"}) + DONE, ALL
    ),
    Case("an object without choices", A + event({"x": 1}) + B + DONE, ALL),
    Case("an event of another name", A + "event: ping\ndata: x\n\n" + B + DONE, ALL),
    Case("an error of null", chunk("Hel", error=None) + B + DONE, ALL),
    Case("an error", A + event({"error": {"message": "Busy"}}), SAID[:2], "ResponseError", "Busy"),
    Case(
        "an error beside choices", A + chunk("lo", error="Busy"), SAID[:2], "ResponseError", "Busy"
    ),
    Case("a named error", A + event({"error": "Busy"}, "error"), SAID[:2], "ResponseError", "Busy"),
    Case(
        "an object in one line of no event",
        A + "Internal Server Error\n",
        SAID[:2],
        "StreamTruncatedError",
    ),
    Case("a list", A + event([1]), SAID[:2], "ResponseError", "broken event"),
    Case("a text", A + event("x"), SAID[:2], "ResponseError", "broken event"),
    Case("content that is no text", A + chunk(["x"]), SAID[:2], "ResponseError", "broken event"),
    Case(
        "half a character", A + 'data: {"choices":[],"x":"\\uD83D"}\n\n', SAID[:2], "ResponseError"
    ),
    Case(
        "half a character where nobody looks",
        A + 'data: {"id":1,"x":"\\ud83d","choices":[{"delta":{"content":"lo"}}]}\n\n',
        SAID[:2],
        "ResponseError",
    ),
    Case(
        "a whole character in two escapes",
        'data: {"id":1,"choices":[{"delta":{"content":"\\ud83d\\ude00"}}]}\n\n' + DONE,
        ["started", "\U0001f600", "finished stop"],
    ),
    Case(
        "a quota in the answer",
        A + event({"msg": "Full", "tokenLimitReached": True}),
        SAID[:2],
        "RateLimitError",
        "Full",
    ),
    Case(
        "a moderation",
        event({"msg": "No", "modflag": True}) + A + STOP,
        [],
        "ContentFilterError",
        "No",
    ),
    Case(
        "documents that cannot be searched",
        event({"pineconeError": "No index"}) + A + STOP,
        [],
        "ResponseError",
        "No index",
    ),
    Case("an API that marks nothing", bare("Hel") + bare("lo") + bare(None, "stop"), ALL),
    Case(
        "an API that names its events",
        event({"id": 1, "choices": [{"delta": {"content": "Hel"}}]}, "message") + B + DONE,
        ALL,
    ),
    Case(
        "an API with an id of null",
        event({"id": None, "choices": [{"delta": {"content": "Hel"}}]}, "message") + B + DONE,
        ALL,
    ),
    Case(
        "an error in words",
        bare("No", name="message")
        + bare(" credit", name="message")
        + bare(None, "stop")
        + A
        + DONE,
        [],
        "ResponseError",
        "No credit",
    ),
    Case("an error in words, cut", bare("No", name="message"), [], "ResponseError", "No"),
    Case("an error in words, done", bare("No", name="message") + DONE, [], "ResponseError", "No"),
    Case(
        "an error in words, then an answer",
        bare("No", name="message") + A,
        [],
        "ResponseError",
        "No",
    ),
    Case(
        "an error in words, then usage",
        bare("No", name="message") + event({"choices": []}),
        [],
        "ResponseError",
        "No",
    ),
    Case(
        "an error in words, then a refusal",
        bare("No", name="message") + event({"msg": "Full", "tokenLimitReached": True}),
        [],
        "RateLimitError",
        "Full",
    ),
    Case(
        "an error in words, broken",
        bare("No", name="message") + "event: message\ndata: {\n\n",
        [],
        "ResponseError",
        "No",
    ),
    Case(
        "an error in words behind an answer",
        A + bare("No", name="message") + bare(None, "stop"),
        SAID[:2],
        "ResponseError",
        "No",
    ),
    Case(
        "a limit without words",
        "event: message\ndata: [LIMITED]\n\n",
        [],
        "ResponseError",
        "without a text",
    ),
    Case(
        "endless words",
        bare("x", name="message") * (MAX_ERROR_WORDS + 1),
        [],
        "ResponseError",
        "xxx",
    ),
    Case(
        "a raw error, then bare words",
        '{"error": {"message": "No"}}\n' + bare("No") + bare(None, "stop"),
        [],
        "ResponseError",
        "No",
    ),
    Case(
        "a raw error behind bare words",
        "Notice: x\n" + bare("Hel") + bare("lo") + bare(None, "stop") + '{"error": 1}\n',
        ALL,
    ),
    Case("a raw error alone", '{"error": {"message": "No"}}', [], "ResponseError", "No"),
    Case("HTML alone", "<html>502 Bad Gateway</html>\n", [], "ResponseError", "HTML instead"),
    Case(
        "an assistant of two messages",
        event({"delta": {"content": [{"text": {"value": "Hel"}}]}}, "thread.message.delta")
        + event({"content": []}, "thread.message.completed")
        + event(
            {"content": [{"type": "image"}, {"text": {"value": "lo"}}]}, "thread.message.completed"
        ),
        ALL,
    ),
    Case(
        "an assistant without a word",
        event({"content": []}, "thread.message.completed") + "event: done\ndata: [DONE]\n\n",
        [],
        "ResponseError",
        "empty answer",
    ),
    Case(
        "an assistant cut",
        event({"delta": {"content": [{"text": {"value": "Hel"}}]}}, "thread.message.delta"),
        SAID[:2],
        "StreamTruncatedError",
    ),
    Case(
        "an assistant's error without words",
        event({}, "assistant_error"),
        [],
        "ResponseError",
        "failed",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@pytest.mark.parametrize("size", [1, 10_000_000])
def test_a_stream_is_read(case: Case, size: int) -> None:
    body = case.body.encode()
    if len(body) > 100_000 and size == 1:
        pytest.skip("long; the cut is tried by the others")
    pieces = [body[place : place + size] for place in range(0, len(body), size)]

    decoded = decode(RelayDecoder(make_call(), make_head()), pieces)

    assert (outline(decoded), decoded.kind) == (case.events, case.kind)
    assert case.words in decoded.words


def test_started_says_what_was_dropped() -> None:
    decoder = RelayDecoder(make_call(dropped=("seed",)), make_head())

    started = decoder.feed(A.encode())[0]

    assert (started.model, started.dropped) == ("gpt-4o", ("seed",))  # type: ignore[union-attr]  # the first event is Started


def test_an_error_behind_words_waits_for_the_next_call() -> None:
    """The words are handed out; the error needs no further bytes from the site."""
    decoder = RelayDecoder(make_call(), make_head())

    events = decoder.feed((A + event({"error": "Busy"})).encode())

    assert len(events) == 2
    assert decode(decoder, [b""]).words == "Busy"


def test_a_body_that_says_it_is_json_may_be_a_stream() -> None:
    decoded = decode(
        RelayDecoder(make_call(), make_head(content_type=JSON_TYPE)),
        [(A + B + STOP + DONE).encode(), TRAILER.encode()],
    )

    assert outline(decoded) == ALL


def test_a_body_that_says_it_is_json_may_be_a_stream_with_an_error() -> None:
    decoder = RelayDecoder(make_call(), make_head(content_type=JSON_TYPE))

    assert decode(decoder, [(A + event({"error": "Busy"})).encode()]).words == "Busy"


def test_a_body_above_the_limit_is_not_kept() -> None:
    decoder = RelayDecoder(make_call(), make_head(content_type=JSON_TYPE))
    piece = b" " * (1024 * 1024)

    decoded = decode(decoder, [piece] * (MAX_BODY_BYTES // len(piece) + 1))

    assert decoded.kind == "ResponseError"
    assert "longer than" in decoded.words


def test_a_long_answer_in_one_object_is_whole() -> None:
    body = json.dumps({"status": "success", "data": "x" * 3_000_000}).encode()

    decoded = decode(RelayDecoder(make_call(), make_head(content_type=JSON_TYPE)), [body])

    assert len(decoded.text) == 3_000_000


@pytest.mark.parametrize("line", ["", "x\n"])
def test_words_behind_a_long_rest_cost_what_they_are_long(line: str) -> None:
    """A hostile site may send a rest of a megabyte, and words or more of the rest for ever."""
    body = ("x" * 1000 + "\n") * 1000 + (line + bare("Hel")) * 20_000 + bare("lo", "stop")
    started = time.process_time()

    decoded = decode(RelayDecoder(make_call(), make_head()), [body.encode()])

    assert len(decoded.events) > 20_000
    assert time.process_time() - started < 3


def test_a_raw_error_is_seen_once_it_came_and_however_late() -> None:
    notices = "".join(f"Notice {number}\n{bare('Hel') * 9}" for number in range(5))
    body = notices + '{"error": {"message": "No"}}\n' + bare("No") + bare(" credit", "stop")

    decoded = decode(RelayDecoder(make_call(), make_head()), [body.encode()])

    assert (decoded.text, decoded.words) == ("Hel" * 45, "No credit")


def test_what_follows_the_end_is_not_read() -> None:
    decoder = RelayDecoder(make_call(), make_head())

    first = decoder.feed((A + DONE + chunk("more")).encode())

    assert len(first) == 3
    assert decoder.feed(chunk("more").encode()) == []
