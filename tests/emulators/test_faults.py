"""Each fault, as the bytes that it puts on the wire."""

import gzip
import json
import zlib
from typing import Any, NamedTuple

import brotli  # type: ignore[import-untyped]  # it ships no types
import pytest
from tests.emulators.wire import (
    Wire,
    aichat,
    conversation,
    events,
    exchange,
    growth,
    request,
)

from dragoman import emulators

LOADS = request("GET", "/api/loads?t=1")


async def fakegpt(scenario: dict[str, Any], sent: bytes | None = None) -> Wire:
    async with emulators.run("fakegpt", scenario=scenario) as emulator:
        return await exchange(emulator.url, sent or conversation())


async def calm() -> Wire:
    return await fakegpt({})


class Placed(NamedTuple):
    name: str
    scenario: dict[str, Any]
    status: int
    headers: dict[str, str]
    body: bytes


PLACED = [
    Placed("a status", {"status": 503}, 503, {"content-type": "application/json"}, b"503"),
    Placed(
        "a status with a wait", {"status": 429, "retry_after": 7}, 429, {"retry-after": "7"}, b""
    ),
    Placed("a wait alone is a 429", {"retry_after": 0.5}, 429, {"retry-after": "0.5"}, b""),
    Placed("garbage for a wait", {"retry_after": "soon"}, 429, {"retry-after": "soon"}, b""),
    Placed("status in JSON", {"status": 500, "status_body": "json"}, 500, {}, b'{"message"'),
    Placed("status in HTML", {"status": 502, "status_body": "html"}, 502, {}, b"<h1>502</h1>"),
    Placed("status in text", {"status": 500, "status_body": "text"}, 500, {}, b"the scenario"),
    Placed(
        "a bare status",
        {"status": 520, "status_body": "empty"},
        520,
        {"content-length": "0"},
        b"",
    ),
    Placed("a challenge", {"challenge": {}}, 403, {"cf-mitigated": "challenge"}, b"Just a moment"),
    Placed(
        "a challenge with 200 and no mark in the headers",
        {"challenge": {"status": 200, "cf_mitigated": False}},
        200,
        {"content-type": "text/html; charset=UTF-8"},
        b"challenge-error-text",
    ),
    Placed("a login page", {"html_instead": True}, 200, {}, b"Log in first"),
    Placed("a maintenance page", {"html_instead": "maintenance"}, 200, {}, b"Back in a few"),
    Placed("no byte", {"empty_body": True}, 200, {"content-length": "0"}, b""),
    Placed("a nought", {"empty_body": "0"}, 200, {"content-length": "1"}, b"0"),
    Placed("no content", {"empty_body": 204}, 204, {}, b""),
    Placed("elsewhere", {"redirect": {"location": "/x"}}, 302, {"location": "/x"}, b""),
]


@pytest.mark.parametrize("sent", [LOADS, conversation()], ids=["loads", "chat"])
@pytest.mark.parametrize("case", PLACED, ids=lambda case: case.name)
async def test_every_step_answers_it(case: Placed, sent: bytes) -> None:
    reply = await fakegpt(case.scenario, sent)

    assert (reply.status, reply.end) == (case.status, "fin")
    assert case.headers.items() <= reply.headers.items()
    assert case.body in reply.body
    assert len(reply.body) == int(reply.headers.get("content-length", "0"))


async def test_a_challenge_may_be_coded() -> None:
    reply = await fakegpt({"challenge": {"coding": "br"}})

    assert reply.headers["content-encoding"] == "br"
    assert b"Just a moment..." in brotli.decompress(reply.body)


async def test_a_redirect_to_itself_is_answered_when_it_is_followed() -> None:
    scenario = {"redirect": {"status": 301}}
    async with emulators.run("fakegpt", scenario=scenario) as emulator:
        moved = await exchange(emulator.url, LOADS)
        followed = await exchange(emulator.url, request("GET", moved.headers["location"]))

        assert moved.headers["location"] == "/api/loads?t=1&redirected=1"
        assert (moved.status, followed.status) == (301, 200)


class CutCase(NamedTuple):
    how: str
    ended: bool
    end: str
    delimiter: tuple[str, str]


CUTS = [
    CutCase("end", ended=True, end="fin", delimiter=("transfer-encoding", "chunked")),
    CutCase("fin", ended=False, end="fin", delimiter=("transfer-encoding", "chunked")),
    CutCase("no_chunk_end", ended=False, end="fin", delimiter=("transfer-encoding", "chunked")),
    CutCase("rst", ended=False, end="rst", delimiter=("transfer-encoding", "chunked")),
    CutCase("mid_chunk", ended=False, end="fin", delimiter=("transfer-encoding", "chunked")),
]


@pytest.mark.parametrize("case", CUTS, ids=lambda case: case.how)
async def test_a_stream_is_cut_after_events(case: CutCase) -> None:
    reply = await fakegpt({"cut": {"after_events": 4, "how": case.how}})

    assert (reply.ended, reply.end) == (case.ended, case.end)
    assert case.delimiter in reply.headers.items()
    assert len(reply.chunks) == 4
    assert growth(reply.text) == ["", "one"]
    assert reply.body.endswith(b"\r\n400\r\n") == (case.how == "mid_chunk")


@pytest.mark.parametrize("case", CUTS, ids=lambda case: case.how)
async def test_a_stream_is_cut_after_bytes(case: CutCase) -> None:
    whole = (await calm()).text

    reply = await fakegpt({"cut": {"after_bytes": 500, "how": case.how}})

    assert (reply.ended, reply.end) == (case.ended, case.end)
    assert reply.text == whole[:500]


async def test_a_length_may_be_longer_than_the_body() -> None:
    reply = await fakegpt({"cut": {"after_events": 3, "how": "length_too_long"}})

    assert "transfer-encoding" not in reply.headers
    assert int(reply.headers["content-length"]) > len(reply.body)
    assert (growth(reply.text), reply.end) == ([""], "fin")


async def test_a_body_may_end_with_its_connection() -> None:
    reply = await fakegpt({"cut": {"after_events": 3, "how": "close_delimited"}})

    assert not {"transfer-encoding", "content-length"} & set(reply.headers)
    assert (growth(reply.text), reply.end) == ([""], "fin")


@pytest.mark.parametrize(("after", "kept"), [(-1, 7), (-2, 6), (-99, 0), (99, 8)])
async def test_a_cut_may_count_from_the_end(after: int, kept: int) -> None:
    """-1 is between the final event and [DONE]; a place behind the end is the end."""
    reply = await fakegpt({"cut": {"after_events": after}})

    assert (reply.ended, reply.end) == (False, "fin")
    assert events(reply.text) == events((await calm()).text)[:kept]


@pytest.mark.parametrize("how", ["fin", "rst"])
async def test_a_reset_loses_nothing_that_was_sent_before(how: str) -> None:
    """The text so far must arrive, or a test of it would be a matter of luck."""
    scenario = {"long_line": 2_000_000, "cut": {"after_events": 4, "how": how}}
    reply = await fakegpt(scenario)

    assert (len(growth(reply.text)[-1]) >= 2_000_000, reply.end) == (True, how)


async def test_a_whole_body_is_cut_short_of_its_length() -> None:
    async with emulators.run("aichat", scenario={"cut": {"after_bytes": 5}}) as emulator:
        reply = await exchange(emulator.url, aichat())

        assert (reply.body, reply.headers["content-length"]) == (b'{"res', "43")


BROKEN = {
    "json": "Expecting ',' delimiter",
    "utf8": "invalid start byte",
}


@pytest.mark.parametrize("kind", ["json", "utf8"])
@pytest.mark.parametrize("name", ["fakegpt", "aichat"])
async def test_an_event_or_body_is_broken(name: str, kind: str) -> None:
    at = 4 if name == "fakegpt" else 1
    sent = conversation() if name == "fakegpt" else aichat()
    scenario = {"malformed": {"at_event": at, "kind": kind}}
    async with emulators.run(name, scenario=scenario) as emulator:
        reply = await exchange(emulator.url, sent)

    spoilt = reply.chunks[at - 1] if name == "fakegpt" else reply.body
    with pytest.raises(ValueError, match=BROKEN[kind]):
        json.loads(spoilt.removeprefix(b"data: ").decode())


async def test_the_other_events_stay_whole() -> None:
    reply = await fakegpt({"malformed": {"at_event": 4}})

    whole = (await calm()).chunks
    assert [
        number for number, chunk in enumerate(reply.chunks, 1) if chunk != whole[number - 1]
    ] == [4]


@pytest.mark.parametrize(
    ("kind", "starts"),
    [
        ("not_object", "["),
        ("nan", '{"nan":NaN,"message"'),
        ("lone_surrogate", '{"lone":"\\ud83d","message"'),
    ],
)
async def test_an_event_is_json_that_nobody_wants(kind: str, starts: str) -> None:
    reply = await fakegpt({"malformed": {"at_event": 4, "kind": kind}})

    assert events(reply.text)[3].startswith(starts)
    json.loads(events(reply.text)[3])


@pytest.mark.parametrize(
    ("form", "last"),
    [
        ("object", '{"message":null,"conversation_id":null,"error":{"message":"b","code":"c"}}'),
        ("string", '{"error":"b"}'),
        ("line", "b\n"),
    ],
)
async def test_an_error_event_ends_the_stream(form: str, last: str) -> None:
    error = {"after_events": 4, "message": "b", "code": "c", "form": form}
    reply = await fakegpt({"error_event": error})

    assert events(reply.text)[-1] == last
    assert (len(reply.chunks), reply.ended) == (5, True)


async def test_a_reply_in_one_piece_has_no_events_to_spoil() -> None:
    """An error event, noise and line ends belong to streams."""
    scenario = {"error_event": {}, "noise": True, "line_ends": "\r"}
    async with emulators.run("aichat", scenario=scenario) as emulator:
        reply = await exchange(emulator.url, aichat())

        assert reply.json() == {"response": True, "message": "one two three"}


@pytest.mark.parametrize("size", [1, 7])
async def test_chunks_have_the_size_that_was_asked_for(size: int) -> None:
    """A chunk never waits for the next event, so the last one of an event may be smaller."""
    whole = await calm()

    reply = await fakegpt({"split": size})

    assert reply.chunks == [
        event[start : start + size]
        for event in whole.chunks
        for start in range(0, len(event), size)
    ]


async def test_all_may_come_in_one_chunk() -> None:
    reply = await fakegpt({"split": "all"})

    assert reply.chunks == [(await calm()).text.encode()]


@pytest.mark.parametrize("end", ["\r\n", "\r"])
async def test_line_ends_change_and_nothing_else(end: str) -> None:
    whole = (await calm()).text

    reply = await fakegpt({"line_ends": end})

    assert reply.text == whole.replace("\n", end)


async def test_line_ends_may_be_mixed() -> None:
    whole = (await calm()).chunks

    reply = await fakegpt({"line_ends": "mixed"})

    ends = [b"\n", b"\r\n", b"\r"] * 3
    expected = [chunk.replace(b"\n", end) for chunk, end in zip(whole, ends, strict=False)]
    assert reply.chunks == expected


@pytest.mark.parametrize(
    ("ends", "last"), [("no_blank_at_end", "[DONE]\n"), ("none_at_end", "[DONE]")]
)
async def test_the_last_line_may_lack_its_end(ends: str, last: str) -> None:
    reply = await fakegpt({"line_ends": ends})

    assert reply.text.endswith(f"\n\ndata: {last}")


async def test_noise_stands_around_the_same_events() -> None:
    reply = await fakegpt({"noise": True})

    for mark in ("\ufeff: a comment\n", "event: ping\n", "\ndata:\n", "id: 1\n", "retry: 3000\n"):
        assert mark in reply.text
    assert reply.text.startswith("\ufeff")
    lines = [line for line in reply.text.split("\n") if line.startswith(("data: {", "data:{"))]
    values = [json.loads(line.removeprefix("data:")) for line in lines]
    assert values == [json.loads(event) for event in events((await calm()).text)[:-1]]


DECODE = {"gzip": gzip.decompress, "deflate": zlib.decompress, "br": brotli.decompress}


@pytest.mark.parametrize("coding", DECODE)
async def test_a_coding_is_flushed_after_each_event(coding: str) -> None:
    whole = await calm()

    reply = await fakegpt({"encoding": coding})

    assert reply.headers["content-encoding"] == coding
    assert DECODE[coding](b"".join(reply.chunks)) == whole.text.encode()
    if coding != "br":
        unpacker = zlib.decompressobj(47)
        assert [unpacker.decompress(chunk) for chunk in reply.chunks[:-1]] == whole.chunks


async def test_a_coding_may_hold_everything_back() -> None:
    reply = await fakegpt({"encoding": {"coding": "gzip", "flush": "end"}})

    assert gzip.decompress(b"".join(reply.chunks)) == (await calm()).text.encode()
    assert len(reply.chunks) <= 2


async def test_a_header_may_name_another_coding() -> None:
    reply = await fakegpt({"encoding": {"coding": "identity", "header": "gzip"}})

    assert reply.headers["content-encoding"] == "gzip"
    assert reply.text == (await calm()).text


async def test_a_line_may_be_long() -> None:
    reply = await fakegpt({"long_line": 300_000})

    assert len(growth(reply.text)[1].encode()) >= 300_000


async def test_the_answer_may_end_in_hard_text() -> None:
    reply = await fakegpt({"unicode": True})

    assert growth(reply.text)[-1].startswith("one two three ")
    assert {"\U0001f600", "ש", "\u2028", "\x85", "\u0301", "\0"} <= set(growth(reply.text)[-1])


async def test_faults_of_the_answer_leave_the_other_steps_alone() -> None:
    scenario = {"cut": {"after_bytes": 1}, "malformed": {}, "split": 1, "encoding": "gzip"}
    spoilt = await fakegpt(scenario, LOADS)
    plain = await fakegpt({}, LOADS)

    assert spoilt.body == plain.body
