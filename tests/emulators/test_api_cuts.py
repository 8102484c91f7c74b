"""Streams that end too soon on each API dialect's wire: cut, or an error in place of the rest."""

import json
from typing import NamedTuple

import pytest
from tests.emulators.apis import Api, asked, each_api, payload, payloads, said, with_text


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
