"""`dragoman chat`: one question and its answer, or a conversation."""

import asyncio
import sys
from typing import Annotated, Any

import msgspec
import typer

from dragoman.call_options import Options
from dragoman.chat import ChatReply
from dragoman.cli.asking import Manner, ask, ask_whole
from dragoman.cli.attached import attach
from dragoman.cli.kept import Conversation, Turn, load_conversation, save_conversation
from dragoman.cli.options import decode_asked, open_config
from dragoman.cli.shared import ConfigFile, Debug, Json
from dragoman.cli.stdin import read_question, wants_conversation
from dragoman.cli.talk import talk
from dragoman.cli.terminal import json_text, note
from dragoman.cli.tools import load_tools
from dragoman.cli.wanted import decode_schema
from dragoman.client import Client
from dragoman.errors import InputError
from dragoman.names import resolve_route
from dragoman.options import OPTIONS

__all__ = ["run"]

_OPTIONS = ", ".join(OPTIONS)
# A price is a number, with all of its digits.
_ENCODER = msgspec.json.Encoder(decimal_format="number")


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
            help="PROVIDER/MODEL, a provider for its default model, or a route.",
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
    image: Annotated[
        list[str] | None,
        typer.Option(
            "--image",
            help="A picture to look at: a file, or its address; may be given several times.",
            metavar="FILE-OR-URL",
        ),
    ] = None,
    file: Annotated[
        list[str] | None,
        typer.Option(
            "--file",
            help="A file to read or hear: a text, a PDF, a sound or a picture; may be given "
            "several times.",
            metavar="FILE",
        ),
    ] = None,
    schema: Annotated[
        str,
        typer.Option(
            "--schema",
            help="What the answer must be: a file with a JSON schema, the schema itself, or a "
            "Python type as MODULE:TYPE, which the answer is checked against.",
            metavar="SCHEMA",
        ),
    ] = "",
    tool: Annotated[
        list[str] | None,
        typer.Option(
            "--tool",
            help="A Python function that the model may call; its module is looked for in this "
            "folder first. May be given several times.",
            metavar="MODULE:FUNCTION",
        ),
    ] = None,
    max_rounds: Annotated[
        int,
        typer.Option(
            "--max-rounds",
            help="How often to ask while the model calls tools.",
            metavar="N",
            min=1,
        ),
    ] = 8,
    as_json: Json = False,
    no_stream: Annotated[
        bool, typer.Option("--no-stream", help="Wait for the whole answer and show it at once.")
    ] = False,
    usage: Annotated[
        bool, typer.Option("--usage", "-u", help="Say how many tokens it used, and the price.")
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
    loaded = open_config(config, conversation.model, asked.settings)
    # A name that means nothing is said before anybody types or pipes a question.
    resolve_route(conversation.model, loaded)
    attached = (
        *(attach("image", given) for given in image or ()),
        *(attach("file", given) for given in file or ()),
    )
    manner = Manner(
        config=loaded,
        options=_options(asked.options, timeout, proxy),
        streaming=not no_stream,
        usage=usage,
        wanted=decode_schema(schema) if schema else None,
        functions=load_tools(tool or ()),
        max_rounds=max_rounds,
    )
    if "logprobs" in asked.options and not as_json:
        note("warning: logprobs are only shown with --json")
    if not wants_conversation(prompt or ()):
        question = Turn("user", read_question(prompt or ()), attached)
        way = _ask_json if as_json else _ask
        answer = asyncio.run(way(manner, conversation, question))
        save_conversation(conversation.answered(question, answer))
    elif as_json:
        raise InputError('--json needs a question: dragoman --json "YOUR QUESTION"')
    else:
        talk(manner, conversation, attached)


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


async def _ask(manner: Manner, conversation: Conversation, question: Turn) -> str:
    async with Client(manner.config) as client:
        return await ask(client, manner, conversation, question)


async def _ask_json(manner: Manner, conversation: Conversation, question: Turn) -> str:
    async with Client(manner.config) as client:
        heard = await ask_whole(client, manner, conversation, question)
    fields: dict[str, object] = {
        "provider": heard.provider,
        "model": heard.reply.model,
        "id": heard.reply.id,
        **_fields(heard.reply),
        "usage": heard.reply.usage,
        "others": [_fields(other) for other in heard.reply.others],
        "dropped": heard.reply.dropped,
    }
    if manner.usage:
        fields["price"] = heard.price
    if manner.functions is not None:
        fields["called"] = manner.functions.called
    sys.stdout.write(f"{json_text(_ENCODER.encode(fields))}\n")
    if manner.wanted is not None:
        manner.wanted.check(heard.reply)
    return heard.text


def _fields(reply: ChatReply) -> dict[str, object]:
    """What one of several answers has of its own."""
    return {
        "text": reply.text,
        "reasoning": reply.reasoning,
        "refusal": reply.refusal,
        "tool_calls": reply.tool_calls,
        "finish_reason": reply.finish_reason,
        "stop_sequence": reply.stop_sequence,
        "logprobs": reply.logprobs,
    }
