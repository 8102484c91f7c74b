"""The Python door: one client for every configured provider.

    async with Client() as client, client.stream("local", "Why is the sky blue?") as events:
        async for text in events.text():
            print(text, end="")

A client belongs to one event loop. It keeps connections, handshakes and local models until it is
closed; a stream is closed by leaving its `async with`, and that closes its connection.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar, Unpack, overload

import msgspec

from dragoman.call_options import (
    Options,
    build_chat,
    check_names,
    without_force,
)
from dragoman.catalog import ModelCard
from dragoman.chat import ChatReply
from dragoman.config import Config
from dragoman.embeddings import EmbeddingReply, EmbeddingRequest, check_inputs
from dragoman.event_stream import EventStream, gather
from dragoman.events import Event
from dragoman.functions import Functions
from dragoman.messages import Messages
from dragoman.names import known_names, resolve_route
from dragoman.prices import price_of
from dragoman.providers.beside import ask_beside, unsaid
from dragoman.providers.handshake import StepOutcome
from dragoman.reach import Answer, PlainDoor, Reach
from dragoman.structured import ValuedReply, is_kind, valued
from dragoman.tool_run import ToolRun, run_tools

__all__ = ["Client", "Options"]


T = TypeVar("T")


class Client:
    """Asks any configured provider. Use it as an async context manager, or `await close()` it.

    `config` is a `Config`, or the path of a file; without one it is looked for in the usual places.
    """

    def __init__(self, config: Config | str | Path | None = None) -> None:
        self._reach = Reach(config)

    async def __aenter__(self) -> "Client":
        await self.config()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close every connection and stop every local model."""
        await self._reach.close()

    async def config(self) -> Config:
        """The configuration; read from its file at the first use."""
        return await self._reach.config()

    def stream(
        self,
        model: str | None,
        messages: str | Messages,
        *,
        output: object = None,
        **options: Unpack[Options],
    ) -> EventStream:
        """Ask, and read the answer while it comes.

        `model` is `provider/model-id`, a provider's name for its default model, or None for the
        configured default; `messages` is a text or a list of `{"role", "content"}`. `output` is
        what the answer must be: a type, a JSON schema, or "json" for any object.
        Nothing is sent before the first event is asked for. Raises `TypeError` for an unknown
        option, `InputError` for a wrong one, and any `ChatError` while reading.
        """
        check_names(options)
        return EventStream(lambda: self._ask(model, messages, options, output))

    @overload
    async def complete(
        self,
        model: str | None,
        messages: str | Messages,
        *,
        output: type[T],
        **options: Unpack[Options],
    ) -> ValuedReply[T]: ...

    @overload
    async def complete(
        self,
        model: str | None,
        messages: str | Messages,
        *,
        output: object = None,
        **options: Unpack[Options],
    ) -> ChatReply: ...

    async def complete(
        self,
        model: str | None,
        messages: str | Messages,
        *,
        output: object = None,
        **options: Unpack[Options],
    ) -> ChatReply:
        """Ask, and wait for the whole answer; arguments and errors as for `stream`.

        Where `output` is a type, the reply's `value` is one of it, and `ResponseError` says where
        an answer is none.
        """
        check_names(options)
        answer = await self._ask(model, messages, options, output, whole=True)
        async with aclosing(answer.batches()) as batches:
            reply = await gather(batches)
        return valued(reply, output) if is_kind(output) else reply

    async def run_tools(
        self,
        model: str | None,
        messages: str | Messages,
        functions: Sequence[Callable[..., Any]],
        *,
        max_rounds: int = 8,
        on_event: Callable[[Event], object] | None = None,
        **options: Unpack[Options],
    ) -> ToolRun:
        """Ask a model that may call these functions, and answer its calls until it needs none.

        Each round is one request; calls of one round run side by side, functions that are no
        coroutine functions in threads. A cancelled run ends at once; a function in a thread goes
        on to its end, and nobody hears of it. What a function raises is told to the model.
        A `tool_choice` that forces a call holds for the first round. `on_event` sees every event
        as it comes. `ResponseError` if the model still calls after `max_rounds`.
        """
        check_names(options)
        if "tools" in options:
            raise TypeError("run_tools takes the tools as `functions`")
        known = Functions(functions)
        first: Options = {**options, "tools": known.tools}
        later = without_force(first)
        rounds = iter((first,))
        return await run_tools(
            lambda turns: self.stream(model, turns, **next(rounds, later)),
            messages,
            known,
            max_rounds=max_rounds,
            on_event=on_event,
        )

    async def models(self, provider: str | None = None) -> list[str]:
        """The names of the models that can be asked for, as `provider/model-id`.

        Of one provider: as its service lists them, where it does. Of all: the routes, then the
        models as far as is known without asking.
        """
        config = await self.config()
        if provider is None:
            # The first time it loads the code of each service.
            return await asyncio.to_thread(known_names, config)
        return [f"{provider}/{card.name}" for card in await self.cards(provider)]

    async def cards(self, provider: str) -> list[ModelCard]:
        """What is known of a provider's models: what its service tells, and what is configured.

        The service is asked at most every five minutes.
        """
        return await self._reach.cards(provider)

    async def price(self, model: str | None, reply: ChatReply) -> Decimal | None:
        """What an answer of this model cost in US dollars; None if no price is listed.

        `MissingRequirementsError` without the extra `prices`.
        """
        entry, _ = await self._reach.target(model)
        if reply.usage is None:
            return None
        return await asyncio.to_thread(price_of, entry.prices, reply.model, reply.usage)

    async def embed(
        self, model: str | None, inputs: str | Sequence[str], *, dimensions: int | None = None
    ) -> EmbeddingReply:
        """Texts as vectors, in their order.

        `InputError` for an empty text; `ResponseStatusError` with the status 501 if the provider
        has no embeddings.
        """
        asked = EmbeddingRequest(
            model=model or "",
            inputs=(inputs,) if isinstance(inputs, str) else tuple(inputs),
            dimensions=dimensions,
        )
        check_inputs(asked.inputs)
        entry, name = await self._reach.target(asked.model)
        call = await self._reach.call(entry, unsaid(name))
        asked = msgspec.structs.replace(asked, model=call.chat.model)
        return await ask_beside(
            entry.provider, call, self._reach.line, lambda service: service.embed_steps(call, asked)
        )

    async def count_tokens(
        self, model: str | None, messages: str | Messages, **options: Unpack[Options]
    ) -> int:
        """How many tokens a request has, as the service counts them; nothing is estimated.

        `ResponseStatusError` with the status 501 if the provider cannot count.
        """
        check_names(options)
        entry, name = await self._reach.target(model)
        call = await self._reach.call(entry, build_chat(name, messages, options), options)
        return await ask_beside(
            entry.provider, call, self._reach.line, lambda service: service.count_steps(call)
        )

    async def probe(self, provider: str, *, timeout: float = 10.0) -> list[StepOutcome]:  # noqa: ASYNC109 - seconds of silence, as everywhere
        """What can be measured of a provider without a chat: its handshake, step by step."""
        entry = await self._reach.entry(provider)
        call = await self._reach.probe_call(entry, {"timeout": timeout})
        return await entry.provider.probe(call, self._reach.line)

    async def _ask(
        self,
        model: str | None,
        messages: str | Messages,
        options: Options,
        output: object,
        *,
        whole: bool = False,
    ) -> Answer:
        route = resolve_route(model, await self.config())
        chat = build_chat("", messages, options, output)
        planner = await self._reach.planner()
        door = PlainDoor(self._reach, planner, route=route, chat=chat, options=options)
        return await self._reach.answer(route, chat, door, whole=whole)
