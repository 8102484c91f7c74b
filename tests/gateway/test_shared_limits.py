"""What a key may ask counts for all workers of a gateway together, whichever answers."""

import contextlib
import http.client
import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from dragoman.emulators.emulator import Emulator
from tests.gateway.served import PATIENCE_S, Served, served

Emulators = Callable[..., Emulator[Any]]
Write = Callable[[str], None]
Place = tuple[Path, Emulator[Any], Write]
pytestmark = pytest.mark.timeout(60)


@pytest.fixture
def place(tmp_path: Path, dragoman_emulator: Emulators) -> Place:
    far = dragoman_emulator("openai")
    path = tmp_path / "dragoman.toml"

    def write(limits: str) -> None:
        path.write_text(
            f'[gateway]\nlog = false\n[[gateway.keys]]\nname = "shop"\nkey = "the-key"\n{limits}\n'
            f'[providers.far]\ndialect = "openai_chat"\nbase_url = "{far.url}/v1"\n'
            'api_key = "any"\nmodels = ["mock-model"]\n'
        )

    return path, far, write


@contextlib.contextmanager
def _answer(gateway: Served, *, stream: bool = False) -> Iterator[http.client.HTTPResponse]:
    chat = {"model": "far/mock-model", "messages": [{"role": "user", "content": "Hello"}]}
    with contextlib.closing(
        http.client.HTTPConnection(gateway.address, timeout=PATIENCE_S)
    ) as line:
        headers = {"authorization": "Bearer the-key"}
        body = json.dumps({**chat, "stream": stream})
        line.request("POST", "/v1/chat/completions", body, headers)
        with line.getresponse() as reply:
            yield reply


def _ask(gateway: Served) -> tuple[int, dict[str, str]]:
    """The status, and the headers."""
    with _answer(gateway) as reply:
        reply.read()
        return reply.status, {name.lower(): text for name, text in reply.getheaders()}


def _seconds(text: str) -> float:
    assert text.endswith("s")
    return float(text[:-1])


@pytest.mark.parametrize("relay", ["on", "off"])
def test_all_workers_together_let_in_the_limit(place: Place, relay: str) -> None:
    path, far, write = place
    write("requests_per_minute = 24")
    path.write_text(path.read_text().replace("log = false", f'log = false\nrelay = "{relay}"'))
    with (
        served(path, "--workers", "2") as gateway,
        ThreadPoolExecutor(8) as callers,
    ):
        began_at = time.monotonic()
        answers = list(callers.map(lambda _: _ask(gateway), range(60)))
        refused = [headers for status, headers in answers if status == 429]
        let_in = [headers for status, headers in answers if status == 200]
        taken_s = time.monotonic() - began_at

    assert (len(let_in), len(refused), len(far.journal)) == (24, 36, 24)
    left = [int(headers["x-ratelimit-remaining-requests"]) for headers in let_in]
    assert sorted(left) == list(range(24))
    assert {headers["x-ratelimit-remaining-requests"] for headers in refused} == {"0"}
    for headers in (*let_in, *refused):
        assert headers["x-ratelimit-limit-requests"] == "24"
        assert 60 - taken_s <= _seconds(headers["x-ratelimit-reset-requests"]) <= 60.251
    for headers in refused:
        assert 60 - taken_s <= float(headers["retry-after"]) <= 61


def test_tokens_that_one_worker_counted_are_used_up_for_all(place: Place) -> None:
    path, _, write = place
    write("tokens_per_minute = 1")
    with served(path, "--workers", "2") as gateway:
        first, headers = _ask(gateway)
        later = [_ask(gateway) for _ in range(12)]

    assert (first, headers["x-ratelimit-remaining-tokens"]) == (200, "1")
    assert {(status, told["x-ratelimit-remaining-tokens"]) for status, told in later} == {
        (429, "0")
    }


def test_a_new_configuration_counts_on(place: Place) -> None:
    path, _, write = place
    write("requests_per_minute = 5")
    with served(path, "--workers", "2") as gateway:
        assert [_ask(gateway)[0] for _ in range(12)] == [200] * 5 + [429] * 7
        write("requests_per_minute = 8")
        gateway.process.send_signal(signal.SIGHUP)
        gateway.wait_for("the new configuration is in force")
        deadline = time.monotonic() + PATIENCE_S
        statuses: list[int] = []
        while statuses.count(200) < 3:
            assert time.monotonic() < deadline
            statuses.append(_ask(gateway)[0])

        assert [_ask(gateway)[0] for _ in range(12)] == [429] * 12


def test_what_a_killed_worker_ran_is_free_again(place: Place) -> None:
    path, far, write = place
    write("concurrency = 2")
    far.scenario(stall={"after_events": 2})
    with (
        served(path, "--workers", "2") as gateway,
        contextlib.ExitStack() as open_answers,
    ):
        for _ in range(2):
            reply = open_answers.enter_context(_answer(gateway, stream=True))
            assert reply.status == 200
        assert {_ask(gateway)[0] for _ in range(12)} == {429}

        for worker in (before := gateway.workers()):
            os.kill(worker, signal.SIGKILL)
        deadline = time.monotonic() + 30
        while len(gateway.workers() - before) < 2:
            assert time.monotonic() < deadline
            time.sleep(0.02)

        far.scenario()
        assert {_ask(gateway)[0] for _ in range(12)} == {200}
