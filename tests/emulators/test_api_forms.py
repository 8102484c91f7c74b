"""The same events in other bytes on each API dialect's wire: chunks, noise, line ends, codings."""

import gzip
import json
import re
import zlib

import pytest
from tests.emulators.apis import Api, asked, each_api, payloads, said
from tests.emulators.wire import PROMPT


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
