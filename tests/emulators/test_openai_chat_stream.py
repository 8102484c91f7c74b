"""The bytes of a Chat Completions stream: which chunk comes when."""

import json
from typing import Any

from tests.emulators.openai_wire import chat, chunks, openai

CALL = {"tool_call": {"name": "weather", "arguments": {"city": "Rome"}}}


def deltas(seen: list[Any]) -> list[Any]:
    return [chunk["choices"][0]["delta"] for chunk in seen]


async def test_the_role_comes_first_and_the_reason_last() -> None:
    async with openai() as (emulator, _):
        wire = await chat(emulator, stream=True)

        assert wire.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert wire.headers["x-request-id"] == "req_1"
        assert deltas(chunks(wire)) == [
            {"role": "assistant", "content": "", "refusal": None},
            {"content": "one"},
            {"content": " two"},
            {},
        ]
        reasons = [chunk["choices"][0]["finish_reason"] for chunk in chunks(wire)]
        assert reasons == [None, None, None, "stop"]


async def test_every_chunk_has_the_same_head() -> None:
    async with openai() as (emulator, _):
        seen = chunks(await chat(emulator, stream=True, service_tier="flex"))

        heads = [
            {name: chunk[name] for name in ("id", "object", "model", "service_tier")}
            for chunk in seen
        ]
        expected = {
            "id": "chatcmpl-1",
            "object": "chat.completion.chunk",
            "model": "mock-model",
            "service_tier": "flex",
        }
        assert heads == [expected] * 4
        assert all("usage" not in chunk for chunk in seen)


async def test_usage_is_null_until_a_chunk_without_choices() -> None:
    async with openai() as (emulator, _):
        seen = chunks(await chat(emulator, stream=True, stream_options={"include_usage": True}))

        assert [chunk["usage"] for chunk in seen[:-1]] == [None] * 4
        assert seen[-1]["choices"] == []
        assert seen[-1]["usage"]["total_tokens"] == 4


async def test_a_call_that_opens_the_answer_comes_with_the_role() -> None:
    async with openai({"answer": [CALL, CALL]}) as (emulator, _):
        seen = deltas(chunks(await chat(emulator, stream=True)))

        function = {"name": "weather", "arguments": ""}
        opening = {"index": 0, "id": "call_1", "type": "function", "function": function}
        assert seen[0] == {
            "role": "assistant",
            "content": None,
            "refusal": None,
            "tool_calls": [opening],
        }
        assert seen[1] == {"tool_calls": [{"index": 0, "function": {"arguments": '{"city":'}}]}
        second = {**opening, "index": 1, "id": "call_2"}
        assert seen[3] == {"tool_calls": [second]}
        pieces = [delta["tool_calls"][0] for delta in seen[4:-1]]
        assert {piece["index"] for piece in pieces} == {1}
        whole = "".join(piece["function"]["arguments"] for piece in pieces)
        assert json.loads(whole) == {"city": "Rome"}


async def test_reasoning_comes_before_the_text_in_its_own_field() -> None:
    answer = [{"reasoning": "let me"}, {"reasoning": " see"}, {"text": "Hi"}]
    async with openai({"answer": answer}) as (emulator, _):
        seen = deltas(chunks(await chat(emulator, stream=True)))

        assert seen[1:-1] == [
            {"reasoning_content": "let me"},
            {"reasoning_content": " see"},
            {"content": "Hi"},
        ]


async def test_a_refusal_comes_in_its_own_field() -> None:
    async with openai({"answer": [{"refusal": "No"}]}) as (emulator, _):
        assert deltas(chunks(await chat(emulator, stream=True)))[1] == {"refusal": "No"}


async def test_choices_take_turns() -> None:
    async with openai() as (emulator, _):
        seen = chunks(await chat(emulator, stream=True, n=2))

        assert [chunk["choices"][0]["index"] for chunk in seen] == [0, 1] * 4


async def test_probabilities_go_with_each_piece_of_text() -> None:
    async with openai() as (emulator, _):
        seen = chunks(await chat(emulator, stream=True, logprobs=True))

        probable = [chunk["choices"][0]["logprobs"] for chunk in seen]
        assert probable[0] is None
        pieces = [each["content"][0] for each in probable[1:-1]]
        assert [piece["token"] for piece in pieces] == ["one", " two"]
        assert pieces[0]["top_logprobs"] == []
        assert probable[-1] is None


async def test_sizes_are_hidden_unless_the_client_says_no() -> None:
    async with openai() as (emulator, _):
        hidden = chunks(await chat(emulator, stream=True))
        plain = chunks(
            await chat(emulator, stream=True, stream_options={"include_obfuscation": False})
        )

        assert [len(chunk["obfuscation"]) for chunk in hidden[1:3]] == [13, 12]
        assert all("obfuscation" not in chunk for chunk in plain)


async def test_an_empty_answer_is_a_role_and_a_reason() -> None:
    async with openai({"answer": []}) as (emulator, _):
        whole = (await chat(emulator)).json()
        seen = deltas(chunks(await chat(emulator, stream=True)))

        assert whole["choices"][0]["message"]["content"] == ""
        assert seen == [{"role": "assistant", "content": "", "refusal": None}, {}]
