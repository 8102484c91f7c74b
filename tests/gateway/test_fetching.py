"""Pictures by address, for providers that take only bytes: what is fetched, and how much of it."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from dragoman.gateway import fetching
from dragoman.gateway.fetching import MAX_ADDRESSES, Fetching
from dragoman.messages import Document, Image, Text, ToolResult
from dragoman.providers.table import load_provider
from dragoman.transport.public_get import PublicGet
from tests.gateway.pictures import (
    CHAT,
    OLLAMA,
    PDF,
    PLAIN_HEADERS,
    PNG,
    Hosts,
    Names,
    ResultsToo,
    chat,
    fetching_here,
    here,
    refusal,
    url,
)
from tests.transport.far_side import Connection, reply


async def test_bytes_take_the_place_of_an_address(hosts: Hosts) -> None:
    far = await hosts.says(reply(PNG, Content_Type="text/html", Set_Cookie="a=b"))

    asked = chat(Image(url=url(far.port, path="/a.png?sig=s#part"), detail=None))
    filled = await fetching_here().filled(asked, OLLAMA)

    assert filled == chat(Image(content=PNG, media_type="image/png"))
    (seen,) = far.seen
    assert (seen.method, seen.target, seen.body) == ("GET", "/a.png?sig=s", b"")
    assert seen.header("host") == f"pictures.test:{far.port}"
    assert {name for name, _ in seen.headers} <= PLAIN_HEADERS


async def test_one_address_is_fetched_once_wherever_it_stands(hosts: Hosts) -> None:
    far = await hosts.says(reply(PNG))
    picture = Image(url=url(far.port))
    result = ToolResult("c", (Text("Here:"), picture))

    asked = chat(picture, Image(content=b"own", media_type="image/png"), picture, result)
    filled = await fetching_here().filled(asked, ResultsToo())

    done = Image(content=PNG, media_type="image/png")
    own = Image(content=b"own", media_type="image/png")
    assert filled == chat(done, own, done, ToolResult("c", (Text("Here:"), done)))
    assert len(far.seen) == 1


async def test_a_pdf_is_fetched_where_documents_are_taken_as_bytes(hosts: Hosts) -> None:
    far = await hosts.says(reply(PDF))
    picture = Image(url="https://pictures.test/taken-as-it-is.png")

    filled = await fetching_here().filled(chat(picture, Document(url=url(far.port))), CHAT)

    assert filled == chat(picture, Document(content=PDF, media_type="application/pdf"))


@pytest.mark.parametrize(
    ("provider", "part"),
    [
        (CHAT, Image(url="http://inside.test/")),
        (load_provider("anthropic"), Document(url="http://inside.test/")),
        (OLLAMA, Document(url="http://inside.test/")),
        (OLLAMA, Image(content=PNG)),
    ],
)
async def test_nothing_is_fetched_that_is_taken_as_it_is_or_not_at_all(
    provider: Any, part: Any
) -> None:
    names = Names({})

    asked = chat(part)

    assert await fetching_here(names).filled(asked, provider) is asked
    assert names.asked == []


@pytest.mark.parametrize("other", [Document(file_id="f"), Document(url="http://pictures.test/")])
async def test_nothing_is_fetched_for_a_chat_that_is_refused_anyway(other: Document) -> None:
    names = Names({})

    error = await refusal(fetching_here(names), Image(url="http://pictures.test/"), other)

    assert error.place == "messages[0].content[2]"
    assert names.asked == []


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (reply(b"<html>", Content_Type="image/png"), "what came is none of image/gif"),
        (reply(PDF), "what came is none of image/gif"),
        (reply(b""), "what came is none of image/gif"),
        (reply(PNG, "404 Not Found"), "status 404"),
        (reply(PNG, "302 Found"), "status 302"),
        (b"", "closed the connection"),
        (b"nonsense\r\n\r\n", "not HTTP"),
        (reply(PNG).replace(b": 17", b": 99"), "the connection"),
    ],
)
async def test_what_is_no_picture_is_said_with_its_place(
    hosts: Hosts, answer: bytes, why: str
) -> None:
    far = await hosts.says(answer)

    error = await refusal(fetching_here(), Image(url=url(far.port, path="/a.png?sig=secret")))

    assert error.message.startswith(
        "messages[0].content[1]: the image at pictures.test cannot be fetched"
    )
    assert why in error.message
    assert "secret" not in error.message
    assert error.place == "messages[0].content[1]"


async def test_all_pictures_of_a_chat_together_are_bounded(
    hosts: Hosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "MAX_BYTES", 2 * len(PNG))
    far = await hosts.says(reply(PNG))
    pictures = [Image(url=url(far.port, path=f"/{number}")) for number in range(3)]

    await fetching_here().filled(chat(*pictures[:2]), OLLAMA)
    error = await refusal(fetching_here(), *pictures)

    assert f"more than {2 * len(PNG)} bytes" in error.message


async def test_a_body_without_end_is_cut(hosts: Hosts) -> None:
    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(b"HTTP/1.1 200 OK\r\n\r\n" + PNG)
        while True:
            await connection.send(bytes(2**20))

    far = await hosts.serve(script)

    error = await refusal(fetching_here(), Image(url=url(far.port)))

    assert "more than 20971520 bytes" in error.message


async def test_a_host_that_takes_its_time_is_left(hosts: Hosts) -> None:
    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(b"HTTP/1.1 200 OK\r\n\r\n" + PNG)
        await connection.until_gone()

    far = await hosts.serve(script)

    error = await refusal(fetching_here(time_s=0.2), Image(url=url(far.port)))

    assert "not here within 0.2 s" in error.message
    await (await far.first()).gone.wait()


async def test_a_name_that_takes_its_time_is_left() -> None:
    async def slow(host: str, port: int) -> Sequence[str]:
        await asyncio.Event().wait()
        raise AssertionError

    work = Fetching(PublicGet(look_up=slow, allows=here), time_s=0.1)

    assert "not here within 0.1 s" in (await refusal(work, Image(url=url(1)))).message


async def test_there_are_so_many_addresses_and_no_more() -> None:
    names = Names({})
    pictures = [Image(url=url(1, path=f"/{number}")) for number in range(MAX_ADDRESSES + 1)]

    error = await refusal(fetching_here(names), *pictures)

    assert error.place == f"messages[0].content[{MAX_ADDRESSES + 1}]"
    assert names.asked == []
