"""Official SDKs without a socket between them and the gateway."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anthropic
import openai
import pytest

import dragoman

# What its first import reads from the disk is read here and not in a loop.
import dragoman.gateway.in_process
from dragoman import Config, emulators
from dragoman.emulators.emulator import Emulator

SAID: list[Any] = [{"role": "user", "content": "one two three"}]
MODEL = "far/mock-model"
WITHIN_S = 10.0


@pytest.fixture
async def far() -> AsyncIterator[Emulator[Any]]:
    async with emulators.run("openai") as emulator:
        yield emulator


@pytest.fixture
def config(far: Emulator[Any]) -> Config:
    far_side = {"base_url": f"{far.url}/v1", "api_key": "any", "models": ["mock-model"]}
    return Config.of({"far": {"dialect": "openai_chat", **far_side}})


async def test_both_sdks_reach_a_provider_of_another_dialect(config: Config) -> None:
    async with dragoman.openai(config) as sdk:
        chat = await sdk.chat.completions.create(model=MODEL, messages=SAID)
        reply = await sdk.responses.create(model=MODEL, input="one two three")
    async with dragoman.anthropic(config) as claude:
        message = await claude.messages.create(model=MODEL, messages=SAID, max_tokens=99)

    assert isinstance(sdk, openai.AsyncOpenAI)
    assert isinstance(claude, anthropic.AsyncAnthropic)
    assert chat.choices[0].message.content == "one two three"
    assert reply.output_text == "one two three"
    assert getattr(message.content[0], "text", "") == "one two three"


async def test_deltas_come_when_the_provider_sends_them(config: Config, far: Emulator[Any]) -> None:
    """An in-process client that gathers the body first would give all of them at the end."""
    far.scenario(slow={"between_events_s": 0.1})

    async with dragoman.openai(config) as sdk:
        stream = await sdk.chat.completions.create(model=MODEL, messages=SAID, stream=True)
        came = [time.monotonic() async for chunk in stream if chunk.choices]

    assert len(came) >= 3
    assert came[-1] - came[0] > 0.1


async def test_a_delta_is_there_before_the_answer_has_its_end(
    config: Config, far: Emulator[Any]
) -> None:
    far.scenario(stall={"after_events": 4})

    async with dragoman.anthropic(config) as sdk:
        stream = sdk.messages.stream(model=MODEL, messages=SAID, max_tokens=99)
        async with stream as events:
            text = await anext(aiter(events.text_stream))

    assert text
    await far.wait_idle(WITHIN_S)


async def test_leaving_a_stream_reaches_the_provider(
    config: Config, far: Emulator[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    # It is told, and not only given up after a while.
    monkeypatch.setattr(dragoman.gateway.in_process, "_CLOSE_S", 600)
    far.scenario(stall={"after_events": 3})

    async with dragoman.openai(config) as sdk:
        stream = await sdk.chat.completions.create(model=MODEL, messages=SAID, stream=True)
        async with stream:
            await anext(aiter(stream))
            assert far.answers == 1

        await far.wait_idle(WITHIN_S)

    assert far.abandoned == 1


@pytest.mark.parametrize("stream", [False, True])
async def test_cancelling_the_call_reaches_the_provider(
    config: Config, far: Emulator[Any], stream: bool
) -> None:
    far.scenario(stall={"headers": False})

    async with dragoman.openai(config) as sdk:
        asking = asyncio.ensure_future(
            sdk.chat.completions.create(model=MODEL, messages=SAID, stream=stream)
        )
        await far.wait_until(lambda emulator: bool(emulator.journal), WITHIN_S)
        asking.cancel()

        with pytest.raises(asyncio.CancelledError):
            await asking
        await far.wait_closed(WITHIN_S)


async def test_closing_the_client_ends_what_still_runs(config: Config, far: Emulator[Any]) -> None:
    far.scenario(stall={"after_events": 3})
    sdk = dragoman.openai(config)
    stream = await sdk.chat.completions.create(model=MODEL, messages=SAID, stream=True)
    await anext(aiter(stream))

    await sdk.close()

    await far.wait_closed(WITHIN_S)
    await stream.close()


async def test_the_sdks_own_timeout_holds(config: Config, far: Emulator[Any]) -> None:
    far.scenario(stall={"headers": False})

    async with dragoman.openai(config) as sdk:
        with pytest.raises(openai.APITimeoutError):
            await sdk.with_options(max_retries=0, timeout=0.2).chat.completions.create(
                model=MODEL, messages=SAID
            )

        await far.wait_closed(WITHIN_S)


async def test_errors_are_the_sdks_own(config: Config, far: Emulator[Any]) -> None:
    far.scenario(status=429, retry_after=30)

    async with dragoman.openai(config) as sdk:
        with pytest.raises(openai.RateLimitError) as limited:
            await sdk.with_options(max_retries=0).chat.completions.create(
                model=MODEL, messages=SAID
            )
    async with dragoman.anthropic(config) as claude:
        with pytest.raises(anthropic.RateLimitError) as limited_too:
            await claude.with_options(max_retries=0).messages.create(
                model=MODEL, messages=SAID, max_tokens=99
            )

    assert limited.value.response.headers["retry-after"] == "30"
    assert limited_too.value.response.headers["retry-after"] == "30"


async def test_a_broken_answer_is_an_error_and_no_short_success(
    config: Config, far: Emulator[Any]
) -> None:
    far.scenario(cut={"after_events": 3})

    async with dragoman.openai(config) as sdk:
        stream = await sdk.chat.completions.create(model=MODEL, messages=SAID, stream=True)
        with pytest.raises(openai.APIError):
            [chunk async for chunk in stream]


async def test_a_slow_reader_holds_the_provider_back(config: Config, far: Emulator[Any]) -> None:
    """What nobody has read yet does not heap up in memory."""
    far.scenario(answer="word " * 200_000)

    async with dragoman.openai(config) as sdk:
        stream = await sdk.chat.completions.create(model=MODEL, messages=SAID, stream=True)
        async with stream:
            await anext(aiter(stream))
            # Long enough to send all of it to a reader that takes it.
            with pytest.raises(TimeoutError):
                await far.wait_idle(0.5)

    await far.wait_idle(WITHIN_S)


async def test_the_gateways_keys_are_not_asked_for_and_nothing_is_logged(
    config: Config, capfd: pytest.CaptureFixture[str]
) -> None:
    """Keys are for those who come over the network; a program's standard error is its own."""
    keyed = Config(
        config.providers, gateway=Config.of({}, gateway={"keys": ["a-key-of-the-gateway"]}).gateway
    )

    async with dragoman.openai(keyed) as sdk:
        await sdk.chat.completions.create(model=MODEL, messages=SAID)

    assert capfd.readouterr().err == ""


def test_a_wrong_configuration_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "dragoman.toml"
    path.write_text("[providers.far]\nservice = 3\n")

    with pytest.raises(dragoman.InputError, match=r"dragoman\.toml:2"):
        dragoman.openai(path)


@pytest.mark.parametrize("name", ["openai", "anthropic"])
def test_a_missing_package_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, name, None)

    with pytest.raises(dragoman.MissingRequirementsError, match=name) as caught:
        getattr(dragoman, name)(Config())

    assert caught.value.hint == f"Install it: pip install 'dragoman[serve]' {name}"
