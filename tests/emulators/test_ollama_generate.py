"""Ollama's generate, models and embeddings, as its official SDK sees them."""

from typing import Any

import ollama
import pytest
from tests.emulators.test_ollama_chat import MODEL, ollama_with
from tests.emulators.wire import exchange, request

from dragoman import emulators


async def test_generate_answers_the_prompt() -> None:
    async with ollama_with() as seen:
        reply = await seen.client.generate(model=MODEL, prompt="one two", system="short")
        parts = await seen.client.generate(model=MODEL, prompt="one two", stream=True)

        assert (reply.response, reply.done_reason) == ("one two", "stop")
        assert [part.response async for part in parts] == ["one", " two", ""]
        assert seen.complaints == []


async def test_generate_thinks_beside_its_response() -> None:
    async with ollama_with(answer=[{"reasoning": "Well,"}, {"text": "Yes."}]) as seen:
        reply = await seen.client.generate(model=MODEL, prompt="so?", think=True)

        assert (reply.thinking, reply.response) == ("Well,", "Yes.")


async def test_generate_hands_out_a_context_that_grows() -> None:
    async with ollama_with() as seen:
        first = await seen.client.generate(model=MODEL, prompt="one two")
        second = await seen.client.generate(model=MODEL, prompt="three", context=first.context)
        raw = await seen.client.generate(model=MODEL, prompt="one", raw=True)

        assert first.context is not None
        assert second.context is not None
        assert (len(first.context), len(second.context)) == (4, 6)
        assert second.context[:4] == first.context
        assert raw.context is None


@pytest.mark.parametrize(("keep_alive", "reason"), [(None, "load"), (0, "unload"), ("0", "unload")])
async def test_without_a_prompt_it_only_loads_or_unloads(keep_alive: Any, reason: str) -> None:
    async with ollama_with() as seen:
        reply = await seen.client.generate(model=MODEL, keep_alive=keep_alive)

        assert (reply.response, reply.done, reply.done_reason) == ("", True, reason)


async def test_generate_fits_a_format_and_its_limits() -> None:
    async with ollama_with() as seen:
        fitting = await seen.client.generate(model=MODEL, prompt="so?", format={"type": "array"})
        cut = await seen.client.generate(model=MODEL, prompt="a b c", options={"num_predict": 1})

        assert fitting.response == "[null]"
        assert (cut.response, cut.done_reason) == ("a", "length")


async def test_models_are_listed() -> None:
    async with ollama_with() as seen:
        listed = (await seen.client.list()).models

        names = [model.model for model in listed]
        assert names == ["mock-model", "mock-large", "mock-plain:7b", "mock-embed"]
        assert all(model.size and model.digest and model.modified_at for model in listed)
        assert all(model.details and model.details.format == "gguf" for model in listed)


@pytest.mark.parametrize("name", ["mock-model", "mock-model:latest", "any-name:7b"])
async def test_a_model_is_shown(name: str) -> None:
    async with ollama_with() as seen:
        shown = await seen.client.show(name)

        facts = shown.modelinfo or {}
        assert facts[f"{facts['general.architecture']}.context_length"] == 131_072
        assert set(shown.capabilities or ()) >= {"completion", "tools", "vision", "thinking"}
        assert shown.details is not None
        assert all((shown.template, shown.parameters, shown.modelfile, shown.modified_at))


async def test_a_plain_model_tells_what_it_cannot() -> None:
    async with ollama_with() as seen:
        assert (await seen.client.show("mock-plain:7b")).capabilities == ["completion"]
        assert (await seen.client.show("mock-embed")).capabilities == ["embedding"]


async def test_a_missing_model_is_not_shown() -> None:
    async with ollama_with() as seen:
        with pytest.raises(ollama.ResponseError) as caught:
            await seen.client.show("missing-model")

        assert caught.value.status_code == 404


async def test_models_run_from_their_first_chat_to_the_next_scenario() -> None:
    async with ollama_with() as seen:
        await seen.chat(model="mock-large")
        await seen.chat(model="mock-plain:7b", keep_alive="5m")
        running = [model.model for model in (await seen.client.ps()).models]
        seen.emulator.scenario()

        assert running == ["mock-large", "mock-plain:7b"]
        assert (await seen.client.ps()).models == []


async def test_equal_texts_have_equal_embeddings() -> None:
    async with ollama_with() as seen:
        one = await seen.client.embed("mock-embed", "text")
        many = await seen.client.embed("mock-embed", ["text", "other"], dimensions=4)
        old = await seen.client.embeddings("mock-embed", "text")

        assert (len(one.embeddings), len(one.embeddings[0])) == (1, 32)
        assert [len(vector) for vector in many.embeddings] == [4, 4]
        assert many.embeddings[0] != many.embeddings[1]
        assert old.embedding == one.embeddings[0]


PLAIN = [
    ("GET", "/", 200, "Ollama is running"),
    ("HEAD", "/", 200, ""),
    ("HEAD", "/api/version", 200, ""),
    ("GET", "/api/version", 200, '{"version":"0.40.12"}'),
    ("GET", "/api/chat", 405, "405 method not allowed"),
    ("GET", "/api/nothing", 404, "404 page not found"),
]


@pytest.mark.parametrize(("method", "path", "status", "body"), PLAIN)
async def test_the_other_paths(method: str, path: str, status: int, body: str) -> None:
    async with emulators.run("ollama") as emulator:
        reply = await exchange(emulator.url, request(method, path))

        assert (reply.status, reply.text) == (status, body)
