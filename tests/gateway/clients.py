"""The official SDK of each face as one little client: ask, stream, call a tool."""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any, ClassVar

import anthropic
import ollama
import openai
from google.genai import errors, types

from tests.emulators.gemini_client import sdk as gemini_sdk
from tests.gateway.asked import (
    ROLES,
    SCHEMA,
    Asked,
    Said,
    block,
    data_url,
    input_image,
    question,
    turns_of,
)

__all__ = ["FACES", "Talker"]


class Talker(ABC):
    """What every official SDK can do, in one form."""

    STOP: ClassVar[str]
    LENGTH: ClassVar[str]
    TELLS_WAIT: ClassVar[bool] = True
    """Whether the SDK's error says how long to wait."""

    def __init__(self, sdk: Any) -> None:
        self.sdk = sdk

    @abstractmethod
    async def send(self, model: str, asked: Asked) -> Said:
        """The whole answer."""

    @abstractmethod
    def deltas(self, model: str, text: str) -> AsyncGenerator[str, None]:
        """The answer's deltas as they come."""

    @abstractmethod
    async def call_tool(self, model: str) -> tuple[str, Any, str]:
        """The tool that was called, its arguments, and the answer to its result."""

    @abstractmethod
    def failed(self, error: Exception) -> tuple[int, str | None]:
        """The status of an error of the SDK's own class, and its `retry-after`."""

    async def ask(self, model: str, text: str) -> str:
        """The whole answer."""
        said = await self.send(model, Asked(turns=(text,)))
        assert said.finish == self.STOP
        assert said.written
        return said.text

    async def stream(self, model: str, text: str) -> list[str]:
        """The answer's deltas."""
        async with aclosing(self.deltas(model, text)) as deltas:
            return [delta async for delta in deltas]


class _OpenAI(Talker):
    def failed(self, error: Exception) -> tuple[int, str | None]:
        assert isinstance(error, openai.APIStatusError), error
        classes = {400: openai.BadRequestError, 429: openai.RateLimitError}
        assert type(error) is classes[error.status_code]
        return error.status_code, error.response.headers.get("retry-after")


class _Chat(_OpenAI):
    STOP, LENGTH = "stop", "length"

    async def send(self, model: str, asked: Asked) -> Said:
        shape = {"name": "answer", "schema": asked.schema, "strict": True}
        form = {"type": "json_schema", "json_schema": shape} if asked.schema else openai.omit
        messages = turns_of(asked, "assistant", data_url)
        if asked.system:
            messages.insert(0, {"role": "system", "content": asked.system})
        answer = await self.sdk.chat.completions.create(
            model=model, messages=messages, response_format=form, max_tokens=asked.limit
        )
        (choice,), usage = answer.choices, answer.usage
        counts = (usage.prompt_tokens, usage.completion_tokens) if usage else (None, None)
        return Said(choice.message.content, choice.finish_reason, *counts)

    async def deltas(self, model: str, text: str) -> AsyncGenerator[str, None]:
        chunks = await self.sdk.chat.completions.create(
            model=model, messages=question(text), stream=True
        )
        async with chunks:
            async for chunk in chunks:
                if chunk.choices and chunk.choices[0].delta.content:
                    yield chunk.choices[0].delta.content

    async def call_tool(self, model: str) -> tuple[str, Any, str]:
        tools = [{"type": "function", "function": {"name": "weather", "parameters": SCHEMA}}]
        messages: list[Any] = question("Weather?")
        first = await self.sdk.chat.completions.create(model=model, messages=messages, tools=tools)
        (call,) = first.choices[0].message.tool_calls
        messages += [
            first.choices[0].message,
            {"role": "tool", "tool_call_id": call.id, "content": "It rains."},
        ]
        second = await self.sdk.chat.completions.create(model=model, messages=messages, tools=tools)
        text = str(second.choices[0].message.content)
        return call.function.name, call.function.arguments, text


class _Responses(_OpenAI):
    STOP, LENGTH = "completed", "max_output_tokens"

    async def send(self, model: str, asked: Asked) -> Said:
        form = {"type": "json_schema", "name": "answer", "schema": asked.schema, "strict": True}
        answer = await self.sdk.responses.create(
            model=model,
            input=turns_of(asked, "assistant", input_image),
            instructions=asked.system or openai.omit,
            text={"format": form} if asked.schema else openai.omit,
            max_output_tokens=asked.limit,
        )
        why, usage = answer.incomplete_details, answer.usage
        counts = (usage.input_tokens, usage.output_tokens) if usage else (None, None)
        return Said(answer.output_text, why.reason if why else answer.status, *counts)

    async def deltas(self, model: str, text: str) -> AsyncGenerator[str, None]:
        said = ""
        async with self.sdk.responses.stream(model=model, input=text) as events:
            async for event in events:
                if event.type == "response.output_text.delta":
                    said += event.delta
                    yield event.delta
            assert (await events.get_final_response()).output_text == said

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
    STOP, LENGTH = "end_turn", "max_tokens"

    async def send(self, model: str, asked: Asked) -> Said:
        form = {"format": {"type": "json_schema", "schema": asked.schema}}
        answer = await self.sdk.messages.create(
            model=model,
            messages=turns_of(asked, "assistant", block),
            system=asked.system or anthropic.omit,
            output_config=form if asked.schema else anthropic.omit,
            max_tokens=asked.limit,
        )
        usage = answer.usage
        text = "".join(block.text for block in answer.content)
        return Said(text, answer.stop_reason, usage.input_tokens, usage.output_tokens)

    async def deltas(self, model: str, text: str) -> AsyncGenerator[str, None]:
        said = ""
        asked = self.sdk.messages.stream(model=model, messages=question(text), max_tokens=99)
        async with asked as events:
            async for piece in events.text_stream:
                said += piece
                yield piece
            assert (await events.get_final_message()).content[0].text == said

    async def call_tool(self, model: str) -> tuple[str, Any, str]:
        tools = [{"name": "weather", "input_schema": SCHEMA}]
        asked = question("Weather?")
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

    def failed(self, error: Exception) -> tuple[int, str | None]:
        assert isinstance(error, anthropic.APIStatusError), error
        classes = {400: anthropic.BadRequestError, 429: anthropic.RateLimitError}
        assert type(error) is classes[error.status_code]
        return error.status_code, error.response.headers.get("retry-after")


class _Gemini(Talker):
    STOP, LENGTH = "STOP", "MAX_TOKENS"

    async def send(self, model: str, asked: Asked) -> Said:
        how = types.GenerateContentConfig(
            system_instruction=asked.system or None,
            response_mime_type="application/json" if asked.schema else None,
            response_json_schema=asked.schema,
            max_output_tokens=asked.limit,
        )
        turns = [
            types.Content(role=role, parts=[types.Part(text=text)])
            for role, text in zip(ROLES["model"], asked.turns, strict=False)
        ]
        if asked.image:
            blob = types.Blob(data=asked.image, mime_type="image/png")
            turns[-1].parts = [*(turns[-1].parts or ()), types.Part(inline_data=blob)]
        answer = await self.sdk.models.generate_content(model=model, contents=turns, config=how)
        usage = answer.usage_metadata
        counts = (usage.prompt_token_count, usage.candidates_token_count) if usage else (None, None)
        return Said(answer.text, answer.candidates[0].finish_reason, *counts)

    async def deltas(self, model: str, text: str) -> AsyncGenerator[str, None]:
        chunks = await self.sdk.models.generate_content_stream(model=model, contents=text)
        async with aclosing(chunks):
            async for chunk in chunks:
                if chunk.text:
                    yield chunk.text

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

    def failed(self, error: Exception) -> tuple[int, str | None]:
        assert isinstance(error, errors.ClientError), error
        details = error.details["error"].get("details", [])
        waits = [row["retryDelay"] for row in details if "retryDelay" in row]
        return error.code, waits[0].removesuffix("s") if waits else None


class _Ollama(Talker):
    STOP, LENGTH = "stop", "length"
    TELLS_WAIT = False

    async def send(self, model: str, asked: Asked) -> Said:
        messages: list[Any] = [
            {"role": role, "content": text}
            for role, text in zip(ROLES["assistant"], asked.turns, strict=False)
        ]
        if asked.image:
            messages[-1]["images"] = [asked.image]
        if asked.system:
            messages.insert(0, {"role": "system", "content": asked.system})
        answer = await self.sdk.chat(
            model=model,
            messages=messages,
            format=asked.schema,
            options={"num_predict": asked.limit},
        )
        counts = answer.prompt_eval_count, answer.eval_count
        return Said(answer.message.content, answer.done_reason, *counts)

    async def deltas(self, model: str, text: str) -> AsyncGenerator[str, None]:
        chunks = await self.sdk.chat(model=model, messages=question(text), stream=True)
        async with aclosing(chunks):
            async for chunk in chunks:
                if chunk.message.content:
                    yield chunk.message.content

    async def call_tool(self, model: str) -> tuple[str, Any, str]:
        tool = {"name": "weather", "description": "", "parameters": SCHEMA}
        tools = [{"type": "function", "function": tool}]
        asked: list[Any] = question("Weather?")
        first = await self.sdk.chat(model=model, messages=asked, tools=tools)
        (call,) = first.message.tool_calls
        asked += [
            first.message,
            {"role": "tool", "tool_name": call.function.name, "content": "It rains."},
        ]
        second = await self.sdk.chat(model=model, messages=asked, tools=tools)
        return call.function.name, call.function.arguments, str(second.message.content)

    def failed(self, error: Exception) -> tuple[int, str | None]:
        assert isinstance(error, ollama.ResponseError), error
        return error.status_code, None


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
