"""Faults as pure functions: a reply put in place of another, and events spoilt one by one.

`placed` gives the reply that a whole-reply fault puts in place of the service's own; `spoilt`
passes a stream's events through the faults of its content. Pauses, cuts and chunk borders are
`dragoman.emulators.delivery`. The pages carry only the marks that clients look for, in our words.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from urllib.parse import urlencode

import msgspec

from dragoman.emulators.coding import coder
from dragoman.emulators.fault_shapes import Challenge, ErrorEvent, Malformed, Redirect
from dragoman.emulators.knob import CommonKnobs
from dragoman.emulators.service import (
    Json,
    Pairs,
    Reply,
    Request,
    Service,
    dump,
    html_reply,
    json_reply,
    sse,
    text_reply,
)

__all__ = ["challenge_page", "placed", "spoilt"]

CHALLENGE_PAGE = (
    "<!DOCTYPE html><html><head><title>Just a moment...</title></head>"
    '<body><div id="challenge-error-text">An emulator\'s challenge page.</div></body></html>'
)
LOGIN_PAGE = "<!DOCTYPE html><html><body><form action='/login'>Log in first.</form></body></html>"
MAINTENANCE_PAGE = "<!DOCTYPE html><html><body><h1>Back in a few minutes.</h1></body></html>"
_DATA = re.compile(rb"^data: ", re.MULTILINE)


def placed(knobs: CommonKnobs, request: Request, service: Service[CommonKnobs]) -> Reply | None:
    """The reply that a fault puts in place of the service's own, or None."""
    if knobs.challenge is not None:
        return challenge_page(knobs.challenge)
    if knobs.status is not None or knobs.retry_after is not None:
        return _status(knobs, service)
    if knobs.html_instead:
        return html_reply(MAINTENANCE_PAGE if knobs.html_instead == "maintenance" else LOGIN_PAGE)
    if knobs.empty_body:
        return _empty(knobs.empty_body)
    if knobs.redirect is not None:
        return _redirected(knobs.redirect, request)
    limit = getattr(knobs, "context_words", None)
    if limit is not None and request.step == "chat":
        count = _words(request.body)
        return service.too_long(request, count, limit) if count > limit else None
    return None


def _words(value: Json) -> int:
    """How many words all the texts in a JSON value have."""
    match value:
        case str():
            return len(value.split())
        case dict():
            return sum(map(_words, value.values()))
        case list():
            return sum(map(_words, value))
        case _:
            return 0


def challenge_page(challenge: Challenge) -> Reply:
    """A page of a protecting front, with its mark and no text of any real one."""
    headers: Pairs = (("cf-mitigated", "challenge"),) if challenge.cf_mitigated else ()
    page = CHALLENGE_PAGE.encode()
    if challenge.coding != "identity":
        headers += (("Content-Encoding", challenge.coding),)
        packer = coder(challenge.coding)
        page = packer.event(page) + packer.end()
    typed = (("Content-Type", "text/html; charset=UTF-8"), *headers)
    return Reply(status=challenge.status, headers=typed, events=(page,))


def _status(knobs: CommonKnobs, service: Service[CommonKnobs]) -> Reply:
    status = 429 if knobs.status is None else knobs.status
    message = f"the scenario says {status}"
    match knobs.status_body:
        case "dialect":
            reply = service.error(status, message)
        case "json":
            reply = json_reply({"message": message}, status)
        case "html":
            reply = html_reply(f"<html><body><h1>{status}</h1>{message}</body></html>", status)
        case "text":
            reply = text_reply(message, status)
        case "empty":
            reply = Reply(status=status)
    if knobs.retry_after is None:
        return reply
    wait = knobs.retry_after
    value = f"{wait:g}" if isinstance(wait, float) else str(wait)
    return msgspec.structs.replace(reply, headers=(*reply.headers, ("Retry-After", value)))


def _empty(kind: bool | str | int) -> Reply:
    if kind == "0":
        return html_reply("0")
    # True == 1, so the status is told apart by identity of type.
    return Reply(status=204) if kind == 204 else html_reply("")


def _redirected(redirect: Redirect, request: Request) -> Reply | None:
    if redirect.location is None and "redirected" in request.query:
        return None
    query = urlencode({**request.query, "redirected": "1"})
    location = redirect.location or f"{request.path}?{query}"
    return html_reply("", redirect.status, headers=(("Location", location),))


def spoilt(reply: Reply, knobs: CommonKnobs, service: Service[CommonKnobs]) -> Iterable[bytes]:
    """The events of a chat answer after the faults of its content; order and count are kept.

    Noise goes into the event that it precedes, so that the counting of `cut` is the service's.
    """
    events = reply.events
    # A whole body has no place for an event: there a service answers its own error object.
    if knobs.error_event is not None and reply.framing != "whole":
        frame = _error_frame(knobs.error_event, reply, service)
        events = chain(islice(events, knobs.error_event.after_events), (frame,))
    if knobs.malformed is not None:
        events = _malformed(events, knobs.malformed, is_sse=reply.framing == "sse")
    if reply.framing == "whole":
        return events
    if knobs.noise:
        events = _noisy(events, sse_framing=reply.framing == "sse")
    if knobs.line_ends != "\n":
        events = _ended(events, knobs.line_ends)
    return events


def _error_frame(error: ErrorEvent, reply: Reply, service: Service[CommonKnobs]) -> bytes:
    match error.form:
        case "object":
            return service.error_event(error)
        case "bare":
            event = service.error_event(error)
            return event if reply.framing == "ndjson" else _bare(event)
        case "string":
            said = {"error": error.message}
            return dump(said) + b"\n" if reply.framing == "ndjson" else sse(said)
        case "line":
            return error.message.encode() + b"\n"


def _bare(event: bytes) -> bytes:
    """An event's JSON over several lines, without the field that makes it an event."""
    payload = event.rstrip(b"\n")[_json_at(event) :]
    return msgspec.json.format(payload, indent=2) + b"\n"


def _malformed(events: Iterable[bytes], malformed: Malformed, *, is_sse: bool) -> Iterator[bytes]:
    for number, event in enumerate(events, 1):
        at = _json_at(event) if is_sse else 0
        yield _broken(event, at, malformed.kind) if number == malformed.at_event else event


def _json_at(event: bytes) -> int:
    """Where the JSON of a server-sent event begins; its text may hold the same word."""
    field = _DATA.search(event)
    return field.end() if field else 0


def _broken(event: bytes, start: int, kind: str) -> bytes:
    """The same event with its JSON, which begins at `start`, spoilt; its line ends stay."""
    stop = len(event.rstrip(b"\n"))
    head, payload, ends = event[:start], event[start:stop], event[stop:]
    # The object's rest, for a member put before its first one.
    rest = payload[1:] if payload.startswith(b"{") else b"}"
    comma = b"" if rest.lstrip().startswith(b"}") else b","
    spoils = {
        "json": payload[:-1] or b"{",
        "utf8": payload[:-1] + b"\xff\xfe" + payload[-1:],
        "not_object": b'["not", "an", "object"]',
        "nan": b'{"nan":NaN' + comma + rest,
        "lone_surrogate": b'{"lone":"\\ud83d"' + comma + rest,
    }
    return head + spoils[kind] + ends


# What a reader must pass over, in turn before each event.
_NOISE = (
    b": a comment\n\n",
    b"event: ping\ndata:\n\n",
    b"retry: 3000\n\n",
    b"data:\n\n",
    b": ping\n",
)


def _noisy(events: Iterable[bytes], *, sse_framing: bool) -> Iterator[bytes]:
    if not sse_framing:
        yield from (b"\n" + event for event in events)
        return
    for number, event in enumerate(events):
        mark = b"\xef\xbb\xbf" if number == 0 else b""
        if number % 2:
            event = event.replace(b"data: ", b"data:", 1)
        yield b"%s%sid: %d\n%s" % (mark, _NOISE[number % len(_NOISE)], number, event)


def _ended(events: Iterable[bytes], line_ends: str) -> Iterator[bytes]:
    if line_ends in ("no_blank_at_end", "none_at_end"):
        yield from _last_stripped(events, keep=b"\n" if line_ends == "no_blank_at_end" else b"")
        return
    mixed = (b"\n", b"\r\n", b"\r")
    for number, event in enumerate(events):
        end = mixed[number % 3] if line_ends == "mixed" else line_ends.encode()
        yield event.replace(b"\n", end)


def _last_stripped(events: Iterable[bytes], *, keep: bytes) -> Iterator[bytes]:
    before = None
    for event in events:
        if before is not None:
            yield before
        before = event
    if before is not None:
        yield before.rstrip(b"\n") + keep
