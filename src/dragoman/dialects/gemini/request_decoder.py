"""Gemini's request as a chat: what a program that speaks this dialect asks.

Source: the REST reference of GenerateContentRequest, read 2026-11-21.
"""

from dragoman.chat import ChatRequest
from dragoman.dialects.gemini.config_decoder import Options, decode_config
from dragoman.dialects.gemini.content_decoder import decode_contents, decode_system
from dragoman.dialects.gemini.spelling import camel, get, need, rest
from dragoman.dialects.gemini.tables import HINTS, NAME
from dragoman.dialects.gemini.tool_decoder import decode_choice, decode_tools
from dragoman.dialects.reading import Field, read_object
from dragoman.errors import InputError
from dragoman.messages import Message
from dragoman.native import Native
from dragoman.tools import ToolChoice

__all__ = ["decode_count_request", "decode_request"]

_KNOWN = (
    "model",
    "contents",
    "systemInstruction",
    "tools",
    "toolConfig",
    "generationConfig",
)


def decode_request(body: bytes, *, model: str = "", stream: bool | None = None) -> ChatRequest:
    """What a program asks; the model and whether to stream are from the address.

    Raises:
        InputError: what stands at its `place` is wrong, or the model is nowhere.
    """
    return _decode(body, model, stream=bool(stream))


def decode_count_request(body: bytes, model: str) -> ChatRequest:
    """The chat of `countTokens`: its contents alone, or a whole request in it."""
    return _decode(body, model, within="generateContentRequest")


def _decode(body: bytes, model: str, *, stream: bool = False, within: str = "") -> ChatRequest:
    try:
        root = read_object(body)
        return _request((get(root, within) if within else None) or root, model, stream=stream)
    except RecursionError as exc:
        raise InputError("the request is nested too deeply") from exc


def _request(field: Field, model: str, *, stream: bool) -> ChatRequest:
    messages = decode_contents(need(field, "contents"))
    system = get(field, "systemInstruction")
    if system is not None:
        messages.insert(0, Message("system", decode_system(system)))
    wanted = get(field, "tools")
    tools = decode_tools(wanted) if wanted else None
    calling = get(field, "toolConfig")
    choice: ToolChoice | None = None
    kept = rest(field, *_KNOWN)
    if calling is not None:
        choice, more = decode_choice(calling, tools or ())
        kept |= more
    config = get(field, "generationConfig")
    options, more, hints = decode_config(config) if config else (Options(), {}, frozenset())
    kept |= more
    return ChatRequest(
        model=_model(field, model),
        messages=tuple(messages),
        tools=tools,
        tool_choice=choice,
        stream=stream,
        native=_native(kept, hints),
        **options,
    )


def _model(field: Field, model: str) -> str:
    return (model or need(field, "model").text(empty=False)).removeprefix("models/")


def _native(kept: dict[str, object], hints: frozenset[str]) -> Native | None:
    if not kept:
        return None
    return Native(NAME, kept, hints | {path for path in kept if camel(path) in HINTS})
