"""Models on this machine: llama.cpp in a child process, spoken to over loopback.

    local/smollm2-135m            a row of the catalogue, fetched at its first use
    local:/path/to/model.gguf     a file of one's own, or DRAGOMAN_LOCAL_MODEL

Each request has a connection of its own, which closing a stream closes: kept connections failed in
11 to 15 of 60 requests, and a lost connection is how the server learns that nobody reads any more
(xllamacpp 2026.10.11549, measured 2026-11-21).
"""

import asyncio
import builtins
import importlib.util
import logging
import os
import time
from collections.abc import AsyncGenerator, Awaitable, Mapping
from contextlib import aclosing
from pathlib import Path
from typing import TypeVar

import msgspec

from dragoman.account import Account
from dragoman.dialects.table import load_dialect
from dragoman.errors import (
    ChatError,
    HandshakeError,
    InputError,
    ResponseStatusError,
    StreamTruncatedError,
    TimeoutError,
    TransportError,
)
from dragoman.events import Event
from dragoman.features import HINT, How, Refused
from dragoman.providers.base import HttpProvider
from dragoman.providers.call import Call, Decoder, Handshake, StaleSession
from dragoman.providers.exchange import exchange
from dragoman.providers.handshake import StepOutcome
from dragoman.providers.local.cache import cached_file, models_folder
from dragoman.providers.local.child_process import Served, extra_missing
from dragoman.providers.local.engine import Engine, open_engine
from dragoman.providers.local.gguf import read_head
from dragoman.providers.local.pull import ready_file
from dragoman.providers.local.weights import CATALOGUE, DEFAULT_MODEL, find_weights
from dragoman.sessions.store import Facts
from dragoman.transport.base import DEFAULT_TIMEOUT_S
from dragoman.transport.line import Line, LineSettings
from dragoman.wire.http import HttpReply, HttpRequest, ReplyHead, json_request
from dragoman.wire.status import status_error

__all__ = ["IDLE_S", "Local"]

IDLE_S = 120.0
"""Seconds of silence that are borne where the caller sets no limit.

A prompt that fills a slot takes 7 s on two idle cores, four of them 28 s, and a request may wait
for four others before its own turn comes; on a busy machine all of that takes twice as long.
"""

OWN_MODEL = "DRAGOMAN_LOCAL_MODEL"

_LOG = logging.getLogger(__name__)

T = TypeVar("T")


class Local(HttpProvider[Facts]):
    """A model on this machine; needs the extra `local`."""

    name = "local"
    working = True
    supports_stream = True
    supports_message_history = True
    supports_system_message = True
    SPEAKS = "OpenAI Chat Completions, from llama.cpp in a child process"
    DIALECT = "openai_chat"

    @property
    def says(self) -> Mapping[str, How]:
        """What the dialect says, less what the server has no use for."""
        return {**load_dialect(self.DIALECT).says, **_UNSAID}

    def resolve_model(self, model: str | None, account: Account) -> str:
        """A row of the catalogue, or the absolute path of a file.

        Empty or None is `DRAGOMAN_LOCAL_MODEL`, or `smollm2-135m` where that is not set.
        """
        name = model or os.environ.get(OWN_MODEL) or DEFAULT_MODEL
        if name in CATALOGUE:
            return name
        if _is_path(name):
            return str(Path(name).expanduser().absolute())
        return find_weights(name).name

    def known_models(self, account: Account) -> list[str]:
        """The default model, the catalogue's, and those of the installation."""
        return list(dict.fromkeys((self.resolve_model(None, account), *CATALOGUE, *account.models)))

    def base_url(self, account: Account) -> str:
        """Empty: the address is known when the child listens."""
        return ""

    async def events(self, call: Call, line: Line) -> AsyncGenerator[list[Event], None]:
        """One answer's events; the model is fetched and started first where that is due.

        `total_s` holds for all of it, `first_token_s` from the moment that the model is loaded.
        """
        engine = await _kept(call.chat.model, line)
        started = time.monotonic()
        if call.chat.tools:
            await asyncio.to_thread(_check_tools, call.chat.model)
        try:
            served = await _within(call.limits.total_s, engine.served())
            spent_s = time.monotonic() - started
            async with aclosing(exchange(self, _loopback(call, served, spent_s), line)) as batches:
                async for events in batches:
                    yield events
        except ChatError as error:
            await _explain(error, engine)
            raise

    async def probe(self, call: Call, line: Line) -> list[StepOutcome]:
        """Whether the file is there, and whether it loads; nothing is fetched for it."""
        outcomes: list[StepOutcome] = []
        model, started = call.chat.model, time.perf_counter()
        try:
            await _fetched(model)
            outcomes.append(StepOutcome("weights", time.perf_counter() - started))
            started = time.perf_counter()
            await (await _kept(model, line)).served()
            outcomes.append(StepOutcome("start", time.perf_counter() - started))
        except ChatError as error:
            name = "start" if outcomes else "weights"
            outcomes.append(StepOutcome(name, time.perf_counter() - started, error=error.message))
        return outcomes

    def handshake(self, call: Call) -> Handshake[Facts]:
        """No step: the key is that of the child."""
        yield from ()
        return Facts()

    def request(self, call: Call, facts: Facts) -> HttpRequest:
        """One streamed chat on a connection of its own."""
        row = CATALOGUE.get(call.chat.model)
        sampling = row.sampling if row else {}
        given = call.chat.given()
        body = {
            **{name: value for name, value in sampling.items() if name not in given},
            **load_dialect(self.DIALECT).encode_request(call.chat),
        }
        if call.chat.tools and call.chat.parallel_tool_calls is None:
            # Left to itself, a small model calls until its room is used up.
            body["parallel_tool_calls"] = False
        headers = {"Connection": "close"}
        if call.account.api_key is not None:
            headers["Authorization"] = f"Bearer {call.account.api_key.reveal()}"
        return json_request(f"{call.base_url}/v1/chat/completions", body, headers)

    def failure(self, call: Call, reply: HttpReply) -> ChatError | StaleSession | None:
        """What the status says; a chat that is too long says how long it may be."""
        if reply.head.status == 400:
            found = _too_long(reply)
            if found is not None:
                return found
        return load_dialect(self.DIALECT).decode_failure(reply, call.now) or status_error(
            reply, call.now
        )

    def decoder(self, call: Call, head: ReplyHead) -> Decoder:
        """The dialect's decoder."""
        return load_dialect(self.DIALECT).decoder(call.chat.model, dropped=call.dropped)


_TEXT_ONLY = Refused("the models of this provider read text")
_UNSAID: Mapping[str, How] = {
    **dict.fromkeys(("image", "image_url", "image_file", "image_detail"), _TEXT_ONLY),
    **dict.fromkeys(("audio", "document", "document_url", "document_file"), _TEXT_ONLY),
    **dict.fromkeys(("tool_result_image", "tool_result_document"), _TEXT_ONLY),
    **dict.fromkeys(("reasoning_effort", "reasoning_budget", "user"), HINT),
    "n": Refused("the server gives one answer"),
}


class _Overflow(msgspec.Struct):
    n_prompt_tokens: int
    n_ctx: int
    type: str


class _OverflowBody(msgspec.Struct):
    error: _Overflow


def _too_long(reply: HttpReply) -> ChatError | None:
    try:
        error = msgspec.json.decode(reply.body, type=_OverflowBody).error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if error.type != "exceed_context_size_error":
        return None
    found = ResponseStatusError(
        f"the chat is {error.n_prompt_tokens} tokens long and the model has room for {error.n_ctx}",
        status=400,
        code="context_length_exceeded",
    )
    found.hint = "Shorten the conversation, or choose a model with more room"
    return found


def _is_path(model: str) -> bool:
    return model.endswith(".gguf") or "/" in model or os.sep in model


async def _kept(model: str, line: Line) -> Engine:
    return await line.keep(("local", model), lambda: open_engine(model, lambda: _find(model)))


async def _find(model: str) -> Path:
    """The model's file, ready to be loaded."""
    # Said before 93 MB are fetched for nothing.
    if await asyncio.to_thread(importlib.util.find_spec, "xllamacpp") is None:
        raise extra_missing()
    row = CATALOGUE.get(model)
    if row is not None:
        return await ready_file(row)
    path = Path(model)
    head = await asyncio.to_thread(read_head, path)
    if not head.has_template:
        _LOG.warning(
            "%s has no chat template of its own: it is spoken to in ChatML, "
            "and may not understand it",
            path,
        )
    return path


def _check_tools(model: str) -> None:
    """Refuse tools for a file whose template has no room for them: they would be dropped."""
    if model not in CATALOGUE and not read_head(Path(model)).takes_tools:
        raise InputError(f"{model} has no tools: its chat template has no room for them")


async def _fetched(model: str) -> None:
    row = CATALOGUE.get(model)
    if row is None:
        await asyncio.to_thread(read_head, Path(model))
    elif await asyncio.to_thread(cached_file, row, models_folder()) is None:
        raise HandshakeError(f"not fetched yet: dragoman pull {row.name}")


async def _within(limit_s: float | None, work: Awaitable[T]) -> T:
    try:
        async with asyncio.timeout(limit_s):
            return await work
    except builtins.TimeoutError as exc:
        if isinstance(exc, ChatError):
            raise
        raise TimeoutError("the limit on the whole answer passed before the model ran") from exc


def _loopback(call: Call, served: Served, spent_s: float) -> Call:
    limits = call.limits
    total_s = None if limits.total_s is None else max(limits.total_s - spent_s, 0.001)
    # The default is made for services with many machines; a limit that was asked for stands.
    idle_s = IDLE_S if limits.idle_s == DEFAULT_TIMEOUT_S else limits.idle_s
    return msgspec.structs.replace(
        call,
        base_url=served.url,
        account=Account(api_key=served.key),
        limits=msgspec.structs.replace(limits, total_s=total_s, idle_s=idle_s),
        # The caller's proxy is for the world outside.
        line=LineSettings(),
    )


async def _explain(error: ChatError, engine: Engine) -> None:
    error.located(provider=Local.name, host=None, step="start")
    if isinstance(error, TransportError | StreamTruncatedError):
        death = await engine.death()
        if death is not None:
            error.hint = f"{death.message}. {death.hint}"
