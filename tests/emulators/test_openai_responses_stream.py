"""The named events of a Responses stream: which comes when, and what is in them."""

import json
from typing import Any

import pytest
from tests.emulators.openai_wire import named_events, openai, respond

THOUGHT = [{"reasoning": "let me"}, {"reasoning": " see"}]
CALL = {"tool_call": {"name": "weather", "arguments": {"city": "Rome"}}}
ENCRYPTED = ["reasoning.encrypted_content"]


def short(seen: list[tuple[str, Any]]) -> list[str]:
    return [name.removeprefix("response.") for name, _ in seen]


async def test_a_text_is_announced_filled_and_done() -> None:
    async with openai() as (emulator, _):
        wire = await respond(emulator, stream=True)

        seen = named_events(wire)
        assert wire.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert short(seen) == [
            "created",
            "in_progress",
            "output_item.added",
            "content_part.added",
            "output_text.delta",
            "output_text.delta",
            "output_text.done",
            "content_part.done",
            "output_item.done",
            "completed",
        ]
        assert all(data["type"] == name for name, data in seen)
        assert [data["sequence_number"] for _, data in seen] == list(range(10))


async def test_a_call_comes_in_pieces() -> None:
    async with openai({"answer": [CALL]}) as (emulator, _):
        seen = named_events(await respond(emulator, stream=True))

        assert short(seen)[2:-1] == [
            "output_item.added",
            "function_call_arguments.delta",
            "function_call_arguments.delta",
            "function_call_arguments.done",
            "output_item.done",
        ]
        added, done = seen[2][1]["item"], seen[-2][1]["item"]
        assert (added["name"], added["arguments"], added["status"]) == (
            "weather",
            "",
            "in_progress",
        )
        assert "".join(data["delta"] for _, data in seen[3:5]) == done["arguments"]
        assert json.loads(done["arguments"]) == {"city": "Rome"}
        assert seen[5][1]["arguments"] == done["arguments"]
        assert {data["item_id"] for _, data in seen[3:6]} == {done["id"]} == {added["id"]}


async def test_a_summary_of_reasoning_comes_before_the_text() -> None:
    async with openai({"answer": [*THOUGHT, {"text": "Hi"}]}) as (emulator, _):
        wire = await respond(
            emulator, stream=True, reasoning={"summary": "auto"}, include=ENCRYPTED
        )

        seen = named_events(wire)
        assert short(seen)[2:10] == [
            "output_item.added",
            "reasoning_summary_part.added",
            "reasoning_summary_text.delta",
            "reasoning_summary_text.delta",
            "reasoning_summary_text.done",
            "reasoning_summary_part.done",
            "output_item.done",
            "output_item.added",
        ]
        assert [data["delta"] for _, data in seen[4:6]] == ["let me", " see"]
        assert seen[6][1]["text"] == seen[7][1]["part"]["text"] == "let me see"
        assert [data.get("output_index") for _, data in seen[2:10]] == [0] * 7 + [1]


async def test_only_the_finished_item_has_the_seal_that_is_good() -> None:
    thinking = {"reasoning": {"summary": "auto"}, "include": ENCRYPTED}
    async with openai({"answer": [*THOUGHT, {"text": "Hi"}]}) as (emulator, _):
        seen = named_events(await respond(emulator, stream=True, **thinking))
        begun, done = seen[2][1]["item"], seen[8][1]["item"]
        message = seen[-1][1]["response"]["output"][1]
        early = {**done, "encrypted_content": begun["encrypted_content"]}

        replies = [await respond(emulator, input=[item, message]) for item in (done, early)]

        assert [reply.status for reply in replies] == [200, 400]


async def test_without_a_summary_reasoning_is_an_item_only() -> None:
    async with openai({"answer": THOUGHT}) as (emulator, _):
        seen = named_events(await respond(emulator, stream=True))

        assert short(seen)[2:-1] == ["output_item.added", "output_item.done"]
        assert seen[3][1]["item"]["summary"] == []


async def test_a_refusal_has_its_own_events() -> None:
    async with openai({"answer": [{"refusal": "No"}, {"refusal": "!"}]}) as (emulator, _):
        seen = named_events(await respond(emulator, stream=True))

        assert short(seen)[3:-2] == [
            "content_part.added",
            "refusal.delta",
            "refusal.delta",
            "refusal.done",
            "content_part.done",
        ]
        assert seen[6][1]["refusal"] == "No!"
        assert seen[3][1]["part"] == {"type": "refusal", "refusal": ""}


@pytest.mark.parametrize(
    ("finish_reason", "last", "item"),
    [
        ("stop", "completed", "completed"),
        ("length", "incomplete", "incomplete"),
        ("content_filter", "incomplete", "incomplete"),
        ("failed", "failed", "completed"),
    ],
)
async def test_the_last_event_tells_the_end(finish_reason: str, last: str, item: str) -> None:
    answer = [{"text": "Hi"}, {"finish_reason": finish_reason}]
    async with openai({"answer": answer}) as (emulator, _):
        seen = named_events(await respond(emulator, stream=True))

        assert short(seen)[-1] == last
        assert seen[-1][1]["response"]["status"] == last
        assert seen[-2][1]["item"]["status"] == item


async def test_the_last_event_is_the_whole_answer() -> None:
    answer = [*THOUGHT, {"text": "Hi"}, CALL, {"refusal": "No"}]
    async with openai({"answer": answer}) as (emulator, _):
        whole = (await respond(emulator)).json()
        seen = named_events(await respond(emulator, stream=True))

        last = seen[-1][1]["response"]
        items = [data["item"] for name, data in seen if name.endswith("item.done")]
        assert last["output"] == items
        assert [item["type"] for item in whole["output"]] == [item["type"] for item in items]
        assert whole["usage"] == last["usage"]
        begun = seen[0][1]["response"]
        assert (begun["status"], begun["output"], begun["usage"]) == ("in_progress", [], None)
        assert begun == seen[1][1]["response"]


async def test_probabilities_go_with_each_piece() -> None:
    fields = {"include": ["message.output_text.logprobs"], "top_logprobs": 1}
    async with openai() as (emulator, _):
        seen = named_events(await respond(emulator, stream=True, **fields))

        assert [data["logprobs"][0]["token"] for _, data in seen[4:6]] == ["one", " two"]
        assert len(seen[6][1]["logprobs"]) == 2


async def test_sizes_are_hidden_unless_the_client_says_no() -> None:
    async with openai() as (emulator, _):
        hidden = named_events(await respond(emulator, stream=True))
        plain = named_events(
            await respond(emulator, stream=True, stream_options={"include_obfuscation": False})
        )

        assert [len(data["obfuscation"]) for _, data in hidden[4:6]] == [13, 12]
        assert all("obfuscation" not in data for _, data in plain)


async def test_the_sdk_gathers_what_the_stream_says() -> None:
    async with openai({"answer": [*THOUGHT, {"text": "Hi"}, CALL]}) as (_, client):
        async with client.responses.stream(
            model="m", input="hi", reasoning={"summary": "auto"}
        ) as stream:
            names = [event.type async for event in stream]
            said = await stream.get_final_response()

        assert said.output_text == "Hi"
        assert [item.type for item in said.output] == ["reasoning", "message", "function_call"]
        assert names[-1] == "response.completed"
