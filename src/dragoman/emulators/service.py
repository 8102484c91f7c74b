"""What an emulated service is: a synchronous function of a request to a reply.

A service knows no socket, no delay and no fault: it gives whole events, and the kit delivers
them. Its answer is a pure function of the requests so far, so a test can compare every byte.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar, Generic, Literal, TypeAlias, TypeVar

import msgspec

from dragoman.emulators.fault_shapes import ErrorEvent
from dragoman.emulators.knob import ApiKnobs, CommonKnobs, ServiceKnobs

__all__ = [
    "Json",
    "Pairs",
    "Reply",
    "Request",
    "Service",
    "dump",
    "event_stream",
    "html_reply",
    "json_reply",
    "line_stream",
    "pieces",
    "sse",
    "text_reply",
    "words",
]

# A JSON edge: each emulator narrows what it reads.
Json: TypeAlias = Any
Pairs: TypeAlias = tuple[tuple[str, str], ...]
K = TypeVar("K", bound=CommonKnobs)

UNICODE_TAIL = " \N{GRINNING FACE} שלום \u2028 \x85 e\u0301 \x00 end"


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One request as it was read off the wire.

    `path` is without the query, header names are lower-case, of repeated names the last value
    wins. `body` is the parsed form or JSON, else the text, None if there is none. `number` counts
    the chat requests since the scenario was set, from 1; 0 for every other step.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    body: Json
    raw: bytes
    origin: str
    now: float
    complaints: list[str]
    notes: dict[str, Json]
    number: int = 0
    step: str = ""

    @property
    def form(self) -> Mapping[str, Json]:
        """The fields of a JSON object or form; empty if the body is something else."""
        return self.body if isinstance(self.body, dict) else {}

    def complain(self, text: str) -> None:
        """Write into the journal what a client must not do."""
        self.complaints.append(text)

    def note(self, name: str, value: Json) -> None:
        """Write a fact about this request into the journal, such as what the model got."""
        self.notes[name] = value


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """One reply; `events` are whole events in bytes, pulled one by one; a whole body is one.

    `tail` follows the last event in the same body and is never spoilt.
    """

    status: int = 200
    headers: Pairs = ()
    events: Iterable[bytes] = ()
    framing: Literal["sse", "ndjson", "whole"] = "whole"
    chunked: bool = False
    tail: bytes = b""


class Service(ABC, Generic[K]):
    """The far side of one provider."""

    name: ClassVar[str]
    knobs_type: type[K]

    @abstractmethod
    def step(self, request: Request) -> str:
        """The step that a request is: `chat` for what `on` counts, "" for an unknown path."""

    @abstractmethod
    def answer(self, request: Request, knobs: K) -> Reply:
        """The reply to one request under the knobs that are in force for it."""

    @abstractmethod
    def error(self, status: int, message: str, code: str = "") -> Reply:
        """The service's own form of an error."""

    def too_long(self, request: Request, count: int, limit: int) -> Reply:
        """The service's own form of: the chat has more tokens than its model takes."""
        return self.error(400, f"{count} tokens are more than {limit}")

    def reset(self, knobs: K) -> None:
        """A new scenario came: counters start anew. Called once at start, too."""

    def error_event(self, error: ErrorEvent) -> bytes:
        """One event: an error inside a stream, in the service's own form."""
        return sse({"error": error.message})

    def client_id(self, request: Request) -> str:
        """Who asks, for the knob `for`; by default the bearer token."""
        return request.headers.get("authorization", "").removeprefix("Bearer").strip()


def dump(value: Json) -> bytes:
    """Compact UTF-8 JSON; bytes pass as they are."""
    return value if isinstance(value, bytes) else msgspec.json.encode(value)


def sse(data: Json, event: str = "") -> bytes:
    """One whole server-sent event; `data` is text, bytes ready made, or a value put as JSON."""
    body = data.encode() if isinstance(data, str) else dump(data)
    head = f"event: {event}\n".encode() if event else b""
    return b"%sdata: %s\n\n" % (head, body)


def json_reply(
    value: Json, status: int = 200, *, headers: Pairs = (), chunked: bool = False
) -> Reply:
    """A reply of one JSON value (bytes: JSON ready made)."""
    return _whole("application/json", dump(value), (status, headers, chunked))


def text_reply(
    text: str, status: int = 200, *, headers: Pairs = (), chunked: bool = False
) -> Reply:
    """A reply of plain text."""
    return _whole("text/plain; charset=utf-8", text.encode(), (status, headers, chunked))


def html_reply(
    text: str, status: int = 200, *, headers: Pairs = (), chunked: bool = False
) -> Reply:
    """A reply of an HTML page or fragment."""
    return _whole("text/html; charset=UTF-8", text.encode(), (status, headers, chunked))


def _whole(content_type: str, body: bytes, how: tuple[int, Pairs, bool]) -> Reply:
    status, headers, chunked = how
    events = (body,) if body else ()
    return Reply(
        status=status, headers=_typed(content_type, headers), events=events, chunked=chunked
    )


def _typed(content_type: str, headers: Pairs) -> Pairs:
    if any(name.lower() == "content-type" for name, _ in headers):
        return headers
    return (("Content-Type", content_type), *headers)


def event_stream(
    events: Iterable[bytes],
    *,
    headers: Pairs = (),
    content_type: str = "text/event-stream; charset=utf-8",
    tail: bytes = b"",
) -> Reply:
    """A stream of server-sent events, each one made by `sse`."""
    return Reply(
        headers=_typed(content_type, headers), events=events, framing="sse", chunked=True, tail=tail
    )


def line_stream(values: Iterable[Json], *, headers: Pairs = ()) -> Reply:
    """A stream of JSON values, one a line."""
    lines = (dump(value) + b"\n" for value in values)
    typed = _typed("application/x-ndjson", headers)
    return Reply(headers=typed, events=lines, framing="ndjson", chunked=True)


def words(text: str) -> list[str]:
    """The words of a text, each with the white space before it; joined they are the text."""
    return re.findall(r"\s*\S+|\s+\Z", text)


def pieces(knobs: ServiceKnobs | ApiKnobs, prompt: str) -> list[str]:
    """The answer's text, a word an item; `long_line` makes it one item.

    A listed answer of the API dialects is not read here.
    """
    text = knobs.answer if isinstance(knobs.answer, str) and knobs.answer != "echo" else prompt
    if knobs.unicode:
        text += UNICODE_TAIL
    if knobs.long_line:
        return ["".join(_lengthened(text, knobs.long_line))]
    return words(text)


def _lengthened(text: str, at_least_bytes: int) -> Iterator[str]:
    yield text
    yield " "
    yield "long " * ((at_least_bytes - len(text.encode())) // 5 + 1)
