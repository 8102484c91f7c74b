"""Calls, reply heads and decoders as values, and what a decoder makes of bytes however cut."""

from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from dragoman.account import Account
from dragoman.chat import ChatRequest
from dragoman.errors import ChatError
from dragoman.events import Event, Finished, Grammar, Started, TextDelta
from dragoman.messages import Message, Text
from dragoman.providers.call import Call, Decoder, StaleSession, Step
from dragoman.wire.http import HttpReply, HttpRequest, ReplyHead

SITE = "https://example.test"
AJAX = f"{SITE}/wp-admin/admin-ajax.php"
SAMPLES = Path(__file__).parents[2] / "samples" / "ai_power"
SSE_TYPE = "text/event-stream;charset=UTF-8"
JSON_TYPE = "application/json; charset=UTF-8"
HTML_TYPE = "text/html; charset=UTF-8"
TYPES = {".sse": SSE_TYPE, ".json": JSON_TYPE, ".html": HTML_TYPE}

T = TypeVar("T")


def make_call(
    *,
    base_url: str = SITE,
    prompt: str = "Hi",
    now: float = 1_000_000.0,
    cookies: dict[str, str] | None = None,
    dropped: tuple[str, ...] = (),
    **settings: Any,
) -> Call:
    return Call(
        chat=ChatRequest(model="gpt-4o", messages=(Message("user", (Text(prompt),)),)),
        account=Account.of(base_url=base_url, cookies=cookies, settings=settings),
        base_url=base_url,
        now=now,
        prompt=prompt,
        dropped=dropped,
    )


def make_head(
    status: int = 200, content_type: str = SSE_TYPE, *, url: str = AJAX, **headers: str
) -> ReplyHead:
    return ReplyHead(status, {"content-type": content_type, **headers}, url)


def make_reply(
    body: bytes | str, status: int = 200, content_type: str = HTML_TYPE, *, url: str = AJAX
) -> HttpReply:
    whole = body.encode() if isinstance(body, str) else body
    return HttpReply(make_head(status, content_type, url=url), whole)


class Decoded(msgspec.Struct):
    """The events of a body and how it ended: an error, a stale session, or well."""

    events: list[Event]
    problem: Exception | None = None

    @property
    def text(self) -> str:
        return "".join(event.text for event in self.events if isinstance(event, TextDelta))

    @property
    def kind(self) -> str:
        """The name of the error that a caller sees, `stale` in front if a new nonce may help."""
        if isinstance(self.problem, StaleSession):
            return f"stale {type(self.problem.error).__name__}"
        return type(self.problem).__name__ if self.problem else "whole"

    @property
    def words(self) -> str:
        problem = self.problem.error if isinstance(self.problem, StaleSession) else self.problem
        return problem.message if isinstance(problem, ChatError) else ""


def decode(decoder: Decoder, pieces: Sequence[bytes]) -> Decoded:
    """Feed and close, as `exchange` does; every event sequence is checked to be legal."""
    decoded = Decoded([])
    grammar = Grammar()
    try:
        for piece in pieces:
            _take(decoder.feed(piece), decoded, grammar)
            _take(decoder.feed(b""), decoded, grammar)
            if grammar.finished:
                return decoded
        _take(decoder.close(), decoded, grammar)
    except (ChatError, StaleSession) as problem:
        decoded.problem = problem
    else:
        assert grammar.finished, "an end without Finished"
    return decoded


def _take(events: list[Event], decoded: Decoded, grammar: Grammar) -> None:
    grammar.check(events)
    decoded.events.extend(events)


def outline(decoded: Decoded) -> list[str]:
    """Events as short texts, for tables."""
    return [_short(event) for event in decoded.events]


def _short(event: Event) -> str:
    match event:
        case Started():
            return "started"
        case TextDelta(text):
            return text
        case Finished(reason):
            return f"finished {reason}"
        case _:
            return repr(event)


def drive(
    steps: Generator[Step, HttpReply, T], replies: Sequence[HttpReply]
) -> tuple[T, list[HttpRequest]]:
    """A handshake with these replies: its facts, and the requests it made."""
    requests: list[HttpRequest] = []
    waiting = list(replies)
    try:
        step = next(steps)
        while True:
            requests.append(step.request)
            step = steps.send(waiting.pop(0))
    except StopIteration as end:
        assert not waiting, "replies were left over"
        facts: T = end.value
        return facts, requests
