"""One question and its answer, at the terminal or in a pipe; both ways to chat are made of it.

The answer's text goes to standard output; reasoning, warnings, usage and progress beside it.
"""

import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from dragoman.chat import ChatReply
from dragoman.cli.display import Display, open_display, show_whole
from dragoman.cli.kept import Conversation
from dragoman.cli.progress import Download
from dragoman.cli.terminal import Cleaner, note, to_terminal
from dragoman.client import Client, Options
from dragoman.config import Config
from dragoman.events import (
    Event,
    Finished,
    FinishReason,
    ReasoningDelta,
    Started,
    TextDelta,
    ToolCallStarted,
    Usage,
    UsageReported,
)
from dragoman.names import resolve_name

__all__ = ["Manner", "ask", "ask_whole"]

_DIM, _PLAIN = "\x1b[2m", "\x1b[0m"
_UNUSUAL: dict[FinishReason, str] = {
    "length": "warning: the answer stopped at its length limit; more with -o max_tokens=N",
    "content_filter": "warning: the service cut the answer: it refused the rest",
    "tool_calls": "warning: the model wants to call a tool, and there is none here",
}


class Manner(msgspec.Struct, frozen=True, kw_only=True):
    """How to ask: the options of every request, and what to show besides the answer."""

    config: Config
    options: Options
    streaming: bool = True
    usage: bool = False

    def options_for(self, conversation: Conversation) -> Options:
        """The options of a request in this conversation."""
        if not conversation.system:
            return self.options
        return {**self.options, "system": conversation.system}


async def ask(client: Client, manner: Manner, conversation: Conversation, question: str) -> str:
    """Ask and show the answer; its text."""
    if not manner.streaming:
        reply = await ask_whole(client, manner, conversation, question)
        show_whole(reply.text)
        _tell_end(manner, reply.finish_reason, reply.usage)
        return reply.text
    shown = _Shown(resolve_name(conversation.model, manner.config).provider)
    options = manner.options_for(conversation)
    messages = conversation.asked(question)
    with _watched_download(manner.config, conversation.model) as download:
        async with client.stream(conversation.model, messages, **options) as events:
            try:
                async for batch in events.batches():
                    download.close()
                    for event in batch:
                        shown.take(event)
            finally:
                shown.close()
    _tell_end(manner, shown.reason, shown.usage)
    return "".join(shown.text)


async def ask_whole(
    client: Client, manner: Manner, conversation: Conversation, question: str
) -> ChatReply:
    """Ask, wait for the whole answer, and tell what belongs beside it."""
    options = manner.options_for(conversation)
    messages = conversation.asked(question)
    with _watched_download(manner.config, conversation.model):
        reply = await client.complete(conversation.model, messages, **options)
    _tell_dropped(resolve_name(conversation.model, manner.config).provider, reply.dropped)
    if reply.reasoning:
        reasoning = _Reasoning()
        reasoning.show(reply.reasoning)
        reasoning.close()
    return reply


class _Shown:
    """An answer while it comes: what was shown, and what is left to tell."""

    def __init__(self, provider: str) -> None:
        self._provider = provider
        self._display: Display | None = None
        self._reasoning = _Reasoning()
        self.text: list[str] = []
        self.usage: Usage | None = None
        self.reason: FinishReason = "stop"

    def take(self, event: Event) -> None:
        """Show an event, or note it for the end."""
        match event:
            case TextDelta(text):
                self._reasoning.close()
                self.text.append(text)
                if self._display is None:
                    self._display = open_display()
                self._display.show(text)
            case ReasoningDelta(text):
                if to_terminal():
                    self.close()
                self._reasoning.show(text)
            case Started():
                _tell_dropped(self._provider, event.dropped)
            case ToolCallStarted():
                note(f"the model calls the tool {event.name}")
            case UsageReported(usage):
                self.usage = usage
            case Finished(reason):
                self.reason = reason
            case _:
                pass

    def close(self) -> None:
        """What is below begins on a line of its own."""
        self._reasoning.close()
        if self._display is not None:
            self._display.close()
            self._display = None


class _Reasoning:
    """What the model thinks aloud, on standard error, dim on a terminal."""

    def __init__(self) -> None:
        self._open = False
        self._cleaner = Cleaner()
        self._terminal = sys.stderr.isatty()
        self._dim = self._terminal and "NO_COLOR" not in os.environ

    def show(self, delta: str) -> None:
        if self._terminal:
            delta = self._cleaner.feed(delta)
        if self._dim:
            delta = f"{_DIM}{delta}{_PLAIN}"
        sys.stderr.write(delta)
        sys.stderr.flush()
        self._open = True

    def close(self) -> None:
        if self._open:
            sys.stderr.write("\n")
            sys.stderr.flush()
            self._open = False


@contextmanager
def _watched_download(config: Config, model: str) -> Iterator[Download]:
    """Tell of a download that a question causes: the first one to a model of this machine."""
    target = resolve_name(model, config)
    entry = config.providers[target.provider]
    download = Download(target.model or (entry.known_models() or [""])[0])
    if entry.service == "local":
        # Nothing else needs what it takes to fetch a model.
        importlib.import_module("dragoman.providers.local.pull").ON_PROGRESS.set(download)
    try:
        yield download
    finally:
        download.close()


def _tell_dropped(provider: str, dropped: tuple[str, ...]) -> None:
    if dropped:
        note(f"warning: {provider} has no {', '.join(dropped)}: left out")


def _tell_end(manner: Manner, reason: FinishReason, usage: Usage | None) -> None:
    if reason in _UNUSUAL:
        note(_UNUSUAL[reason])
    if manner.usage:
        note(_said(usage))


def _said(usage: Usage | None) -> str:
    if usage is None:
        return "usage: the service did not say"
    counts = (
        (usage.input_tokens, "in"),
        (usage.output_tokens, "out"),
        (usage.cached_tokens or None, "of the input cached"),
        (usage.reasoning_tokens or None, "of the output reasoning"),
    )
    told = [f"{count} {words}" for count, words in counts if count is not None]
    return f"usage: {', '.join(told)} (tokens)" if told else "usage: the service did not say"
