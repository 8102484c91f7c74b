"""FakeGpt's stream to events: samples, the table of events, and every cut of the bytes."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import Struct
from tests.unit.web.fake_gpt_kit import (
    BASE,
    DONE,
    STREAM,
    call,
    decoder,
    event,
    read,
    sse,
    texts,
)

from dragoman.errors import (
    AuthError,
    ChallengeError,
    ChatError,
    ContentFilterError,
    RateLimitError,
    ResponseError,
    ResponseStatusError,
    StreamTruncatedError,
)
from dragoman.events import Event, Finished, Grammar, Started
from dragoman.providers.call import StaleSession
from dragoman.providers.web.fake_gpt import FakeGpt
from dragoman.wire.http import HttpReply, ReplyHead

SAMPLES = Path(__file__).parents[2] / "samples" / "fakegpt"


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.body")), ids=lambda path: path.stem)
def test_a_sample_gives_what_is_written_beside_it(path: Path) -> None:
    body = path.read_bytes()
    sample = json.loads(path.with_suffix(".json").read_text("utf-8"))
    head = ReplyHead(sample["status"], sample["headers"], BASE)

    if head.status == 200:
        events, error = read(decoder(head), [body])
    else:
        found = FakeGpt().failure(call(), HttpReply(head, body))
        events, error = [], found

    error = error.error if isinstance(error, StaleSession) else error
    expect: Any = sample["expect"]
    if isinstance(expect, list):
        assert error is None
        assert events == msgspec.convert(expect, list[Event])
    else:
        assert type(error).__name__ == expect["error"]
        assert expect["message"] in str(error)


class Case(Struct):
    name: str
    body: bytes
    text: str
    reason: str = "stop"


def patched(text: str, **metadata: object) -> bytes:
    return event(text, metadata=metadata)


END = event("Hi there", end_turn=True)
GROWING = event("Hi")

ANSWERS = [
    Case("growing text", GROWING + END + DONE, "Hi there"),
    Case("system and user echo", event("S", role="system", end_turn=True, id="s")
         + event("U", role="user", id="u") + GROWING + END + DONE, "Hi there"),
    Case("no message type", event("Hi", metadata={"message_type": None}) + DONE, "Hi"),
    Case("recipient absent", event("Hi", recipient="ABSENT") + DONE, "Hi"),
    Case("a tool's recipient", event("run", recipient="python", id="t") + GROWING + DONE, "Hi"),
    Case("a recipient that is no text", event("run", recipient=["all"], id="t") + GROWING + DONE,
         "Hi"),
    Case("a tool's message", event("42", role="tool", id="t") + GROWING + DONE, "Hi"),
    Case("code", event(content={"content_type": "code", "text": "1"}, id="t") + GROWING + DONE,
         "Hi"),
    Case("a part that is an object",
         event(content={"content_type": "text", "parts": [{"a": 1}]}) + GROWING + DONE, "Hi"),
    Case("objects behind the text",
         event(content={"content_type": "text", "parts": ["Hi", {"a": 1}]}) + DONE, "Hi"),
    Case("no parts", event(content={"content_type": "text", "parts": []}) + GROWING + DONE, "Hi"),
    Case("no content type", event(content={"parts": ["x"]}) + GROWING + DONE, "Hi"),
    Case("content null", event(content=None) + GROWING + DONE, "Hi"),
    Case("author null", event("x", author=None, id="t") + GROWING + DONE, "Hi"),
    Case("finish details in mid-answer", patched("Hi", finish_details={"type": "max_tokens"})
         + patched("Hi there", finish_details={"type": "stop"}) + DONE, "Hi there"),
    Case("the last finish details count", patched("Hi", finish_details={"type": "stop"})
         + event("Hi there", end_turn=True, metadata={"finish_details": {"type": "max_tokens"}})
         + DONE, "Hi there", "length"),
    Case("interrupted", event("Hi", end_turn=True,
         metadata={"finish_details": {"type": "interrupted"}}) + DONE, "Hi", "length"),
    Case("an unknown finish", event("Hi", end_turn=True,
         metadata={"finish_details": {"type": "whatever"}}) + DONE, "Hi"),
    Case("end of the body after end_turn", GROWING + END, "Hi there"),
    Case("end of the body after a status",
         event("Hi", end_turn="ABSENT", status="finished_successfully"), "Hi"),
    Case("end of the body after is_complete",
         event("Hi", end_turn="ABSENT", metadata={"is_complete": True}), "Hi"),
    Case("the end's own event says nothing new", GROWING + event("Hi", end_turn=True), "Hi"),
    Case("no line end behind [DONE]", GROWING + b"data: [DONE]", "Hi"),
    Case("spaces around [DONE]", GROWING + b"data:  [DONE] \n\n", "Hi"),
    Case("nothing after [DONE] counts", GROWING + DONE + event("Hi more") + sse({"error": "x"}),
         "Hi"),
    Case("an error of null, false, empty text", sse({"error": None}) + sse({"error": False})
         + sse({"error": ""}) + GROWING + DONE, "Hi"),
    Case("moderation that blocks nothing",
         sse({"moderation_response": {"flagged": True, "blocked": False}}) + GROWING + DONE, "Hi"),
    Case("title, variants, markers", sse({"type": "title_generation", "title": "t"})
         + sse({"num_variants_in_stream": 2, "display_treatment": "s"})
         + sse({"type": "message_marker"}) + sse({"type": "resume_conversation_token"})
         + sse({"type": "conversation_detail_metadata"}) + GROWING
         + sse({"type": "message_stream_complete"}) + DONE, "Hi"),
    Case("ping", b"event: ping\ndata: 2024\n\n: ping\n\n" + GROWING + DONE, "Hi"),
    Case("a ping is no message", b"event: ping\n" + event("pong", id="p") + GROWING + DONE, "Hi"),
    Case("broken JSON in the middle", GROWING + sse(b"{\"message\": {") + END + DONE, "Hi there"),
    Case("bytes that are no UTF-8", GROWING + sse(b'{"message": "\xff"}') + END + DONE,
         "Hi there"),
    Case("JSON that is no object", GROWING + sse(b"[1]") + sse(b'"x"') + sse(b"null") + END + DONE,
         "Hi there"),
    Case("deep nesting", GROWING + sse(b'{"x":' + b"[" * 99_999) + END + DONE, "Hi there"),
    Case("a NaN spoils nothing", sse(json.dumps({"message": json.loads(event("Hi")[6:])["message"]
         | {"weight": float("nan")}}).encode()) + DONE, "Hi"),
    Case("half a surrogate pair becomes a mark", sse(b'{"message":{"author":{"role":"assistant"},'
         b'"content":{"content_type":"text","parts":["a\\ud83db"]}}}') + DONE, "a\ufffdb"),
    Case("half a surrogate pair at the end waits", sse(b'{"message":{"author":{"role":"assistant"},'
         b'"content":{"content_type":"text","parts":["a\\ud83d"]}}}')
         + sse(b'{"message":{"author":{"role":"assistant"},'
         b'"content":{"content_type":"text","parts":["a\\ud83d\\ude00"]}}}') + DONE,
         "a\N{GRINNING FACE}"),
    Case("wrong types everywhere", event("Hi", status=7, end_turn="yes", recipient="all", weight=[],
         metadata=[1]) + DONE, "Hi"),
    Case("wrong types in the metadata", event("Hi", metadata={"finish_details": "stop",
         "is_complete": "yes", "model_slug": 7}, id=7) + DONE, "Hi"),
    Case("an author that is no object", event("x", author="assistant", id="t") + GROWING + DONE,
         "Hi"),
    Case("a message that is no object", sse({"message": "x"}) + sse({"message": []}) + GROWING
         + DONE, "Hi"),
    Case("moderation that is no object", sse({"moderation_response": "x"}) + GROWING + DONE, "Hi"),
    Case("half a character that stays one", event("a\ufffd", end_turn=True), "a\ufffd"),
    Case("two messages", event("one", end_turn=False) + event("two", id="m2", end_turn=True),
         "one\n\ntwo"),
    Case("a blank answer is an answer", event(" ") + DONE, " "),
    Case("U+2028, U+0085 and NUL", event("a\u2028b\x85c\x00d") + DONE, "a\u2028b\x85c\x00d"),
]  # fmt: skip


@pytest.mark.parametrize("case", ANSWERS, ids=lambda case: case.name)
def test_only_the_assistants_new_text_is_handed_out(case: Case) -> None:
    events, error = read(decoder(), [case.body])

    assert error is None
    Grammar().check(events)
    assert texts(events) == case.text
    assert events[-1] == Finished(case.reason)  # type: ignore[arg-type]  # the table's words


class Fault(Struct):
    name: str
    body: bytes
    error: type[ChatError]
    says: str = ""
    text: str = ""
    kind: str = "text/event-stream"
    final: str | None = None


def blocked(value: object = True) -> bytes:
    return sse({"moderation_response": {"flagged": True, "blocked": value}})


FAULTS = [
    Fault("an empty body", b"", ResponseError, "empty reply"),
    Fault("blank lines and comments only", b"\n\n: ping\n\n", ResponseError, "empty reply"),
    Fault("[DONE] alone", DONE, ResponseError, "no valid response"),
    Fault("only echoes", event("S", role="system", end_turn=True) + DONE, ResponseError,
          "no valid response"),
    Fault("an empty answer", event("", end_turn=True) + DONE, ResponseError, "no valid response"),
    Fault("malformed events only", sse(b"{") + sse(b"[]") + DONE, ResponseError, "2 malformed"),
    Fault("cut before the answer", event("U", role="user"), StreamTruncatedError, "end sign"),
    Fault("cut in the middle", GROWING, StreamTruncatedError, "end sign", "Hi"),
    Fault("cut inside an event", GROWING + END[:-20], StreamTruncatedError, "end sign", "Hi"),
    Fault("an end that was none: the text went on", END + event("Hi there, you"),
          StreamTruncatedError, "end sign", "Hi there, you"),
    Fault("an end_turn of null is no end",
          event("Hi", status="finished_successfully"), StreamTruncatedError, "", "Hi"),
    Fault("an error text", GROWING + sse({"error": "broke"}), ResponseError, "broke", "Hi"),
    Fault("an error object", GROWING + sse({"error": {"message": "broke", "code": "x"}}),
          ResponseError, "broke", "Hi"),
    Fault("an error with a code only", sse({"error": {"code": "x_y"}}), ResponseError, "x_y"),
    Fault("an error with nothing", sse({"error": {"a": 1}}), ResponseError, "no reason"),
    Fault("an error that is a number", sse({"error": 7}), ResponseError, "no reason"),
    Fault("an error beside a message",
          sse({"message": None, "conversation_id": "c", "error": "broke"}), ResponseError, "broke"),
    Fault("an error list", sse({"error": [{"msg": "broke"}]}), ResponseError, "broke"),
    Fault("a limit", sse({"error": "Too many requests in 1 hour."}), RateLimitError, "1 hour"),
    Fault("a limit object", sse({"error": {"message": "m", "clears_in": 30}}), RateLimitError),
    Fault("one at a time", sse({"error": "Only one message at a time."}), RateLimitError),
    Fault("too long", sse({"error": {"message": "m", "code": "message_length_exceeds_limit"}}),
          ResponseStatusError, "prompt too long"),
    Fault("a dead token after the first word", GROWING + sse({"error": {"code": "token_expired"}}),
          AuthError, "token_expired", "Hi"),
    Fault("a dead token in words", GROWING + sse({"error": "Your token is expired."}), AuthError,
          "expired", "Hi"),
    Fault("a bare line", GROWING + b"Internal Server Error\n", ResponseError,
          "Internal Server Error", "Hi"),
    Fault("a bare line alone", b"Internal Server Error", ResponseError, "Internal Server Error"),
    Fault("a bare line and [DONE]", b"Internal Server Error\n" + DONE, ResponseError,
          "Internal Server Error"),
    Fault("blocked", GROWING + blocked(), ContentFilterError, "blocked", "Hi"),
    Fault("blocked, beside a wrong type",
          sse({"message": 7, "moderation_response": {"blocked": True}}), ContentFilterError),
    Fault("patches, announced", b'event: delta_encoding\ndata: "v1"\n\n', ResponseError,
          "delta encoding"),
    Fault("patches, not announced", sse({"p": "/message", "o": "append", "v": "x"}), ResponseError,
          "delta encoding"),
    Fault("a patch with a value only", sse({"v": "x"}), ResponseError, "delta encoding"),
    Fault("a patch beside a wrong type", sse({"v": {}, "message": 7}), ResponseError,
          "delta encoding"),
    Fault("rewritten at the end", GROWING + event("Bye", end_turn=True) + DONE, ResponseError,
          "rewritten", "Hi", final="Bye"),
    Fault("shortened at the end", END + event("Hi", end_turn=True) + DONE, ResponseError,
          "rewritten", "Hi there", final="Hi"),
    Fault("taken back at the end", GROWING + event("", end_turn=True) + DONE, ResponseError,
          "rewritten", "Hi"),
    Fault("WebSocket", b'{"wss_url":"wss://x"}', ResponseError, "WebSocket",
          kind="application/json"),
    Fault("a JSON error at 200", b'{"detail":"Too many requests in 1 hour."}', RateLimitError,
          kind="application/json"),
    Fault("other JSON", b'{"ok":true}', ResponseError, "no valid response",
          kind="application/json"),
    Fault("JSON that is no object", b"0", ResponseError, "no valid response", kind="text/html1"),
    Fault("a login page", b"<html><form>Log in</form></html>", ResponseError, "HTML instead",
          kind="text/html"),
    Fault("a page with a wrong type", b"<html>x</html>", ResponseError, "HTML instead"),
    Fault("a challenge page at 200", b"<html><title>Just a moment...</title></html>",
          ChallengeError, kind="text/html"),
]  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_what_is_no_answer_is_an_error_with_the_text_so_far(fault: Fault) -> None:
    head = ReplyHead(200, {"content-type": fault.kind}, BASE)

    events, error = read(decoder(head), [fault.body])

    assert type(error) is fault.error
    assert fault.says in str(error)
    assert isinstance(error, ChatError)
    assert error.text == fault.text
    assert fault.text.startswith(texts(events))
    if isinstance(error, ResponseError):
        assert error.final_text == fault.final


def test_a_dead_token_before_the_first_word_is_a_stale_session_where_a_login_can_be_redone() -> (
    None
):
    body = event("U", role="user") + sse({"error": {"code": "token_expired", "message": "m"}})

    _, station = read(decoder(can_refresh=True), [body])
    _, token = read(decoder(can_refresh=False), [body])

    assert isinstance(station, StaleSession)
    assert isinstance(station.error, AuthError)
    assert isinstance(token, AuthError)


def test_the_answer_is_named_by_its_message_and_by_the_model_that_gave_it() -> None:
    body = event("Hi", metadata={"model_slug": "gpt-4-mobile"}) + DONE

    events, _ = read(decoder(), [body])

    assert events[0] == Started("gpt-4-mobile", "m1")


def test_without_a_slug_the_answer_has_the_model_that_was_asked_for() -> None:
    events, _ = read(decoder(), [GROWING + DONE])

    assert events[0] == Started("gpt-4", "m1")


def test_text_is_handed_out_as_soon_as_its_event_is_whole() -> None:
    stream = decoder()

    early = stream.feed(GROWING)
    late = stream.feed(END)

    assert texts(early) == "Hi"
    assert texts(late) == " there"


def test_an_error_in_the_same_bytes_waits_until_the_text_before_it_is_out() -> None:
    stream = decoder()

    events = stream.feed(GROWING + sse({"error": "broke"}))

    assert texts(events) == "Hi"
    with pytest.raises(ResponseError, match="broke"):
        stream.feed(b"")
    with pytest.raises(ResponseError, match="broke"):
        stream.close()


def test_a_line_without_an_end_is_refused_and_not_kept() -> None:
    stream = decoder()
    for _ in range(16):
        assert stream.feed(b"x" * 1024 * 1024) == []

    with pytest.raises(ResponseError, match="longer than"):
        stream.feed(b"x")


def test_the_provider_gives_this_decoder_for_its_stream() -> None:
    stream = FakeGpt().decoder(call(), STREAM)

    events, error = read(stream, [GROWING, END, DONE])

    assert error is None
    assert texts(events) == "Hi there"


def test_a_reply_head_decides_nothing_where_the_body_is_a_stream() -> None:
    """Stations behind proxies name their streams anything."""
    head = ReplyHead(200, {"content-type": "application/json"}, BASE)

    events, error = read(decoder(head), [GROWING + END + DONE])

    assert error is None
    assert texts(events) == "Hi there"
