"""A question that needs tools: ask, answer the model's calls, ask again, until it needs none."""

from collections.abc import Callable

import msgspec

from dragoman.chat import ChatReply
from dragoman.dialects.openai_chat.message_decoder import decode_messages
from dragoman.errors import InputError, ResponseError
from dragoman.event_stream import EventStream
from dragoman.events import Event, Usage
from dragoman.functions import Functions
from dragoman.messages import Message, Messages

__all__ = ["ToolRun", "run_tools"]

Ask = Callable[[Messages], EventStream]


class ToolRun(msgspec.Struct, frozen=True):
    """The last answer, every turn up to it, and what all rounds used together.

    `messages` go on a conversation: they begin with what was asked and end with the last answer.
    """

    reply: ChatReply
    messages: tuple[Message, ...]
    rounds: int
    usage: Usage | None


async def run_tools(
    ask: Ask,
    messages: str | Messages,
    functions: Functions,
    *,
    max_rounds: int,
    on_event: Callable[[Event], object] | None,
) -> ToolRun:
    """Drive the rounds; see `Client.run_tools`."""
    if max_rounds < 1:
        raise InputError(f"max_rounds = {max_rounds}: expected at least 1")
    turns = decode_messages(
        [{"role": "user", "content": messages}] if isinstance(messages, str) else messages
    )
    usage: Usage | None = None
    for number in range(1, max_rounds + 1):
        reply = await _heard(ask(turns), on_event)
        usage = _added(usage, reply.usage)
        turns = (*turns, reply.message)
        if not reply.tool_calls:
            return ToolRun(reply, turns, number, usage)
        # Nobody would read what the calls of the last round give.
        if number < max_rounds:
            turns = (*turns, Message("tool", await functions.answer(reply.tool_calls)))
    error = ResponseError(f"the model still calls tools after {max_rounds} rounds")
    error.text = reply.text
    error.hint = "Allow more (max_rounds, --max-rounds), or tell the model when to stop"
    raise error


async def _heard(stream: EventStream, on_event: Callable[[Event], object] | None) -> ChatReply:
    async with stream as events:
        if on_event is not None:
            async for event in events:
                on_event(event)
        return await events.reply()


def _added(first: Usage | None, second: Usage | None) -> Usage | None:
    if first is None or second is None:
        return first or second
    sums = {}
    for name in Usage.__struct_fields__:
        counts = [c for c in (getattr(first, name), getattr(second, name)) if c is not None]
        sums[name] = sum(counts) if counts else None
    return Usage(**sums)
