"""The official SDK of each face as one little client: ask, stream, call a tool."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anthropic
import ollama
import openai
from google.genai import types

from tests.emulators.gemini_client import sdk as gemini_sdk

__all__ = ["FACES", "Talker"]

SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


class Talker(ABC):
    """What every official SDK can do, in one form."""

    def __init__(self, sdk: Any) -> None:
        self.sdk = sdk

    @abstractmethod
    async def ask(self, model: str, text: str) -> str:
        """The whole answer."""

    @abstractmethod
    async def stream(self, model: str, text: str) -> list[str]:
        """The answer's deltas."""

    @abstractmethod
    async def call_tool(self, model: str) -> tuple[str, Any, str]:
        """The tool that was called, its arguments, and the answer to its result."""


class _Chat(Talker):
    async def ask(self, model: str, text: str) -> str:
        answer = await self.sdk.chat.completions.create(model=model, messages=_said(text))
        assert answer.choices[0].finish_reason == "stop"
        assert answer.usage.completion_tokens > 0
        return str(answer.choices[0].message.content)

    async def stream(self, model: str, text: str) -> list[str]:
        chunks = await self.sdk.chat.completions.create(
            model=model, messages=_said(text), stream=True
        )
        return [
            chunk.choices[0].delta.content
            async for chunk in chunks
            if chunk.choices and chunk.choices[0].delta.content
        ]

    async def call_tool(self, model: str) -> tuple[str, Any, str]:
        tools = [{"type": "function", "function": {"name": "weather", "parameters": SCHEMA}}]
        messages: list[Any] = _said("Weather?")
        first = await self.sdk.chat.completions.create(model=model, messages=messages, tools=tools)
        (call,) = first.choices[0].message.tool_calls
        messages += [
            first.choices[0].message,
            {"role": "tool", "tool_call_id": call.id, "content": "It rains."},
        ]
        second = await self.sdk.chat.completions.create(model=model, messages=messages, tools=tools)
        text = str(second.choices[0].message.content)
        return call.function.name, call.function.arguments, text


class _Responses(Talker):
    async def ask(self, model: str, text: str) -> str:
        answer = await self.sdk.responses.create(model=model, input=text)
        assert answer.status == "completed"
        assert answer.usage.output_tokens > 0
        return str(answer.output_text)

    async def stream(self, model: str, text: str) -> list[str]:
        async with self.sdk.responses.stream(model=model, input=text) as events:
            said = [e.delta async for e in events if e.type == "response.output_text.delta"]
            assert (await events.get_final_response()).output_text == "".join(said)
        return said

    async def call_tool(self, model: str) -> tuple[str, Any, str]:
        tools = [{"type": "function", "name": "weather", "parameters": SCHEMA, "strict": False}]
        first = await self.sdk.responses.create(model=model, input="Weather?", tools=tools)
        (call,) = [item for item in first.output if item.type == "function_call"]
        turns = [
            {"role": "user", "content": "Weather?"},
            *first.output,
            {"type": "function_call_output", "call_id": call.call_id, "output": "It rains."},
        ]
        second = await self.sdk.responses.create(model=model, input=turns, tools=tools)
        return call.name, call.arguments, str(second.output_text)


class _Messages(Talker):
    async def ask(self, model: str, text: str) -> str:
        answer = await self.sdk.messages.create(model=model, messages=_said(text), max_tokens=99)
        assert answer.stop_reason == "end_turn"
        assert answer.usage.output_tokens > 0
        return str(answer.content[0].text)

    async def stream(self, model: str, text: str) -> list[str]:
        async with self.sdk.messages.stream(
            model=model, messages=_said(text), max_tokens=99
        ) as events:
            said = [piece async for piece in events.text_stream]
            assert (await events.get_final_message()).content[0].text == "".join(said)
        return said

    async def call_tool(self, model: str) -> tuple[str, Any, str]:
        tools = [{"name": "weather", "input_schema": SCHEMA}]
        asked = _said("Weather?")
        first = await self.sdk.messages.create(
            model=model, messages=asked, max_tokens=99, tools=tools
        )
        (call,) = [block for block in first.content if block.type == "tool_use"]
        result = {"type": "tool_result", "tool_use_id": call.id, "content": "It rains."}
        turns = [
            *asked,
            {"role": "assistant", "content": first.content},
            {"role": "user", "content": [result]},
        ]
        second = await self.sdk.messages.create(
            model=model, messages=turns, max_tokens=99, tools=tools
        )
        return call.name, call.input, str(second.content[0].text)


class _Gemini(Talker):
    async def ask(self, model: str, text: str) -> str:
        answer = await self.sdk.models.generate_content(model=model, contents=text)
        assert answer.candidates[0].finish_reason == "STOP"
        assert answer.usage_metadata.candidates_token_count > 0
        return str(answer.text)

    async def stream(self, model: str, text: str) -> list[str]:
        chunks = await self.sdk.models.generate_content_stream(model=model, contents=text)
        return [chunk.text async for chunk in chunks if chunk.text]

    async def call_tool(self, model: str) -> tuple[str, Any, str]:
        tool = types.Tool(
            function_declarations=[
                types.FunctionDeclaration(name="weather", parameters_json_schema=SCHEMA)
            ]
        )
        how = types.GenerateContentConfig(
            tools=[tool],
            automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
        )
        asked = types.Content(role="user", parts=[types.Part(text="Weather?")])
        first = await self.sdk.models.generate_content(model=model, contents=[asked], config=how)
        (call,) = first.function_calls
        result = types.FunctionResponse(
            id=call.id, name=call.name, response={"output": "It rains."}
        )
        turns = [
            asked,
            first.candidates[0].content,
            types.Content(role="user", parts=[types.Part(function_response=result)]),
        ]
        second = await self.sdk.models.generate_content(model=model, contents=turns, config=how)
        return str(call.name), call.args, str(second.text)


class _Ollama(Talker):
    async def ask(self, model: str, text: str) -> str:
        answer = await self.sdk.chat(model=model, messages=_said(text))
        assert answer.done_reason == "stop"
        assert answer.eval_count > 0
        return str(answer.message.content)

    async def stream(self, model: str, text: str) -> list[str]:
        chunks = await self.sdk.chat(model=model, messages=_said(text), stream=True)
        return [chunk.message.content async for chunk in chunks if chunk.message.content]

    async def call_tool(self, model: str) -> tuple[str, Any, str]:
        tools = [
            {
                "type": "function",
                "function": {"name": "weather", "description": "", "parameters": SCHEMA},
            }
        ]
        asked: list[Any] = _said("Weather?")
        first = await self.sdk.chat(model=model, messages=asked, tools=tools)
        (call,) = first.message.tool_calls
        asked += [
            first.message,
            {"role": "tool", "tool_name": call.function.name, "content": "It rains."},
        ]
        second = await self.sdk.chat(model=model, messages=asked, tools=tools)
        return call.function.name, call.function.arguments, str(second.message.content)


def _said(text: str) -> list[Any]:
    return [{"role": "user", "content": text}]


@asynccontextmanager
async def _openai(url: str, kind: type[Talker]) -> AsyncIterator[Talker]:
    async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="any", max_retries=0) as sdk:
        yield kind(sdk)


@asynccontextmanager
async def chat(url: str) -> AsyncIterator[Talker]:
    async with _openai(url, _Chat) as talker:
        yield talker


@asynccontextmanager
async def responses(url: str) -> AsyncIterator[Talker]:
    async with _openai(url, _Responses) as talker:
        yield talker


@asynccontextmanager
async def messages(url: str) -> AsyncIterator[Talker]:
    async with anthropic.AsyncAnthropic(base_url=url, api_key="any", max_retries=0) as sdk:
        yield _Messages(sdk)


@asynccontextmanager
async def gemini(url: str) -> AsyncIterator[Talker]:
    async with gemini_sdk(url) as sdk:
        yield _Gemini(sdk)


@asynccontextmanager
async def ollama_chat(url: str) -> AsyncIterator[Talker]:
    sdk = ollama.AsyncClient(host=url)
    yield _Ollama(sdk)
    await sdk._client.aclose()


FACES = {
    "chat": chat,
    "responses": responses,
    "messages": messages,
    "gemini": gemini,
    "ollama": ollama_chat,
}
"""Each face's official SDK."""
