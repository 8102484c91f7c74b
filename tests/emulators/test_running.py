"""Ways to run an emulator: TLS, `serve`, the pytest fixture."""

import asyncio
import os
import ssl
import subprocess
import sys
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from tests.emulators.wire import aichat, exchange

from dragoman import emulators

COOKIES = {"cf_clearance": "let-me-in"}
FIELDS = {"temperature": 1, "top_p": 1, "presence_penalty": 0, "frequency_penalty": 0}


async def ask(url: str, context: ssl.SSLContext | bool = True) -> Any:
    async with (
        aiohttp.ClientSession(cookies=COOKIES) as session,
        session.post(f"{url}/api/text", json={"message": "hi", **FIELDS}, ssl=context) as reply,
    ):
        return await reply.json()


async def test_tls_is_verified_by_the_runs_own_authority() -> None:
    async with emulators.run("aichat", tls=True) as emulator:
        context = await asyncio.to_thread(ssl.create_default_context, cafile=emulator.ca_file)

        assert emulator.url.startswith("https://127.0.0.1:")
        assert (await ask(emulator.url, context))["message"] == "hi"
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await ask(emulator.url)

    assert not await asyncio.to_thread(Path(emulator.ca_file or "").exists)


@pytest.mark.parametrize("how", ["fin", "rst"])
async def test_a_cut_is_a_cut_under_tls_too(how: str) -> None:
    cut = {"after_bytes": 5, "how": how}
    async with emulators.run("aichat", tls=True, scenario={"cut": cut}) as emulator:
        context = await asyncio.to_thread(ssl.create_default_context, cafile=emulator.ca_file)

        with pytest.raises((aiohttp.ClientPayloadError, aiohttp.ClientOSError)):
            await ask(emulator.url, context)


async def test_without_its_library_tls_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "trustme", None)

    with pytest.raises(ImportError, match=r"pip install 'dragoman\[tls\]'"):
        async with emulators.run("aichat", tls=True):
            pass


async def test_serve_tells_its_url_and_runs_until_cancelled() -> None:
    listening: asyncio.Future[emulators.Emulator[Any]] = asyncio.get_running_loop().create_future()

    serving = asyncio.create_task(
        emulators.serve("aichat", listening.set_result, scenario={"answer": "served"})
    )
    emulator = await listening
    assert (await exchange(emulator.url, aichat())).json()["message"] == "served"

    serving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await serving
    with pytest.raises(ConnectionRefusedError):
        await exchange(emulator.url, aichat())


async def test_a_taken_port_is_an_error() -> None:
    async with emulators.run("aichat") as emulator:
        port = int(emulator.url.rpartition(":")[2])

        with pytest.raises(OSError, match="in use"):
            async with emulators.run("aichat", port=port):
                pass


async def test_two_emulators_of_a_name_are_strangers() -> None:
    async with (
        emulators.run("aichat", scenario={"status": 500}) as one,
        emulators.run("aichat") as two,
    ):
        assert (await exchange(one.url, aichat())).status == 500
        assert (await exchange(two.url, aichat())).status == 200
        assert len(two.journal) == 1


PLUGIN_TEST = """
import sys
import urllib.request
import pytest

PLUGIN_LOADED_NO_SERVER = "aiohttp" not in sys.modules

def get(url):
    with urllib.request.urlopen(url) as reply:
        return reply.read()

def test_import_is_light():
    assert PLUGIN_LOADED_NO_SERVER

def test_sync(dragoman_emulator):
    one = dragoman_emulator("fakegpt", scenario={"pool": {"accounts": []}})
    two = dragoman_emulator("aichat")
    assert get(one.url + "/api/loads?t=1") == b'{"loads":[]}'
    assert b"html" in get(two.url + "/chat")
    assert one.journal[0]["path"] == "/api/loads"
    assert one.url != two.url

def test_tls(dragoman_emulator):
    import ssl
    emulator = dragoman_emulator("aichat", tls=True)
    context = ssl.create_default_context(cafile=emulator.ca_file)
    with urllib.request.urlopen(emulator.url + "/chat", context=context) as reply:
        assert reply.status == 200

def test_wrong(dragoman_emulator):
    with pytest.raises(ValueError, match="statsu"):
        dragoman_emulator("aichat", scenario={"statsu": 1})

async def test_async(dragoman_emulator):
    import aiohttp
    from blockbuster import blockbuster_ctx
    with blockbuster_ctx():
        emulator = dragoman_emulator("fakegpt", scenario={"slow": {"before_first_s": 60}})
        async with aiohttp.ClientSession() as session:
            async with session.get(emulator.url + "/api/loads?t=1") as reply:
                assert reply.status == 200
        await emulator.wait_closed()
        emulator.scenario(status=500)
"""


async def test_the_pytest_fixture_serves_every_kind_of_test(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(PLUGIN_TEST)
    options = ["-q", "-p", "no:cacheprovider", "-W", "error", "-o", "asyncio_mode=auto"]
    options += ["-o", "asyncio_default_fixture_loop_scope=function"]
    environment = {**os.environ, "HOME": str(tmp_path)}

    run = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "pytest", *options, str(tmp_path)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert "5 passed" in run.stdout, run.stdout + run.stderr
