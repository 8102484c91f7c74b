"""Short ways to ask a provider something in a test."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from dragoman.account import Account
from dragoman.chat import ChatReply, ChatRequest
from dragoman.dialects.openai_chat.message_decoder import decode_messages
from dragoman.events import Event
from dragoman.gathered import collect
from dragoman.providers.local.llama import Local
from dragoman.transport.base import Limits
from dragoman.transport.line import Line

__all__ = ["PARIS", "STORY", "ask", "batches", "request"]

PARIS = "What is the capital of France?"
STORY = "Tell me a very long story about a dragon and a tower."


def request(said: str, *, model: str = "", max_tokens: int | None = None) -> ChatRequest:
    messages = decode_messages([{"role": "user", "content": said}])
    return ChatRequest(model=model, messages=messages, max_tokens=max_tokens, seed=7)


async def batches(
    line: Line, chat: ChatRequest, limits: Limits | None = None
) -> AsyncGenerator[list[Event], None]:
    """The batches of one answer."""
    provider = Local()
    call = provider.call(chat, Account(), limits=limits)
    async with aclosing(provider.events(call, line)) as found:
        async for batch in found:
            yield batch


async def ask(line: Line, chat: ChatRequest, limits: Limits | None = None) -> ChatReply:
    """A whole answer."""

    async def events() -> AsyncGenerator[Event, None]:
        async with aclosing(batches(line, chat, limits)) as found:
            async for batch in found:
                for event in batch:
                    yield event

    async with aclosing(events()) as each:
        return await collect(each)
