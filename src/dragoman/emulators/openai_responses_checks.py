"""What OpenAI's Responses refuse beyond wrong shapes, and what a request asks for.

Source: OpenAI API reference, "Create a model response", read 2026-11-21.
"""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from dragoman.emulators import openai_responses_request as asked
from dragoman.emulators.openai_errors import RefusedError, not_valid
from dragoman.emulators.openai_fields import Tool
from dragoman.emulators.openai_responses_items import last_results, last_user_text, media, texts
from dragoman.emulators.openai_shape import read_value
from dragoman.emulators.openai_tools import check_named, check_output_schema, check_tools
from dragoman.emulators.openai_turn import Ask
from dragoman.emulators.service import Json, Request

__all__ = ["Tools", "check_body", "read_tools", "responses_ask", "responses_notes"]

# Tools that the service runs itself; the emulator has none of them.
_HOSTED = (
    "apply_patch", "code_interpreter", "computer", "computer_use_preview", "file_search",
    "image_generation", "local_shell", "mcp", "namespace", "shell", "tool_search", "web_search",
    "web_search_preview",
)  # fmt: skip
# Below this the service refuses; the emulator only complains, so that short answers can be had.
_LEAST_LIMIT = 16


class Tools(Struct, frozen=True, kw_only=True):
    """The tools of a request: the functions, the names of all, and which have to be called."""

    functions: tuple[asked.FunctionTool, ...]
    names: tuple[str, ...]
    forced: tuple[str, ...] = ()


def check_body(request: Request, body: asked.ResponsesBody) -> None:
    """Raise `RefusedError` for what is wrong without a look at items and tools."""
    if body.input is None:
        text = "Missing required parameter: 'input'."
        raise RefusedError(text, "input", code="missing_required_parameter")
    if body.stream_options and not body.stream:
        text = "The 'stream_options' parameter is only allowed when 'stream' is enabled."
        raise RefusedError(text, "stream_options")
    if body.max_output_tokens and body.max_output_tokens < _LEAST_LIMIT:
        request.complain(f"the service takes a max_output_tokens of {_LEAST_LIMIT} or more")
    for name in ("background", "context_management", "conversation", "prompt"):
        if getattr(body, name):
            request.complain(f"the emulator does nothing about {name!r}")
    if isinstance(body.text.format, asked.JsonSchema):
        check_output_schema(
            body.text.format.name,
            body.text.format.schema,
            strict=bool(body.text.format.strict),
            param="text.format.schema",
        )


def read_tools(request: Request, body: asked.ResponsesBody) -> Tools:
    """The tools and the choice among them; `RefusedError` for what is wrong with them."""
    functions: list[tuple[asked.FunctionTool, str]] = []
    names: list[str] = []
    for at, raw in enumerate(body.tools or ()):
        tool = _read_tool(request, raw, f"tools[{at}]")
        names.append(str(raw["type"]) if tool is None else tool.name)
        if isinstance(tool, asked.FunctionTool):
            functions.append((tool, f"tools[{at}]"))
    check_tools(
        [(Tool(one.name, one.description, one.parameters, one.strict), at) for one, at in functions]
    )
    chosen, must = _choice(request, body)
    if chosen:
        check_named(chosen, names, param="tool_choice")
    known = [one.name for one, _ in functions]
    if body.tool_choice == "required":
        check_named([], names, param="tool_choice")
        chosen = known
    return Tools(
        functions=tuple(one for one, _ in functions),
        names=tuple(names),
        forced=tuple(name for name in chosen if name in known) if must else (),
    )


def responses_ask(body: asked.ResponsesBody, items: Sequence[asked.Item], tools: Tools) -> Ask:
    """What a checked request asks for; `items` are the earlier turns, too."""
    results = last_results(items)
    match body.text.format:
        case asked.JsonSchema(schema=schema):
            wanted: Json = schema
        case asked.JsonObject():
            if not any("json" in text.lower() for text in (*texts(items), body.instructions or "")):
                text = "The input has to contain the word 'json' to use 'json_object'."
                raise RefusedError(text, "input")
            wanted = {"type": "object"}
        case asked.PlainText():
            wanted = None
    return Ask(
        prompt="\n".join(results) if results else last_user_text(items),
        results=bool(results),
        tools={tool.name: tool.parameters for tool in tools.functions},
        forced=next(iter(tools.forced), ""),
        schema=wanted,
        limit=body.max_output_tokens,
        one_call=body.parallel_tool_calls is False,
    )


def responses_notes(
    body: asked.ResponsesBody, new: Sequence[asked.Item], tools: Tools
) -> dict[str, Json]:
    """Facts of a request for the journal; `RefusedError` for a medium that is not what it says."""
    form = body.text.format
    notes: dict[str, Json] = {
        "tools": list(tools.names),
        "effort": body.reasoning.effort if body.reasoning else None,
        "schema": form.name if isinstance(form, asked.JsonSchema) else None,
        "reasoning_returned": sum(isinstance(item, asked.Reasoning) for item in new),
    }
    for name, note in media(new):
        notes.setdefault(name, []).append(note)
    return {name: note for name, note in notes.items() if note}


def _read_tool(
    request: Request, raw: asked.RawItem, path: str
) -> asked.FunctionTool | asked.CustomTool | None:
    """A tool of the caller's; None for one that the service would run itself."""
    match raw.get("type"):
        case "function":
            return read_value(request, raw, asked.FunctionTool, path)
        case "custom":
            return read_value(request, raw, asked.CustomTool, path)
        case hosted if hosted in _HOSTED:
            request.complain(f"the emulator runs no tool of type {hosted!r}")
            return None
        case other:
            supported = ", ".join(("function", "custom", *_HOSTED))
            raise not_valid(f"{path}.type", f"{other!r} is none of {supported}")


def _choice(request: Request, body: asked.ResponsesBody) -> tuple[list[str], bool]:
    """The names that the choice names, and whether one of them has to be called."""
    raw = body.tool_choice
    if not isinstance(raw, dict):
        return [], raw == "required"
    match raw.get("type"):
        case "function":
            return [read_value(request, raw, asked.NamedFunction, "tool_choice").name], True
        case "custom":
            return [read_value(request, raw, asked.NamedCustom, "tool_choice").name], True
        case "allowed_tools":
            allowed = read_value(request, raw, asked.AllowedTools, "tool_choice")
            return list(_allowed(allowed)), allowed.mode == "required"
        case hosted if hosted in _HOSTED:
            return [str(hosted)], True
        case other:
            raise not_valid("tool_choice.type", f"{other!r} is no choice of a tool")


def _allowed(allowed: asked.AllowedTools) -> Iterator[str]:
    for tool in allowed.tools:
        yield str(tool.get("name", tool.get("type")))
