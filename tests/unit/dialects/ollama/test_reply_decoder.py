"""Ollama's answers, whole and as streams: what their bytes mean."""

from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.unit.dialects.kit import cut, heard_or_refused

from dragoman.dialects.ollama.reply_decoder import Decoder, decode_reply
from dragoman.errors import ChatError, ResponseError, StreamTruncatedError
from dragoman.events import (
    Event,
    Finished,
    Grammar,
    LogprobsReported,
    NativeReported,
    ReasoningDelta,
    Started,
    TextDelta,
    TokenLogprob,
    ToolCallDelta,
    ToolCallStarted,
    Usage,
    UsageReported,
)
from dragoman.native import Native


class Case(msgspec.Struct):
    name: str
    wire: bytes
    expect: list[Event]
    dialect: str = "ollama"


class Broken(msgspec.Struct):
    name: str
    wire: bytes
    error: type[ChatError]
    words: str
    before: list[Event] = []


def line(**fields: object) -> bytes:
    return msgspec.json.encode({"model": "m", "created_at": "t", "done": False, **fields}) + b"\n"


def said(content: str = "", **more: object) -> bytes:
    return line(message={"role": "assistant", "content": content, **more})


def end(reason: str | None = "stop", **more: object) -> bytes:
    return line(message={"role": "assistant", "content": ""}, done=True, done_reason=reason, **more)


def call(name: str, arguments: object, **fields: object) -> dict[str, object]:
    return {"function": {"name": name, "arguments": arguments}, **fields}


def own(kind: str, value: object, dialect: str = "ollama") -> NativeReported:
    return NativeReported(Native(dialect, {"type": kind, kind: value}, frozenset({"context"})))


HELLO = said("Hel") + said("lo")
SAID: list[Event] = [Started("m"), TextDelta("Hel"), TextDelta("lo")]
TOKENS = [{"token": "Hi", "logprob": -0.5, "bytes": [72, 105], "top_logprobs": [
    {"token": "Hi", "logprob": -0.5}, {"token": "Ho", "logprob": -1}]}]  # fmt: skip

CASES = [
    Case("text to its end", HELLO + end(), [*SAID, Finished()]),
    Case("an end without a reason", HELLO + end(None), [*SAID, Finished()]),
    Case("an end without a message", HELLO + line(done=True), [*SAID, Finished()]),
    Case("the length was reached", HELLO + end("length"), [*SAID, Finished("length")]),
    Case("a reason of a later version", HELLO + end("abort"), [*SAID, Finished("stop", "abort")]),
    Case("what follows the end is ignored", HELLO + end() + HELLO, [*SAID, Finished()]),
    Case("empty lines, and other ends of lines",
         b"\xef\xbb\xbf\r\n" + said("Hi").replace(b"\n", b"\r\n\n") + end().rstrip(),
         [Started("m"), TextDelta("Hi"), Finished()]),
    Case("separators of lines inside a text", said("a\u2028\x85b") + end(),
         [Started("m"), TextDelta("a\u2028\x85b"), Finished()]),
    Case("counts", HELLO + end(prompt_eval_count=3, eval_count=2),
         [*SAID, UsageReported(Usage(3, 2)), Finished()]),
    Case("a count that is nought is none", HELLO + end(prompt_eval_count=0, eval_count=2),
         [*SAID, UsageReported(Usage(None, 2)), Finished()]),
    Case("thoughts are apart from the text", said(thinking="hm") + said("Hi") + end(),
         [Started("m"), ReasoningDelta("hm"), TextDelta("Hi"), Finished()]),
    Case("likelihoods", line(message={"content": "Hi"}, logprobs=TOKENS) + end(),
         [Started("m"), TextDelta("Hi"),
          LogprobsReported((TokenLogprob("Hi", -0.5, (
              TokenLogprob("Hi", -0.5), TokenLogprob("Ho", -1.0))),)), Finished()]),
    Case("calls with ids", said(tool_calls=[call("f", {"x": 1}, id="a"), call("g", {}, id="b")])
         + end(),
         [Started("m"), ToolCallStarted(0, "a", "f"), ToolCallDelta(0, '{"x":1}'),
          ToolCallStarted(1, "b", "g"), ToolCallDelta(1, "{}"), Finished("tool_calls")]),
    Case("a call without a time or an id",
         line(created_at=None, message={"tool_calls": [call("f", None)]}) + end(),
         [Started("m"), ToolCallStarted(0, "call_0", "f"), ToolCallDelta(0, "{}"),
          Finished("tool_calls")]),
    Case("a call that was cut by the limit", said(tool_calls=[call("f", {}, id="a")])
         + end("length"),
         [Started("m"), ToolCallStarted(0, "a", "f"), ToolCallDelta(0, "{}"), Finished("length")]),
    Case("a filtered answer may be empty", end("content_filter"),
         [Started("m"), Finished("content_filter")]),
    Case("thoughts that used up the limit", said(thinking="hm") + end("length"),
         [Started("m"), ReasoningDelta("hm"), Finished("length")]),
    Case("an error that is none", line(message={"content": "Hi"}, error="") + end(error=None),
         [Started("m"), TextDelta("Hi"), Finished()]),
    Case("a service that names no model", b'{"message":{"content":"Hi"},"done":true}',
         [Started("asked"), TextDelta("Hi"), Finished()]),
    Case("a model on another machine", line(message={"content": "Hi"}, remote_host="https://x")
         + end(), [Started("m", native=Native("ollama", {"remote_host": "https://x"})),
                   TextDelta("Hi"), Finished()]),
    Case("pictures", said(images=["iVBO"]) + end(),
         [Started("m"), own("images", ["iVBO"]), Finished()]),
    Case("generate", line(response="Hi", thinking="hm") + line(response="", done=True,
                                                               context=[1, 2]),
         [Started("m"), ReasoningDelta("hm"), TextDelta("Hi"),
          own("context", [1, 2], "ollama_generate"), Finished()], "ollama_generate"),
    Case("generate's picture", line(completed=1, total=4) + line(image="iVBO", done=True),
         [Started("m"), own("image", "iVBO", "ollama_generate"), Finished()], "ollama_generate"),
]  # fmt: skip

HI: list[Event] = [Started("m"), TextDelta("Hi")]
BROKEN = [
    Broken("no byte", b"", StreamTruncatedError, "without its end sign"),
    Broken("no end", said("Hi"), StreamTruncatedError, "without its end sign", HI),
    Broken("half a line", said("Hi") + end()[:-9], ResponseError, "makes no sense", HI),
    Broken("an empty answer", end(), ResponseError, "an empty answer", [Started("m")]),
    Broken("only thoughts", said(thinking="hm") + end(), ResponseError,
           "an empty answer (finish reason 'stop')", [Started("m"), ReasoningDelta("hm")]),
    Broken("a limit that nothing used up", end("length"), ResponseError,
           "an empty answer (finish reason 'length')", [Started("m")]),
    Broken("a model that was only loaded", end("load"), ResponseError, "'load'", [Started("m")]),
    Broken("an error inside", said("Hi") + b'{"error":"it broke"}\n', ResponseError,
           "an error inside the answer: it broke", HI),
    Broken("an error at once", b'{"error":"it broke"}\n', ResponseError, "it broke"),
    Broken("an error in another's form", b'{"error":{"message":"it broke","code":1}}\n',
           ResponseError, "it broke"),
    Broken("an error without words", b'{"error":{}}\n', ResponseError, "no reason given"),
    Broken("HTML", b"<html>\n<body>Log in first.</body>", ResponseError, "'<html>'"),
    Broken("a list", b"[]\n", ResponseError, "makes no sense"),
    Broken("a text that is none", b'{"message":{"content":7}}\n', ResponseError, "makes no sense"),
    Broken("broken UTF-8", said("Hi") + b'{"message":{"content":"\xff"}}\n', ResponseError,
           "makes no sense", HI),
    Broken("half a surrogate pair", b'{"message":{"content":"\\ud83d"}}\n', ResponseError,
           "makes no sense"),
    Broken("a call without a name", said("Hi") + said(tool_calls=[{}]) + end(), ResponseError,
           "without a name", HI),
    Broken("arguments that are no object", said(tool_calls=[call("f", "{}")]), ResponseError,
           "makes no sense"),
]  # fmt: skip


def decode(
    chunks: Sequence[bytes], dialect: str = "ollama"
) -> tuple[list[Event], ChatError | None]:
    return heard_or_refused(Decoder(dialect, "asked"), chunks)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_stream_becomes_events(case: Case) -> None:
    events, error = decode([case.wire], case.dialect)

    assert error is None
    assert events == case.expect
    Grammar().check(events)


@pytest.mark.parametrize("case", BROKEN, ids=lambda case: case.name)
def test_what_is_no_answer_is_an_error_after_what_was_said(case: Broken) -> None:
    events, error = decode([case.wire])

    assert events == case.before
    assert type(error) is case.error
    assert case.words in str(error)


@given(st.sampled_from([*CASES, *BROKEN]), st.lists(st.integers(0, 4096), max_size=8))
def test_any_cut_gives_the_same_events(case: Case | Broken, places: list[int]) -> None:
    whole, error = decode([case.wire])

    events, cut_error = decode(cut(case.wire, places))

    assert events == whole
    assert (type(cut_error), str(cut_error)) == (type(error), str(error))


@given(st.lists(st.binary(max_size=64) | st.sampled_from(CASES).map(lambda c: c.wire), max_size=6))
@example([b'{"message":' + b"[" * 4000])
@example([b'{"error":' + b"[" * 4000 + b"]" * 4000 + b"}\n"])
@example([b'{"message":{"tool_calls":[{"function":{"name":"f","arguments":{"a":' + b"9" * 5000])
@example([said(tool_calls=[call("f", {"a": 2**80}, id="")])])
def test_any_bytes_give_legal_events_or_a_chat_error(chunks: list[bytes]) -> None:
    events, error = decode(chunks)

    grammar = Grammar()
    grammar.check(events)
    assert grammar.finished != (error is not None)


def test_ids_that_were_not_given_are_unlike_in_a_conversation() -> None:
    """Programs keep calls by their ids; the service of old gives none."""
    calls = {"tool_calls": [call("f", {}), call("f", {})]}
    wires = [line(created_at=time, message=calls) + end() for time in ("t1", "t2")]

    ids = [
        event.id for wire in wires for event in decode([wire])[0] if type(event) is ToolCallStarted
    ]

    assert len(set(ids)) == 4
    assert ids[0] == "call_5b54ae37_0"


def test_started_names_what_was_left_out() -> None:
    decoder = Decoder("ollama", "m", dropped=("user",))

    assert decoder.feed(HELLO)[0] == Started("m", None, ("user",))


def test_an_error_comes_again_and_again() -> None:
    decoder = Decoder("ollama", "m")
    decoder.feed(said("Hi") + b"{\n")

    with pytest.raises(ResponseError, match="makes no sense"):
        decoder.feed(end())
    with pytest.raises(ResponseError, match="makes no sense"):
        decoder.close()


def test_after_the_end_nothing_is_read() -> None:
    decoder = Decoder("ollama", "m")
    decoder.feed(said("Hi") + end())

    assert (decoder.feed(b"garbage\n"), decoder.close()) == ([], [])


def test_a_whole_answer_is_a_line_that_has_it_all() -> None:
    message = {"content": "Hi", "thinking": "hm", "tool_calls": [call("f", {}, id="a")]}
    body = line(message=message, done=True, done_reason="stop", eval_count=2, logprobs=TOKENS)

    reply = decode_reply("ollama", b"\n" + body, "asked", dropped=("user",))

    assert (reply.model, reply.text, reply.reasoning) == ("m", "Hi", "hm")
    assert [tool_call.id for tool_call in reply.tool_calls] == ["a"]
    assert (reply.finish_reason, reply.usage) == ("tool_calls", Usage(None, 2))
    assert (len(reply.logprobs), reply.dropped) == (1, ("user",))


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        (b"", ResponseError, "makes no sense"),
        (b"<html>", ResponseError, "makes no sense"),
        (said("Hi"), StreamTruncatedError, "without its end sign"),
        (b'{"error":"it broke"}', ResponseError, "it broke"),
        (end(), ResponseError, "an empty answer"),
        (said("Hi") + end(), ResponseError, "makes no sense"),
    ],
    ids=str,
)
def test_a_body_that_is_no_whole_answer_is_an_error(
    body: bytes, kind: type[ChatError], words: str
) -> None:
    with pytest.raises(kind, match=words):
        decode_reply("ollama", body, "m")
