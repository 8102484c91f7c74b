"""The configuration of nginx that the documentation has, in front of a gateway, as it stands there.

Only addresses and the paths of its certificate are others.
"""

import asyncio
import json
import shutil
import ssl
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trustme

from tests.docs.pages import ROOT, blocks
from tests.gateway.house import House, open_house
from tests.gateway.raw import Raw
from tests.gateway.wire import WIRES

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
NAME = "chat.example"
TEXT = "one two three four five six"
GAP_S = 0.1
SOON_S = 10.0

pytestmark = pytest.mark.skipif(NGINX is None, reason="there is no nginx: apt-get install nginx")

AROUND = """
daemon off;
master_process off;
pid {folder}/pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{documented}
}}
"""


def documented() -> str:
    page = ROOT / "docs" / "howto" / "operate.md"
    (block,) = [one for one in blocks(page) if one.title.startswith("/etc/nginx/")]
    return block.code


def put(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, f"the documented block has another {old!r}"
    return text.replace(old, new)


class Front:
    """nginx in front of a gateway."""

    def __init__(self, house: House, port: int, trust: ssl.SSLContext) -> None:
        self.house = house
        self._port = port
        self._trust = trust

    @asynccontextmanager
    async def ask(
        self, path: str, body: object = None, *, key: str = "the-key"
    ) -> AsyncIterator[Raw]:
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", self._port, ssl=self._trust, server_hostname=NAME, limit=2**16
        )
        data = b"" if body is None else json.dumps(body).encode()
        lines = [
            f"{'GET' if body is None else 'POST'} {path} HTTP/1.1",
            f"host: {NAME}",
            f"authorization: Bearer {key}",
            f"content-length: {len(data)}",
        ]
        raw = Raw(reader, writer)
        try:
            await raw.send("\r\n".join(lines).encode() + b"\r\n\r\n" + data)
            yield raw
        finally:
            writer.transport.abort()
            await asyncio.sleep(0)


async def _wait_for(port: int, process: Process) -> None:
    async with asyncio.timeout(SOON_S):
        while True:
            assert process.returncode is None, "nginx has ended; what it said is above"
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionRefusedError:
                await asyncio.sleep(0.02)
                continue
            writer.transport.abort()
            return


@pytest.fixture
async def front(tmp_path: Path, unused_tcp_port: int) -> AsyncIterator[Front]:
    authority, trust = trustme.CA(), ssl.create_default_context()
    authority.configure_trust(trust)
    certificate = authority.issue_cert(NAME)
    certificate.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    certificate.private_key_pem.write_to_path(tmp_path / "key.pem")
    async with open_house("chat", keys=["the-key"]) as house:
        text = put(documented(), "server 127.0.0.1:8484;", f"server {house.url[7:]};")
        text = put(text, "listen 443 ssl;", f"listen 127.0.0.1:{unused_tcp_port} ssl;")
        text = put(text, f"/etc/ssl/{NAME}.pem", str(tmp_path / "cert.pem"))
        text = put(text, f"/etc/ssl/{NAME}.key", str(tmp_path / "key.pem"))
        place = tmp_path / "nginx.conf"
        place.write_text(AROUND.format(folder=tmp_path, documented=text))
        assert NGINX
        process = await asyncio.create_subprocess_exec(NGINX, "-e", "stderr", "-c", str(place))
        try:
            await _wait_for(unused_tcp_port, process)
            yield Front(house, unused_tcp_port, trust)
        finally:
            process.terminate()
            await process.wait()


@pytest.mark.parametrize("face", ["chat", "messages", "ollama"])
async def test_a_stream_arrives_spread_in_time(front: Front, face: str) -> None:
    wire, model = WIRES[face], "chat/mock-model"
    front.house.far["chat"].scenario(slow={"between_events_s": GAP_S})
    arrived: dict[int, float] = {}
    seen = b""
    async with front.ask(wire.path(model, True), wire.body(model, TEXT, True)) as raw:
        await raw.read_head()
        async for chunk in raw.chunks():
            seen += chunk
            arrived.setdefault(
                sum(word.encode() in seen for word in TEXT.split()), time.monotonic()
            )

    assert raw.whole
    # Two may come together where the machine stood still.
    assert len({1, 2, 3, 4, 5, 6} & set(arrived)) >= 5
    assert arrived[6] - min(arrived.values()) >= 4 * GAP_S * 0.8


@pytest.mark.parametrize("stream", [False, True])
async def test_who_leaves_leaves_the_provider(front: Front, stream: bool) -> None:
    far = front.house.far["chat"]
    far.scenario({"stall": {"after_events": 3}} if stream else {"slow": {"before_headers_s": 30}})
    body = WIRES["chat"].body("chat/mock-model", TEXT, stream)
    async with front.ask("/v1/chat/completions", body) as raw:
        await far.wait_until(lambda far: far.answers == 1, SOON_S)
        if stream:
            await raw.read_head()
            await anext(raw.chunks())
        raw.leave()

        await far.wait_closed(SOON_S)

    assert (far.answers, far.abandoned) == (0, 1)


async def test_a_broken_stream_does_not_look_whole(front: Front) -> None:
    front.house.far["chat"].scenario(cut={"after_events": 3, "how": "rst"})
    body = WIRES["chat"].body("chat/mock-model", TEXT, True)
    async with front.ask("/v1/chat/completions", body) as raw:
        await raw.read_head()
        said = await raw.body()

    assert b"dragoman" in said
    assert not raw.whole


async def test_pictures_pass_and_the_metrics_do_not(front: Front) -> None:
    body = WIRES["chat"].body("chat/mock-model", "x" * 5_000_000, False)
    async with front.ask("/v1/chat/completions", body) as raw:
        await raw.read_head()
        await raw.body()
        assert raw.status == 200
    async with front.ask("/metrics") as raw:
        await raw.read_head()
        assert raw.status == 403
    async with front.ask("/v1/models", key="another") as raw:
        await raw.read_head()
        assert raw.status == 401
