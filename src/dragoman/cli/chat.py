"""`dragoman chat`: one question and its answer, or a conversation."""

import asyncio
import sys
from typing import Annotated, Any

import msgspec
import typer

from dragoman.chat import OPTIONS, ChatReply
from dragoman.cli.asking import Manner, ask, ask_whole
from dragoman.cli.kept import Conversation, load_conversation, save_conversation
from dragoman.cli.options import decode_asked, open_config
from dragoman.cli.shared import ConfigFile, Debug, Json
from dragoman.cli.stdin import read_question, wants_conversation
from dragoman.cli.talk import talk
from dragoman.cli.terminal import json_text
from dragoman.client import Client, Options
from dragoman.errors import InputError
from dragoman.names import resolve_name

__all__ = ["run"]

_OPTIONS = ", ".join(OPTIONS)


def run(
    prompt: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PROMPT",
            help="The question. `-` or nothing: standard input; nothing on a terminal: a "
            "conversation. What is piped in stands below the question. "
            "Put -- before one that begins with a dash.",
            show_default=False,
        ),
    ] = None,
    *,
    model: Annotated[
        str,
        typer.Option(
            "--model",
            "-m",
            help="PROVIDER/MODEL, or a provider for its default model.",
            metavar="MODEL",
        ),
    ] = "",
    system: Annotated[
        str, typer.Option("--system", "-s", help="Instructions for the model.", metavar="TEXT")
    ] = "",
    option: Annotated[
        list[str] | None,
        typer.Option(
            "--option",
            "-o",
            help=f"An option ({_OPTIONS}) or a setting of the provider, as "
            "base_url=https://your.site; may be given several times.",
            metavar="NAME=VALUE",
        ),
    ] = None,
    go_on: Annotated[
        bool, typer.Option("--continue", "-c", help="Go on with the last conversation.")
    ] = False,
    as_json: Json = False,
    no_stream: Annotated[
        bool, typer.Option("--no-stream", help="Wait for the whole answer and show it at once.")
    ] = False,
    usage: Annotated[
        bool, typer.Option("--usage", "-u", help="Say how many tokens it used.")
    ] = False,
    timeout: Annotated[
        float | None,
        typer.Option(
            "--timeout",
            help="Seconds to wait for the connection, and for each next piece of the answer.",
            metavar="SECONDS",
        ),
    ] = None,
    proxy: Annotated[
        str, typer.Option("--proxy", help="An http, https or socks address.", metavar="URL")
    ] = "",
    config: ConfigFile = None,
    debug: Debug = False,
) -> None:
    """Ask a model, or talk with one."""
    asked = decode_asked(option or ())
    conversation = _conversation(model, system, go_on=go_on)
    manner = Manner(
        config=open_config(config, conversation.model, asked.settings),
        options=_options(asked.options, timeout, proxy),
        streaming=not no_stream,
        usage=usage,
    )
    # A name that means nothing is said before anybody types or pipes a question.
    resolve_name(conversation.model, manner.config)
    if not wants_conversation(prompt or ()):
        question = read_question(prompt or ())
        way = _ask_json if as_json else _ask
        answer = asyncio.run(way(manner, conversation, question))
        save_conversation(conversation.answered(question, answer))
    elif as_json:
        raise InputError('--json needs a question: dragoman --json "YOUR QUESTION"')
    else:
        talk(manner, conversation)


def _conversation(model: str, system: str, *, go_on: bool) -> Conversation:
    if not go_on:
        return Conversation(model=model, system=system)
    last = load_conversation()
    return msgspec.structs.replace(last, model=model or last.model, system=system or last.system)


def _options(options: Options, timeout: float | None, proxy: str) -> Options:
    given: Any = dict(options)
    if timeout is not None:
        given["timeout"] = timeout
    if proxy:
        given["proxy"] = proxy
    checked: Options = given
    return checked


async def _ask(manner: Manner, conversation: Conversation, question: str) -> str:
    async with Client(manner.config) as client:
        return await ask(client, manner, conversation, question)


async def _ask_json(manner: Manner, conversation: Conversation, question: str) -> str:
    async with Client(manner.config) as client:
        reply = await ask_whole(client, manner, conversation, question)
    provider = resolve_name(conversation.model, manner.config).provider
    sys.stdout.write(f"{_encoded(provider, reply)}\n")
    return reply.text


def _encoded(provider: str, reply: ChatReply) -> str:
    fields = {"provider": provider, **msgspec.to_builtins(reply)}
    return json_text(msgspec.json.encode(fields))
