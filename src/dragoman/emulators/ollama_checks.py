"""What Ollama refuses in a chat or generate request, and what a client must not do though it may.

It refuses wrong types and what it cannot decode. It lets pass unknown fields and options, a tool
result without its call, a call without a name: those are complaints.
Source: docs.ollama.com ("Chat", "Tool calling", "Vision", "Thinking", "Structured outputs"),
refusals quoted in Ollama's issues; read 2026-11-21.
"""

import base64
import binascii
import re
from typing import Literal, TypeAlias

import msgspec

from dragoman.emulators.api_schema import schema_problem
from dragoman.emulators.ollama_models import Model, find
from dragoman.emulators.ollama_shapes import (
    CHAT,
    GENERATE,
    MESSAGE,
    Refused,
    Shape,
    check_keep_alive,
    check_options,
    check_shape,
    shaped,
)
from dragoman.emulators.service import Json, Request

__all__ = ["check_chat", "check_generate", "decode_body", "known_model"]

Fields: TypeAlias = dict[str, Json]

_ROLES = ("system", "user", "assistant", "tool")
_LEVELS = ("high", "medium", "low", "max")
_TOP_LOGPROBS = 20
_LETTERS = re.compile(r"[A-Za-z0-9+/=\r\n]*")


def decode_body(request: Request, shape: Shape, place: str) -> Fields:
    """The request's JSON object, whatever its content type says; its fields have their types.

    Raises:
        Refused: it is no JSON, no object, or a field has a wrong type.
    """
    if not request.raw:
        raise Refused("missing request body")
    try:
        body = msgspec.json.decode(request.raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise Refused(f"the request body is no JSON: {exc}") from exc
    if not isinstance(body, dict):
        raise Refused(f"json: cannot unmarshal a value that is no object into {place}")
    for name in shaped(body, shape, place):
        request.complain(f"the service has no field {name!r}")
    for complaint in check_options(body.get("options") or {}):
        request.complain(complaint)
    check_keep_alive(body.get("keep_alive"))
    return body


def known_model(body: Fields) -> Model:
    """The model that is asked; `Refused` if none is named or it is missing (404)."""
    name = body.get("model") or body.get("name")
    if not name:
        raise Refused("model is required")
    model = find(name)
    if model is None:
        raise Refused(f"model '{name}' not found", 404)
    return model


def check_chat(request: Request) -> tuple[Fields, Model]:
    """A good chat request and its model, with the facts noted; else `Refused`."""
    body = decode_body(request, CHAT, "ChatRequest")
    model = known_model(body)
    _check_answered(request, body)
    messages = body.get("messages") or []
    sizes = [_check_message(request, message, at) for at, message in enumerate(messages)]
    request.note("image_bytes", [size for message in sizes for size in message])
    _check_results(request, messages)
    tools = [_check_tool(request, tool, at) for at, tool in enumerate(body.get("tools") or [])]
    request.note("tools", tools)
    request.note("thinking", [each["thinking"] for each in messages if each.get("thinking")])
    _check_capable(request, body, model, "chat")
    return body, model


def check_generate(request: Request) -> tuple[Fields, Model]:
    """A good generate request and its model, with the facts noted; else `Refused`."""
    body = decode_body(request, GENERATE, "GenerateRequest")
    model = known_model(body)
    _check_answered(request, body)
    for token in body.get("context") or []:
        check_shape(token, "int", "GenerateRequest.context")
    sizes = [_image_bytes(image, "GenerateRequest") for image in body.get("images") or []]
    request.note("image_bytes", sizes)
    if body.get("raw") and any(body.get(name) for name in ("template", "system", "context")):
        raise Refused("raw mode does not support template, system, or context")
    if body.get("suffix") and "insert" not in model.can:
        raise Refused(f"registry.ollama.ai/library/{model.name} does not support insert")
    _check_capable(request, body, model, "generate")
    return body, model


def _check_answered(request: Request, body: Fields) -> None:
    """What both kinds of request have."""
    _check_think(body.get("think"))
    _check_format(body.get("format"))
    top = body.get("top_logprobs") or 0
    if not 0 <= top <= _TOP_LOGPROBS:
        raise Refused("top_logprobs must be between 0 and 20")
    if top and not body.get("logprobs"):
        request.complain("top_logprobs without logprobs")
    request.note("think", body.get("think"))
    request.note("format", body.get("format"))


def _check_think(think: Json) -> None:
    if isinstance(think, str) and think not in _LEVELS:
        levels = ", ".join(f'"{level}"' for level in _LEVELS)
        raise Refused(f'invalid think value: "{think}" (must be {levels}, true, or false)')
    if think is not None and not isinstance(think, str | bool):
        raise Refused("think must be a boolean or a string")


def _check_format(wanted: Json) -> None:
    if wanted in (None, "", "json"):
        return
    shown = msgspec.json.encode(wanted).decode()
    if not isinstance(wanted, dict):
        raise Refused(f'invalid format: {shown}; expected "json" or a valid JSON Schema object')
    problem = schema_problem(wanted)
    if problem:
        raise Refused(f"invalid JSON schema in format: {problem}")


def _check_message(request: Request, message: Json, at: int) -> list[int]:
    """Check one message and give the sizes of its images."""
    place = "ChatRequest.messages"
    if message is None:
        raise Refused(f"messages[{at}] is null")
    check_shape(message, "api.Message", place)
    for name in shaped(message, MESSAGE, place):
        request.complain(f"messages[{at}] has no field {name!r}")
    if message.get("role") not in _ROLES:
        raise Refused(f"invalid role: {message.get('role')!r}, must be one of {', '.join(_ROLES)}")
    for call in message.get("tool_calls") or []:
        _check_call(request, call, f"{place}.tool_calls")
    return [_image_bytes(image, place) for image in message.get("images") or []]


def _check_call(request: Request, call: Json, place: str) -> None:
    check_shape(call, "api.ToolCall", place)
    function = (call or {}).get("function")
    check_shape(function, "api.ToolCallFunction", f"{place}.function")
    arguments = (function or {}).get("arguments")
    check_shape(arguments, "api.ToolCallFunctionArguments", f"{place}.function.arguments")
    check_shape((function or {}).get("name"), "string", f"{place}.function.name")
    if not (function or {}).get("name"):
        request.complain("a tool call has no name")


def _check_results(request: Request, messages: list[Fields]) -> None:
    """Complain of tool results that belong to no call before them."""
    open_calls: list[tuple[str, str]] = []
    for at, message in enumerate(messages):
        open_calls += [
            (call.get("id") or "", (call.get("function") or {}).get("name") or "")
            for call in message.get("tool_calls") or []
            if call
        ]
        if message["role"] != "tool":
            continue
        by_id, by_name = message.get("tool_call_id"), message.get("tool_name")
        if not by_name and not by_id:
            request.complain(f"messages[{at}] is a tool result without tool_name")
            continue
        mine = [call for call in open_calls if (by_id and call[0] == by_id) or call[1] == by_name]
        if mine:
            open_calls.remove(mine[0])
        else:
            request.complain(f"messages[{at}] is a tool result without its call: {by_name!r}")


def _check_tool(request: Request, tool: Json, at: int) -> str:
    """Check one tool and give its name."""
    place = "ChatRequest.tools"
    check_shape(tool, "api.Tool", place)
    function = (tool or {}).get("function") or {}
    check_shape(function, "api.ToolFunction", f"{place}.function")
    for name in ("name", "description"):
        check_shape(function.get(name), "string", f"{place}.function.{name}")
    if (tool or {}).get("type") != "function" or not function.get("name"):
        request.complain(f"tools[{at}] needs the type 'function' and a name")
    problem = schema_problem(function.get("parameters") or {})
    if problem:
        raise Refused(f"tools[{at}].function.parameters: {problem}")
    return function.get("name") or ""


def _image_bytes(image: Json, place: str) -> int:
    """The size of one image; `Refused` unless it is a PNG, JPEG or WebP in base64."""
    if not isinstance(image, str):
        check_shape(image if image is not None else "", "string", f"{place}.images")
    text = image or ""
    try:
        content = base64.b64decode(text.replace("\n", "").replace("\r", ""), validate=True)
    except (binascii.Error, ValueError) as exc:
        letters = _LETTERS.match(text)
        at = letters.end() if letters else 0
        raise Refused(f"illegal base64 data at input byte {at}") from exc
    webp = content[:4] == b"RIFF" and content[8:12] == b"WEBP"
    if not webp and not content.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")):
        raise Refused("invalid image in images: image: unknown format")
    return len(content)


def _check_capable(
    request: Request, body: Fields, model: Model, what: Literal["chat", "generate"]
) -> None:
    if "completion" not in model.can:
        raise Refused(f'"{model.name}" does not support {what}')
    if body.get("tools") and "tools" not in model.can:
        raise Refused(f"registry.ollama.ai/library/{model.name} does not support tools")
    if body.get("think") and "thinking" not in model.can:
        raise Refused(f'"{model.name}" does not support thinking')
    if request.notes.get("image_bytes") and "vision" not in model.can:
        request.complain(f"{model.name} cannot see images")
