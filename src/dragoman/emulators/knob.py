"""What a scenario may say: the knobs that all emulators share, and how a knob is described.

Each knob is one field of a struct: its type checks a scenario, and the `knob(...)` beside it is
what the docs print (see `dragoman.emulators.knobs.KNOBS`). Every fault is off by default.
"""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Struct

from dragoman.emulators.fault_shapes import (
    Challenge,
    Coding,
    Count,
    Cut,
    Encoding,
    ErrorEvent,
    Malformed,
    RandomFaults,
    Redirect,
    Slow,
    Stall,
    Status,
    Tail,
)

__all__ = [
    "AnswerItem",
    "ApiKnobs",
    "CommonKnobs",
    "ServiceKnobs",
    "ToolCall",
    "Usage",
    "knob",
]


def knob(meaning: str, client_must: str = "", *, shape: str, fault: bool = True) -> msgspec.Meta:
    """Describe one knob for the docs, in Markdown.

    `fault=False` marks a setting of the emulated service, which `on`, `for` and `at` leave alone.
    """
    extra: dict[str, Any] = {"client_must": client_must, "shape": shape, "fault": fault}
    return msgspec.Meta(description=meaning, extra=extra)


_ANSWERS = knob(
    "in place of `answer`: the answers to the chat requests since the scenario was set, in turn; "
    "then the last of them again and again",
    shape="a list of what `answer` takes",
    fault=False,
)


class CommonKnobs(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The knobs of every emulator; the kit sees to all of them but the answer itself."""

    on: Annotated[
        tuple[Annotated[int, msgspec.Meta(ge=1)], ...] | None,
        knob(
            "limits the faults beside it to these chat requests, counted from 1 since the "
            "scenario was set",
            shape="`[2, 3]`",
            fault=False,
        ),
    ] = None
    for_: Annotated[
        str | None,
        knob(
            "limits the faults beside it to the requests of this client id (the WordPress client "
            "id; elsewhere the key, token or password that the client sent)",
            shape='`"id"`',
            fault=False,
        ),
    ] = msgspec.field(default=None, name="for")
    at: Annotated[
        tuple[str, ...] | None,
        knob(
            "limits the faults beside it to these steps of the service: `chat`, and what comes "
            "before it (`loads`, `login`, `session`, `page`, `nonce`, `models`, ...)",
            shape='`["login"]`',
            fault=False,
        ),
    ] = None
    clock_s: Annotated[
        float,
        knob("seconds added to the emulator's clock", shape="`43200`", fault=False),
    ] = 0.0
    status: Annotated[
        Status | None,
        knob(
            "every step answers this status, with the dialect's own error body",
            "raise the error of that status; never repeat a chat by itself",
            shape="`429`",
        ),
    ] = None
    status_body: Annotated[
        Literal["dialect", "json", "html", "text", "empty"],
        knob(
            "the body that goes with `status`",
            "raise the same error",
            shape='`"dialect"`, `"json"`, `"html"`, `"text"`, `"empty"`',
        ),
    ] = "dialect"
    retry_after: Annotated[
        float | str | None,
        knob(
            "the `Retry-After` header of `status` (429 if none is given)",
            "carry it, or None for garbage; not sleep",
            shape="`7`, an HTTP date, or garbage",
        ),
    ] = None
    challenge: Annotated[
        Challenge | None,
        knob(
            "every step answers a challenge page",
            "raise `ChallengeError` after one request, and not try to solve it",
            shape='`{"status": 403, "cf_mitigated": true, "coding": "br"}`',
        ),
    ] = None
    html_instead: Annotated[
        bool | Literal["login", "maintenance"],
        knob(
            "every step answers an HTML page with status 200",
            "raise `ResponseError`",
            shape='`true`, `"login"`, `"maintenance"`',
        ),
    ] = False
    empty_body: Annotated[
        bool | Literal["0", 204],
        knob(
            "every step answers status 200 without a byte; or the text `0`; or status 204",
            "raise `ResponseError`",
            shape='`true`, `"0"`, `204`',
        ),
    ] = False
    redirect: Annotated[
        Redirect | None,
        knob(
            "every step answers a redirect; without `location` to itself with `redirected=1` in "
            "the query, which is then answered as usual",
            "follow a GET of a page; never follow a POST",
            shape='`{"status": 302, "location": "/elsewhere"}`',
        ),
    ] = None
    connection: Annotated[
        Literal["reset", "close", "close_after_reply", "drop_reused"] | None,
        knob(
            "`reset`, `close`: no byte of a reply; `close_after_reply`: closed without notice "
            "behind each reply; `drop_reused`: a kept-alive connection dies under its second "
            "request",
            "raise `TransportError`; ask again only for a GET on a reused connection",
            shape='`"reset"`, `"close"`, `"close_after_reply"`, `"drop_reused"`',
        ),
    ] = None
    slow: Annotated[
        Slow | None,
        knob(
            "pauses of the chat answer: before the headers, after them, between two events",
            "wait, or raise `TimeoutError` at its limits",
            shape='`{"before_headers_s": 1, "before_first_s": 1, "between_events_s": 0.1}`',
        ),
    ] = None
    stall: Annotated[
        Stall | None,
        knob(
            "the chat answer falls silent for ever, with the connection open",
            "raise `TimeoutError` at its silence limit",
            shape='`{"after_events": 2}`, `{"headers": false}`',
        ),
    ] = None
    cut: Annotated[
        Cut | None,
        knob(
            "the chat answer stops early. `end`: the body ends properly; `fin`, `no_chunk_end`: "
            "the connection closes without the last chunk; `mid_chunk`: inside a chunk; "
            "`length_too_long`: short of its `Content-Length`; `close_delimited`: the body has "
            "neither length nor chunks; `rst`: the connection is reset. A negative "
            "`after_events` counts from the end of the stream",
            "raise `StreamTruncatedError` with the text so far, unless the finish was said before",
            shape='`{"after_events": 2, "how": "fin"}`, `{"after_bytes": 100, "how": "rst"}`',
        ),
    ] = None
    malformed: Annotated[
        Malformed | None,
        knob(
            "one event of the chat answer is spoilt: broken JSON, invalid UTF-8, JSON that is no "
            "object, a NaN, a lone surrogate escape",
            "raise `ResponseError` (FakeGPT: pass over it, as the next event repeats the text)",
            shape='`{"at_event": 2, "kind": "json"}`; `"utf8"`, `"not_object"`, `"nan"`, '
            '`"lone_surrogate"`',
        ),
    ] = None
    error_event: Annotated[
        ErrorEvent | None,
        knob(
            "an error in the stream of the chat answer, in the dialect's own form",
            "raise the error, with the text so far",
            shape='`{"after_events": 2, "message": "...", "code": "...", "form": "object"}`; '
            'also `"bare"`, `"string"`, `"line"`',
        ),
    ] = None
    split: Annotated[
        Annotated[int, msgspec.Meta(ge=1)] | Literal["all"] | None,
        knob(
            "bytes of the chat answer in a chunk; `all`: the whole answer in one chunk",
            "hand out the same text",
            shape='`1`, `"all"`',
        ),
    ] = None
    line_ends: Annotated[
        Literal["\n", "\r\n", "\r", "mixed", "no_blank_at_end", "none_at_end"],
        knob(
            "line ends of the stream; `no_blank_at_end`: no empty line before the end, "
            "`none_at_end`: not even a line end",
            "hand out the same text",
            shape='`"\\r\\n"`, `"\\r"`, `"mixed"`, `"no_blank_at_end"`, `"none_at_end"`',
        ),
    ] = "\n"
    noise: Annotated[
        bool,
        knob(
            "BOM, comments, `event: ping`, empty `data:`, `id:`, `retry:`, and `data:` without "
            "its space (NDJSON: blank lines)",
            "hand out the same text",
            shape="`true`",
        ),
    ] = False
    encoding: Annotated[
        Coding | Encoding | None,
        knob(
            "content coding of the chat answer, flushed after each event or at the end; `header` "
            "names another one than is used",
            "hand out the same text at the same pace; `ResponseError` if it cannot be decoded",
            shape='`"gzip"`, `"deflate"`, `"br"`, '
            '`{"coding": "gzip", "flush": "end", "header": "br"}`',
        ),
    ] = None
    long_line: Annotated[
        Count,
        knob(
            "the chat answer has at least this many bytes in one line",
            "hand it out whole; above its own limit `ResponseError`, with bounded memory",
            shape="`204800`",
        ),
    ] = 0
    tail: Annotated[
        Tail | None,
        knob(
            "some chat answers have their first word late: which ones the seed decides, and the "
            "request (its body, and how often it came since the scenario was set)",
            "wait, or ask another one meanwhile",
            shape='`{"share": 0.05, "before_first_s": 1, "seed": 0}`',
        ),
    ] = None
    random_faults: Annotated[
        RandomFaults | None,
        knob(
            "some chat requests meet a fault: which ones, and which fault, the seed decides, and "
            "the request (its body, and how often it came since the scenario was set), in "
            "whatever order they come; the journal's `notes` name it. `kinds` limits them",
            "never hang, and never take part of an answer for the whole",
            shape='`{"seed": 0, "share": 0.3, "kinds": ["status", "rate_limit", "reset", "close", '
            '"html", "empty", "cut", "cut_bytes", "malformed", "error", "stall", "silent"]}`',
        ),
    ] = None
    unicode: Annotated[
        bool,
        knob(
            "the answer ends in emoji, right-to-left text, U+2028, U+0085, a combining mark, NUL",
            "hand out the same text",
            shape="`true`",
        ),
    ] = False


class ServiceKnobs(CommonKnobs, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The knobs that the four web services share."""

    answer: Annotated[
        str,
        knob(
            'the text of the answer; `"echo"`: the text of the last user message',
            shape='`"text"`, `"echo"`',
            fault=False,
        ),
    ] = "echo"
    answers: Annotated[tuple[str, ...], _ANSWERS] = ()


class ToolCall(Struct, frozen=True, forbid_unknown_fields=True):
    """A call of one of the caller's tools."""

    name: str
    arguments: dict[str, Any] = {}


class Usage(Struct, frozen=True, forbid_unknown_fields=True):
    """Tokens in and out; the cached are among those in, the reasoning ones among those out."""

    input_tokens: int
    output_tokens: int
    cached_tokens: int = 0
    reasoning_tokens: int = 0


# msgspec tells structs in a union apart by a tag only, so the items come as one struct of
# optional fields; `api_answer.py` narrows it.
class AnswerItem(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One item of a listed answer; exactly one field is set."""

    text: str | None = None
    reasoning: str | None = None
    refusal: str | None = None
    tool_call: ToolCall | None = None
    usage: Usage | None = None
    finish_reason: str | None = None

    def __post_init__(self) -> None:
        """Raises `ValueError` unless one field is set."""
        if sum(getattr(self, name) is not None for name in self.__struct_fields__) != 1:
            raise ValueError("an answer item has exactly one field")


class ApiKnobs(CommonKnobs, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The knobs that the API dialects share."""

    answer: Annotated[
        str | tuple[AnswerItem, ...],
        knob(
            'a text; `"echo"`: the text of the last user message; or a list of items in order, '
            "each text one event of a stream",
            shape='`"text"`, `"echo"`, or a list of `{"text"}`, `{"reasoning"}`, `{"refusal"}`, '
            '`{"tool_call": {"name", "arguments": {}}}`, '
            '`{"usage": {"input_tokens", "output_tokens", "cached_tokens", "reasoning_tokens"}}`, '
            '`{"finish_reason"}`',
            fault=False,
        ),
    ] = "echo"
    answers: Annotated[tuple[str | tuple[AnswerItem, ...], ...], _ANSWERS] = ()
    context_words: Annotated[
        Count | None,
        knob(
            "a chat request with more words than this in its JSON is refused as too long for the "
            "model, in the dialect's own form",
            "raise `ResponseStatusError` with the code `context_length_exceeded`",
            shape="`100`",
        ),
    ] = None
