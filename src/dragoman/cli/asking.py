"""One question and its answer, at the terminal or in a pipe; both ways to chat are made of it.

The answer's text goes to standard output; reasoning, tool calls, warnings, usage and progress
beside it.
"""

import importlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal

import msgspec

from dragoman.call_options import Options
from dragoman.chat import ChatReply
from dragoman.cli.display import show_whole
from dragoman.cli.ending import price_of_all, tell_attempts, tell_reason, tell_usage
from dragoman.cli.kept import Conversation, Turn
from dragoman.cli.progress import Download
from dragoman.cli.shown import Shown, show_reasoning, tell_dropped
from dragoman.cli.terminal import note
from dragoman.cli.tools import ToldFunctions
from dragoman.cli.wanted import Wanted
from dragoman.client import Client
from dragoman.config import Config
from dragoman.event_stream import EventStream
from dragoman.events import Event, Started, Usage, UsageReported
from dragoman.messages import Messages, Refusal, Text
from dragoman.names import resolve_route
from dragoman.tool_run import run_tools

__all__ = ["Heard", "Manner", "ask", "ask_whole"]


class Manner(msgspec.Struct, frozen=True, kw_only=True):
    """How to ask: what every request has besides its messages, and what to show of an answer."""

    config: Config
    options: Options
    streaming: bool = True
    usage: bool = False
    wanted: Wanted | None = None
    functions: ToldFunctions | None = None
    max_rounds: int = 8

    def options_for(self, conversation: Conversation) -> Options:
        """The options of a request in this conversation."""
        options = self.options
        if conversation.system:
            options = {**options, "system": conversation.system}
        if self.functions is not None:
            options = {**options, "tools": self.functions.tools}
        return options


class Heard(msgspec.Struct, frozen=True):
    """A whole answer, and what the requests that it took have used and cost together."""

    reply: ChatReply
    price: Decimal | None
    provider: str
    """Who answered, the last time that a model was asked."""

    @property
    def text(self) -> str:
        """What the model says, an answer or a refusal."""
        return _said(self.reply)


async def ask(client: Client, manner: Manner, conversation: Conversation, question: Turn) -> str:
    """Ask and show the answer; its text."""
    if not manner.streaming:
        heard = await ask_whole(client, manner, conversation, question)
        show_whole(heard.text, raw=manner.wanted is not None)
    else:
        shown = Shown(
            _whom(manner, conversation),
            raw=manner.wanted is not None,
            tells_calls=manner.functions is None,
        )
        try:
            heard = await _hear(client, manner, conversation, question, shown.take)
        finally:
            shown.close()
    _tell(manner, heard)
    return heard.text


async def ask_whole(
    client: Client, manner: Manner, conversation: Conversation, question: Turn
) -> Heard:
    """Ask, wait for the whole answer, and tell what belongs beside it."""
    heard = await _hear(client, manner, conversation, question, None)
    tell_dropped(heard.provider, heard.reply.dropped)
    show_reasoning(heard.reply.reasoning)
    return heard


def _tell(manner: Manner, heard: Heard) -> None:
    """What comes below the text; an error if it is not what was wanted."""
    for number, other in enumerate(heard.reply.others, 2):
        sys.stdout.write("\n")
        sys.stdout.flush()
        note(f"answer {number}:")
        show_whole(_said(other), raw=manner.wanted is not None)
    tell_reason(heard.reply.finish_reason)
    if manner.usage:
        tell_usage(heard.reply.usage, heard.price)
    if manner.wanted is not None:
        manner.wanted.check(heard.reply)


async def _hear(
    client: Client,
    manner: Manner,
    conversation: Conversation,
    question: Turn,
    show: Callable[[Event], object] | None,
) -> Heard:
    """The whole answer, through all rounds of tool calls; `show` sees each event."""
    options = manner.options_for(conversation)
    output = manner.wanted.output if manner.wanted is not None else None

    asked: list[EventStream] = []

    def stream(messages: Messages) -> EventStream:
        asked.append(client.stream(conversation.model, messages, output=output, **options))
        return asked[-1]

    messages = conversation.asked(question)
    with _watched_download(manner.config, conversation.model) as download:
        used = _Used(download, show)
        if manner.functions is not None:
            rounds = manner.max_rounds
            run = await run_tools(
                stream, messages, manner.functions, max_rounds=rounds, on_event=used.take
            )
            reply = msgspec.structs.replace(run.reply, usage=run.usage)
        else:
            reply = await _hear_one(stream(messages), used.take if show is not None else None)
            used.usages = [reply.usage]
    for one in asked:
        tell_attempts(one.attempts)
    price = None
    providers = [one.attempts[-1].candidate.provider for one in asked if one.attempts]
    if manner.usage:
        price = await price_of_all(client, providers, reply, used.usages)
    return Heard(reply, price, providers[-1])


def _whom(manner: Manner, conversation: Conversation) -> str:
    """Who is asked, as far as that is known before: the provider, or the route."""
    route = resolve_route(conversation.model, manner.config)
    return route.name if route.is_named else route.candidates[0].provider


async def _hear_one(stream: EventStream, see: Callable[[Event], object] | None) -> ChatReply:
    async with stream as events:
        if see is not None:
            async for batch in events.batches():
                for event in batch:
                    see(event)
        return await events.reply()


class _Used:
    """Sees events, and what each request of a question used: prices are of one and not of a sum."""

    def __init__(self, download: Download, show: Callable[[Event], object] | None) -> None:
        self._download = download
        self._show = show
        self.usages: list[Usage | None] = []

    def take(self, event: Event) -> None:
        self._download.close()
        if isinstance(event, Started):
            self.usages.append(None)
        elif isinstance(event, UsageReported):
            self.usages[-1] = event.usage
        if self._show is not None:
            self._show(event)


def _said(reply: ChatReply) -> str:
    return "".join(part.text for part in reply.message.parts if isinstance(part, Text | Refusal))


def _first_local(config: Config, model: str) -> str | None:
    """The first model of this machine among those that are asked."""
    for candidate in resolve_route(model, config).candidates:
        entry = config.providers[candidate.provider]
        if entry.service == "local":
            return candidate.model or entry.known_models()[0]
    return None


@contextmanager
def _watched_download(config: Config, model: str) -> Iterator[Download]:
    """Tell of a download that a question causes: the first one to a model of this machine."""
    local = _first_local(config, model)
    download = Download(local or "")
    if local is not None:
        # Nothing else needs what it takes to fetch a model.
        importlib.import_module("dragoman.providers.local.pull").ON_PROGRESS.set(download)
    try:
        yield download
    finally:
        download.close()
