"""Each fault on each API dialect's wire, as the table of knobs says it is."""

import gzip
import json
import re
import time
import zlib
from typing import Any, NamedTuple

import pytest
from tests.emulators.apis import APIS, Api, payloads, said
from tests.emulators.wire import PROMPT, Wire, connected, exchange

from dragoman import emulators

LONG_S = 60.0
each_api = pytest.mark.parametrize("api", APIS, ids=lambda api: api.name)


async def asked(api: Api, sent: bytes | None = None, /, **scenario: Any) -> Wire:
    async with emulators.run(api.emulator, scenario=scenario) as emulator:
        return await exchange(emulator.url, sent or api.stream)


async def each_step(api: Api, **scenario: Any) -> list[Wire]:
    """The replies to a chat that streams, one that does not, and the list of models."""
    async with emulators.run(api.emulator, scenario=scenario) as emulator:
        steps = (api.stream, api.whole, api.models)
        return [await exchange(emulator.url, sent) for sent in steps]


def with_text(api: Api, reply: Wire) -> list[int]:
    """The numbers, from 0, of the events that have text."""
    return [at for at, chunk in enumerate(reply.chunks) if said(api, chunk.decode())]


def payload(api: Api, event: bytes) -> bytes:
    """What one event has for JSON, be it as bad as it may."""
    if api.framing == "ndjson":
        return event.rstrip(b"\n")
    return next(line[6:] for line in event.split(b"\n") if line.startswith(b"data: "))


@each_api
async def test_without_a_fault_it_echoes_and_ends_well(api: Api) -> None:
    """What the other tests compare with: an event a chunk, and the same bytes each time."""
    streamed = await asked(api)
    again = await asked(api)
    whole = await asked(api, api.whole)

    assert said(api, streamed.text) == PROMPT
    assert api.last_word in payloads(api, streamed.text)[-1]
    assert [len(payloads(api, chunk.decode())) for chunk in streamed.chunks] == [1] * len(
        streamed.chunks
    )
    assert (streamed.ended, streamed.end) == (True, "fin")
    assert streamed.body == again.body
    assert PROMPT in whole.text
    assert whole.headers["content-type"].startswith("application/json")


@each_api
@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 429, 500, 502, 503, 504, 529])
async def test_a_status_comes_in_the_dialects_own_body(api: Api, status: int) -> None:
    for reply in await each_step(api, status=status):
        assert (reply.status, reply.end) == (status, "fin")
        assert api.refused(reply.json()) == f"the scenario says {status}"


@each_api
@pytest.mark.parametrize(
    ("wait", "header"), [(7, "7"), (0.5, "0.5"), ("Sat, 21 Nov 2026 12:00:00 GMT", None)]
)
async def test_a_wait_is_told_in_the_header(api: Api, wait: Any, header: str | None) -> None:
    reply = await asked(api, status=429, retry_after=wait)

    assert (reply.status, reply.headers["retry-after"]) == (429, header or wait)
    assert api.refused(reply.json()) == "the scenario says 429"


class Placed(NamedTuple):
    name: str
    scenario: dict[str, Any]
    status: int
    header: tuple[str, str]
    body: bytes


PAGE = ("content-type", "text/html; charset=UTF-8")
PLACED = [
    Placed("a challenge", {"challenge": {}}, 403, ("cf-mitigated", "challenge"), b"Just a moment"),
    Placed("a login page", {"html_instead": True}, 200, PAGE, b"Log in first"),
    Placed("maintenance", {"html_instead": "maintenance"}, 200, PAGE, b"Back in a few"),
    Placed("no byte", {"empty_body": True}, 200, ("content-length", "0"), b""),
    Placed("a nought", {"empty_body": "0"}, 200, ("content-length", "1"), b"0"),
]


@each_api
@pytest.mark.parametrize("case", PLACED, ids=lambda case: case.name)
async def test_every_step_answers_what_is_put_in_its_place(api: Api, case: Placed) -> None:
    for reply in await each_step(api, **case.scenario):
        assert (reply.status, reply.end) == (case.status, "fin")
        assert case.header in reply.headers.items()
        assert (case.body in reply.body, bool(reply.body)) == (True, bool(case.body))


class CutCase(NamedTuple):
    how: str
    ended: bool
    end: str


CUTS = [CutCase("end", True, "fin"), CutCase("fin", False, "fin"), CutCase("rst", False, "rst")]
each_cut = pytest.mark.parametrize("case", CUTS, ids=lambda case: case.how)


@each_api
@each_cut
async def test_a_stream_is_cut_after_an_event_with_text(api: Api, case: CutCase) -> None:
    calm = await asked(api)
    kept = with_text(api, calm)[1] + 1

    reply = await asked(api, cut={"after_events": kept, "how": case.how})

    assert reply.chunks == calm.chunks[:kept]
    assert said(api, reply.text) == "one two"
    assert (reply.ended, reply.end) == (case.ended, case.end)


@each_api
@each_cut
async def test_a_stream_is_cut_before_its_last_event(api: Api, case: CutCase) -> None:
    """All the text is there; what is missing is the dialect's own word for the end."""
    reply = await asked(api, cut={"after_events": -1, "how": case.how})

    assert reply.chunks == (await asked(api)).chunks[:-1]
    assert api.last_word not in payloads(api, reply.text)[-1]
    assert (reply.ended, reply.end) == (case.ended, case.end)


@each_api
@each_cut
async def test_a_stream_is_cut_inside_an_event(api: Api, case: CutCase) -> None:
    calm = await asked(api)
    kept = len(b"".join(calm.chunks[:2])) + 20

    reply = await asked(api, cut={"after_bytes": kept, "how": case.how})

    assert b"".join(reply.chunks) == b"".join(calm.chunks)[:kept]
    assert (reply.ended, reply.end) == (case.ended, case.end)


@each_api
async def test_a_whole_body_is_cut_short_of_its_length(api: Api) -> None:
    reply = await asked(api, api.whole, cut={"after_bytes": 9, "how": "fin"})

    assert (len(reply.body), reply.end) == (9, "fin")
    assert int(reply.headers["content-length"]) > 9


@each_api
@pytest.mark.parametrize("kind", ["json", "utf8", "not_object"])
async def test_one_event_is_spoilt_and_the_others_are_whole(api: Api, kind: str) -> None:
    calm = await asked(api)
    at = with_text(api, calm)[1]

    reply = await asked(api, malformed={"at_event": at + 1, "kind": kind})

    changed = [n for n, chunk in enumerate(reply.chunks) if chunk != calm.chunks[n]]
    assert (changed, reply.ended) == ([at], True)
    assert fault_in(payload(api, reply.chunks[at])) == kind


@each_api
@pytest.mark.parametrize("kind", ["json", "utf8", "not_object"])
async def test_a_whole_body_is_spoilt(api: Api, kind: str) -> None:
    reply = await asked(api, api.whole, malformed={"at_event": 1, "kind": kind})

    assert (reply.status, fault_in(reply.body)) == (200, kind)


def fault_in(event: bytes) -> str:
    """What is wrong with bytes that should be a JSON object; "" if nothing is."""
    try:
        value = json.loads(event.decode())
    except UnicodeDecodeError:
        return "utf8"
    except json.JSONDecodeError:
        return "json"
    return "" if isinstance(value, dict) else "not_object"


@each_api
async def test_an_error_event_ends_the_stream_in_the_dialects_own_form(api: Api) -> None:
    calm = await asked(api)
    after = with_text(api, calm)[1] + 1
    error = {"after_events": after, "message": "it broke", "code": "overloaded_error"}

    reply = await asked(api, error_event=error)

    assert reply.chunks[:-1] == calm.chunks[:after]
    assert api.refused(json.loads(payloads(api, reply.chunks[-1].decode())[0])) == "it broke"
    assert (reply.status, reply.ended, reply.end) == (200, True, "fin")


@each_api
async def test_an_error_event_may_be_a_bare_object_in_the_streams_framing(api: Api) -> None:
    """The client reads it as it reads any event of that stream, whoever wrote it."""
    error = {"after_events": 1, "message": "it broke", "form": "string"}

    reply = await asked(api, error_event=error)

    assert len(reply.chunks) == 2
    assert json.loads(payload(api, reply.chunks[-1])) == {"error": "it broke"}
    assert reply.chunks[-1].startswith(b"data: ") == (api.framing == "sse")
    assert len(reply.chunks[-1].splitlines()) == (2 if api.framing == "sse" else 1)


@each_api
async def test_an_error_event_may_be_a_line_that_is_no_event(api: Api) -> None:
    error = {"after_events": 1, "message": "it broke", "form": "line"}

    reply = await asked(api, error_event=error)

    assert len(reply.chunks) == 2
    assert reply.chunks[-1].splitlines() == [b"it broke"]


@each_api
async def test_an_error_event_may_stand_in_lines_that_are_no_event(api: Api) -> None:
    """As Gemini's front writes it: the dialect's own object, printed over several lines."""
    error = {"after_events": 1, "message": "it broke", "form": "bare"}

    reply = await asked(api, error_event=error)

    said = reply.chunks[-1]
    assert api.refused(json.loads(said)) == "it broke"
    assert said.startswith(b"{")
    assert (len(said.splitlines()) > 2) == (api.framing == "sse")


@each_api
@pytest.mark.parametrize("kind", ["json", "utf8", "not_object", "nan", "lone_surrogate"])
async def test_words_that_look_like_a_field_do_not_move_the_wound(api: Api, kind: str) -> None:
    """An answer may talk of `data: ` itself."""
    text = "data: [event: data: ]"
    answer = [{"text": text}]
    at = with_text(api, await asked(api, answer=answer))[0]

    streamed = await asked(api, answer=answer, malformed={"at_event": at + 1, "kind": kind})
    whole = await asked(api, api.whole, answer=answer, malformed={"at_event": 1, "kind": kind})

    events = [payload(api, streamed.chunks[at]).rstrip(), whole.body.rstrip()]
    if kind == "not_object":
        assert events == [b'["not", "an", "object"]'] * 2
    else:
        event, body = (json.loads(healed(each, kind)) for each in events)
        assert api.said(event) == text
        assert text in json.dumps(body)


def healed(event: bytes, kind: str) -> bytes:
    """The JSON object without the wound of this kind, if it is where it belongs."""
    return {
        "json": event + b"}",
        "utf8": event.removesuffix(b"\xff\xfe}") + b"}",
        "nan": b"{" + event.removeprefix(b'{"nan":NaN,'),
        "lone_surrogate": b"{" + event.removeprefix(b'{"lone":"\\ud83d",'),
    }[kind]


@each_api
async def test_chunks_may_be_single_bytes(api: Api) -> None:
    calm = await asked(api)

    reply = await asked(api, split=1)

    assert {len(chunk) for chunk in reply.chunks} == {1}
    assert (b"".join(reply.chunks), reply.ended) == (b"".join(calm.chunks), True)


@each_api
async def test_an_answer_may_be_one_chunk(api: Api) -> None:
    calm = await asked(api)

    reply = await asked(api, split="all")

    assert (len(reply.chunks), reply.text) == (1, calm.text)


@each_api
async def test_noise_is_there_and_changes_no_event(api: Api) -> None:
    calm = await asked(api)

    reply = await asked(api, noise=True)

    assert payloads(api, reply.text) == payloads(api, calm.text)
    assert len(reply.chunks) == len(calm.chunks)
    if api.framing == "ndjson":
        assert all(chunk.startswith(b"\n") for chunk in reply.chunks)
    else:
        lines = reply.text.replace("\r\n", "\n")
        marks = ["\ufeff: a comment\n", "event: ping\ndata:\n", "\nid: 0\n", "retry: 3000\n"]
        assert [mark for mark in (*marks, "data:\n\n", "data:{") if mark not in lines] == []


ENDS = {"\n": {"\n"}, "\r\n": {"\r\n"}, "\r": {"\r"}, "mixed": {"\n", "\r\n", "\r"}}


@each_api
@pytest.mark.parametrize("ends", ENDS, ids=repr)
async def test_lines_end_as_they_were_told_to(api: Api, ends: str) -> None:
    reply = await asked(api, line_ends=ends)

    assert set(re.findall("\r\n|\n|\r", reply.text)) == ENDS[ends]
    assert payloads(api, reply.text) == payloads(api, (await asked(api)).text)


@each_api
async def test_gzip_is_flushed_after_each_event(api: Api) -> None:
    calm = await asked(api)

    reply = await asked(api, encoding="gzip")

    reader = zlib.decompressobj(wbits=31)
    events = [reader.decompress(chunk) for chunk in reply.chunks]
    assert reply.headers["content-encoding"] == "gzip"
    assert events[: len(calm.chunks)] == calm.chunks
    assert reader.eof


@each_api
async def test_a_whole_body_may_be_coded(api: Api) -> None:
    calm = await asked(api, api.whole)

    reply = await asked(api, api.whole, encoding="gzip")

    assert gzip.decompress(b"".join(reply.chunks)) == calm.body


@each_api
async def test_a_line_may_be_long(api: Api) -> None:
    reply = await asked(api, long_line=204_800)

    assert max(map(len, reply.text.split("\n"))) >= 204_800
    text = said(api, reply.text)
    assert (len(text.encode()) >= 204_800, text.startswith(PROMPT)) == (True, True)


@each_api
async def test_every_sign_of_unicode_comes_through(api: Api) -> None:
    """U+2028 and U+0085 end a line for some readers, never for these two framings."""
    tail = " \N{GRINNING FACE} שלום \u2028 \x85 e\u0301 \x00 end"
    streamed = await asked(api, unicode=True)
    whole = await asked(api, api.whole, unicode=True)

    assert said(api, streamed.text) == PROMPT + tail
    assert json.dumps(PROMPT + tail) in json.dumps(whole.json())


WAITING: list[tuple[dict[str, Any], int | None]] = [
    ({"stall": {"headers": False}}, None),
    ({"stall": {"after_events": 0}}, 0),
    ({"stall": {"after_events": 2}}, 2),
    ({"slow": {"before_headers_s": LONG_S}}, None),
    ({"slow": {"before_first_s": LONG_S}}, 0),
    ({"slow": {"between_events_s": LONG_S}}, 1),
]


@each_api
@pytest.mark.parametrize(("scenario", "events"), WAITING, ids=str)
async def test_it_falls_silent_where_it_was_told_to(
    api: Api, scenario: dict[str, Any], events: int | None
) -> None:
    """`events` come, None: not even the headers; and the answer is still under way."""
    calm = await asked(api)
    async with emulators.run(api.emulator, scenario=scenario) as emulator:
        async with connected(emulator.url) as (reader, writer):
            writer.write(api.stream)
            await emulator.wait_until(lambda seen: seen.answers == 1)
            if events is not None:
                await reader.readuntil(b"\r\n\r\n")
            for chunk in calm.chunks[: events or 0]:
                assert await reader.readexactly(framed(chunk)) == b"%x\r\n%b\r\n" % (
                    len(chunk),
                    chunk,
                )
            assert (emulator.answers, emulator.abandoned) == (1, 0)
        await emulator.wait_idle()

        assert emulator.abandoned == 1


def framed(chunk: bytes) -> int:
    """The length of a chunk with its frame."""
    return len(b"%x\r\n\r\n" % len(chunk)) + len(chunk)


@each_api
async def test_pauses_are_between_the_events(api: Api) -> None:
    calm = await asked(api)
    start = time.perf_counter()

    reply = await asked(api, slow={"before_first_s": 0.05, "between_events_s": 0.01})

    assert time.perf_counter() - start >= 0.05 + 0.01 * (len(calm.chunks) - 1)
    assert reply.text == calm.text


@each_api
async def test_a_fault_is_for_the_requests_it_names(api: Api) -> None:
    """A list of models is no chat and counts for nothing."""
    async with emulators.run(api.emulator, scenario={"status": 500, "on": [2]}) as emulator:
        requests = (api.stream, api.models, api.whole, api.stream)
        statuses = [(await exchange(emulator.url, sent)).status for sent in requests]

        assert statuses == [200, 200, 500, 200]


@each_api
async def test_a_good_request_has_no_complaints(api: Api) -> None:
    async with emulators.run(api.emulator) as emulator:
        for sent in (api.stream, api.whole, api.models):
            await exchange(emulator.url, sent)

        assert [entry["complaints"] for entry in emulator.journal] == [[], [], []]
