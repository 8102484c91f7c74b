"""Pictures by address, for providers that take only bytes: who is asked, and who never is.

Names mean what a table says, and what may be asked is given by the test: the rule itself has no
exception for tests.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import pytest
import trustme

from dragoman.chat import ChatRequest
from dragoman.errors import InputError
from dragoman.features import CARRIED, How
from dragoman.gateway import fetching
from dragoman.gateway.fetching import MAX_ADDRESSES, Fetching
from dragoman.messages import Document, Image, Message, Text, ToolResult
from dragoman.providers.api.ollama import Ollama
from dragoman.providers.table import load_provider
from dragoman.transport.public_get import PublicGet, _open_socket
from dragoman.transport.public_hosts import is_public
from tests.gateway.house import House, open_house
from tests.transport.far_side import Connection, FarSide, Script, reply

PNG = b"\x89PNG\r\n\x1a\n" + b"a picture"
PDF = b"%PDF-1.7 a document"
_PLAIN_HEADERS = {"host", "user-agent", "accept", "accept-encoding", "connection"}
OLLAMA, CHAT = load_provider("ollama"), load_provider("openai")


class _ResultsToo(Ollama):
    """Takes a picture in the result of a tool, too."""

    @property
    def says(self) -> Mapping[str, How]:
        return {**super().says, "tool_result_image": CARRIED}


class Names:
    """A table of names, and a note of which were looked up."""

    def __init__(self, table: Mapping[str, Sequence[str]]) -> None:
        self.table = table
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        if host not in self.table:
            raise OSError("no such name")
        return self.table[host]


def here(text: str) -> bool:
    """What stands for the public internet."""
    return text == "127.0.0.1"


NAMES = Names({"pictures.test": ["127.0.0.1"], "inside.test": ["127.0.0.2"]})


def fetching_here(names: Names = NAMES, **how: Any) -> Fetching:
    return Fetching(PublicGet(look_up=names, allows=here), **how)


class Hosts:
    def __init__(self, stack: AsyncExitStack) -> None:
        self._stack = stack

    async def serve(self, script: Script, context: ssl.SSLContext | None = None) -> FarSide:
        return await self._stack.enter_async_context(FarSide(script, context))

    async def says(self, answer: bytes, context: ssl.SSLContext | None = None) -> FarSide:
        async def script(connection: Connection) -> None:
            await connection.request()
            await connection.send(answer)

        return await self.serve(script, context)


@pytest.fixture
async def hosts() -> AsyncIterator[Hosts]:
    async with AsyncExitStack() as stack:
        yield Hosts(stack)


def chat(*parts: Any) -> ChatRequest:
    return ChatRequest(model="m", messages=(Message("user", (Text("Look:"), *parts)),))


def url(port: int, host: str = "pictures.test", path: str = "/a.png") -> str:
    return f"http://{host}:{port}{path}"


async def refusal(work: Fetching, *parts: Any) -> InputError:
    with pytest.raises(InputError) as caught:
        await work.filled(chat(*parts), OLLAMA)
    return caught.value


async def test_bytes_take_the_place_of_an_address(hosts: Hosts) -> None:
    far = await hosts.says(reply(PNG, Content_Type="text/html", Set_Cookie="a=b"))

    asked = chat(Image(url=url(far.port, path="/a.png?sig=s#part"), detail=None))
    filled = await fetching_here().filled(asked, OLLAMA)

    assert filled == chat(Image(content=PNG, media_type="image/png"))
    (seen,) = far.seen
    assert (seen.method, seen.target, seen.body) == ("GET", "/a.png?sig=s", b"")
    assert seen.header("host") == f"pictures.test:{far.port}"
    assert {name for name, _ in seen.headers} <= _PLAIN_HEADERS


async def test_one_address_is_fetched_once_wherever_it_stands(hosts: Hosts) -> None:
    far = await hosts.says(reply(PNG))
    picture = Image(url=url(far.port))
    result = ToolResult("c", (Text("Here:"), picture))

    asked = chat(picture, Image(content=b"own", media_type="image/png"), picture, result)
    filled = await fetching_here().filled(asked, _ResultsToo())

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


@pytest.mark.parametrize(("name", "fits"), [("pictures.test", True), ("others.test", False)])
async def test_a_certificate_is_for_the_name_and_not_for_the_address(
    hosts: Hosts, name: str, fits: bool
) -> None:
    authority = trustme.CA()
    server, client = (
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH),
        ssl.create_default_context(),
    )
    authority.issue_cert(name).configure_cert(server)
    authority.configure_trust(client)
    far = await hosts.says(reply(PNG), server)
    work = Fetching(PublicGet(look_up=NAMES, allows=here, verify=client))
    picture = Image(url=f"https://pictures.test:{far.port}/")

    if fits:
        assert await work.filled(chat(picture), OLLAMA) == chat(
            Image(content=PNG, media_type="image/png")
        )
    else:
        assert "certificate" in (await refusal(work, picture)).message


ADDRESSES = {
    "loopback": "http://127.0.0.1:{port}/",
    "loopback by IPv6": "http://[::1]:{port}/",
    "loopback, mapped": "http://[::ffff:127.0.0.1]:{port}/",
    "private": "http://10.0.0.1/",
    "link-local": "http://169.254.169.254/latest/meta-data/",
    "link-local by IPv6": "http://[fe80::1]/",
    "multicast": "http://224.0.0.1/",
    "reserved": "http://240.0.0.1/",
    "unspecified": "http://0.0.0.0:{port}/",
    "a number": "http://2130706433:{port}/",
    "a hexadecimal number": "http://0x7f000001:{port}/",
    "a short form": "http://127.1:{port}/",
    "wide digits": "http://\uff11\uff12\uff17.0.0.1:{port}/",
    "a name": "http://localhost:{port}/",
    "a name of ours": "http://inside.test:{port}/",
    "a name with two addresses": "http://both.test:{port}/",
    "a name with none": "http://nobody.test/",
    "a name that is too long": "http://" + "a" * 70 + ".test/",
}


@pytest.mark.parametrize("kind", ADDRESSES)
async def test_an_address_that_is_not_public_is_never_asked(hosts: Hosts, kind: str) -> None:
    """The real rule: nothing here says that this machine may be asked."""
    far = await hosts.says(reply(PNG))
    table = {
        "localhost": ["127.0.0.1", "::1"],
        "inside.test": ["127.0.0.1"],
        "both.test": ["8.8.8.8", "127.0.0.1"],
        "nobody.test": [],
        # What the system makes of the short forms.
        "2130706433": ["127.0.0.1"],
        "0x7f000001": ["127.0.0.1"],
        "127.1": ["127.0.0.1"],
    }
    getting = PublicGet(look_up=Names(table))

    error = await refusal(Fetching(getting), Image(url=ADDRESSES[kind].format(port=far.port)))

    assert error.place == "messages[0].content[1]"
    assert "is no host in the public internet" in error.message
    assert not far.connections


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("ftp://pictures.test/a.png", "not an http or https address"),
        ("file:///etc/passwd", "not an http or https address"),
        ("gs://bucket/a.png", "not an http or https address"),
        ("http://[::1/", "not an http or https address"),
        ("http://pictures.test:99999/", "not an http or https address"),
        ("nonsense", "not an http or https address"),
        ("http://me:word@pictures.test/", "login"),
        ("http://me@pictures.test/", "login"),
        ("http://:word@pictures.test/", "login"),
    ],
)
async def test_what_is_no_plain_address_is_refused(address: str, why: str) -> None:
    names = Names({})

    error = await refusal(fetching_here(names), Image(url=address))

    assert why in error.message
    assert "word" not in error.message.replace("password", "")
    assert error.place == "messages[0].content[1]"
    assert names.asked == []


async def test_a_host_is_looked_up_once_and_that_answer_is_connected_to(hosts: Hosts) -> None:
    """A name that means us the second time it is asked is the oldest trick."""
    far = await hosts.says(reply(PNG))
    answers = iter([["127.0.0.1"], ["127.0.0.2"]])

    async def rebinding(host: str, port: int) -> Sequence[str]:
        return next(answers)

    work = Fetching(PublicGet(look_up=rebinding, allows=here))
    filled = await work.filled(chat(Image(url=url(far.port))), OLLAMA)

    assert filled.messages[0].parts[1] == Image(content=PNG, media_type="image/png")
    assert next(answers) == ["127.0.0.2"]


def test_a_socket_is_opened_only_to_what_was_checked() -> None:
    row = (2, 1, 6, "", ("127.0.0.1", 80))

    _open_socket(frozenset({"127.0.0.1"}), row).close()
    with pytest.raises(OSError, match="not the address that was checked"):
        _open_socket(frozenset({"127.0.0.2"}), row)


async def _redirecting(hosts: Hosts, target: str, times: int = 1) -> FarSide:
    count = iter(range(times))

    async def script(connection: Connection) -> None:
        await connection.request()
        if next(count, None) is None:
            await connection.send(reply(PNG))
        else:
            await connection.send(reply(b"x", "302 Found", Location=target, Set_Cookie="a=b"))

    return await hosts.serve(script)


async def test_three_redirects_are_followed_without_cookies(hosts: Hosts) -> None:
    far = await _redirecting(hosts, "/next.png", times=3)

    filled = await fetching_here().filled(chat(Image(url=url(far.port))), OLLAMA)

    assert filled.messages[0].parts[1] == Image(content=PNG, media_type="image/png")
    assert [seen.target for seen in far.seen] == ["/a.png", *["/next.png"] * 3]
    assert not any(seen.header("cookie") for seen in far.seen)


async def test_a_fourth_is_not(hosts: Hosts) -> None:
    far = await _redirecting(hosts, "/next.png", times=4)

    error = await refusal(fetching_here(), Image(url=url(far.port)))

    assert "more than 3 redirects" in error.message
    assert len(far.seen) == 4


@pytest.mark.parametrize(
    "target",
    ["http://inside.test:{port}/", "http://127.0.0.2:{port}/", "http://[::1]:{port}/"],
)
async def test_where_a_redirect_leads_is_checked_again(hosts: Hosts, target: str) -> None:
    inside = await hosts.says(reply(PNG))
    far = await _redirecting(hosts, target.format(port=inside.port))

    error = await refusal(fetching_here(), Image(url=url(far.port)))

    assert "is no host in the public internet" in error.message
    assert not inside.connections


@pytest.mark.parametrize("target", ["file:///etc/passwd", "http://me:word@pictures.test/"])
async def test_a_redirect_leads_to_plain_addresses_only(hosts: Hosts, target: str) -> None:
    far = await _redirecting(hosts, target)

    error = await refusal(fetching_here(), Image(url=url(far.port)))

    assert error.place == "messages[0].content[1]"
    assert "word" not in error.message


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


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house() as house:
        yield house


async def ask(house: House, model: str, address: str) -> tuple[int, Any]:
    parts = [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": address}},
    ]
    body = {"model": model, "messages": [{"role": "user", "content": parts}]}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{house.url}/v1/chat/completions", json=body) as response,
    ):
        return response.status, await response.json()


async def test_through_the_gateway_this_machine_is_refused(house: House, hosts: Hosts) -> None:
    far = await hosts.says(reply(PNG))

    status, body = await ask(house, "ollama/mock-model", f"http://127.0.0.1:{far.port}/a.png")

    assert (status, body["error"]["param"]) == (400, "messages[0].content[1]")
    assert not far.connections
    assert house.far["ollama"].journal == []


async def test_through_the_gateway_a_picture_reaches_its_provider(
    house: House, hosts: Hosts
) -> None:
    far = await hosts.says(reply(PNG))
    (await house.app.gateway.held()).fetching = fetching_here()

    status, _ = await ask(house, "ollama/mock-model", url(far.port))

    assert status == 200
    assert len(far.seen) == 1
    assert [entry["complaints"] for entry in house.far["ollama"].journal] == [[]]


async def test_through_the_gateway_an_address_is_passed_on_where_it_is_taken(
    house: House,
) -> None:
    names = Names({})
    (await house.app.gateway.held()).fetching = fetching_here(names)

    status, _ = await ask(house, "claude/mock-model", "https://pictures.test/a.png")

    assert status == 200
    assert names.asked == []


async def test_it_can_be_turned_off(hosts: Hosts) -> None:
    far = await hosts.says(reply(PNG))

    async with open_house(fetch_images=False) as house:
        assert (await house.app.gateway.held()).fetching is None
        status, body = await ask(house, "ollama/mock-model", url(far.port))

    assert status == 400
    assert "has no image_url" in body["error"]["message"]
    assert not far.connections


def test_the_rule_in_force_is_the_real_one() -> None:
    getting = Fetching()._getting

    assert getting._allows is is_public
