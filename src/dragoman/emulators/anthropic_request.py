"""A Messages request, checked and read: what the answer depends on, and facts for the journal."""

from collections.abc import Iterator, Mapping
from itertools import takewhile

from msgspec import Struct

from dragoman.emulators.anthropic_fields import count_fields, message_fields
from dragoman.emulators.anthropic_media import size_bytes
from dragoman.emulators.anthropic_rules import check_rules, custom_tools
from dragoman.emulators.anthropic_shape import Refused
from dragoman.emulators.anthropic_turns import Block, blocks, check_turns, conversation
from dragoman.emulators.service import Json, Request, dump, words

__all__ = ["Asked", "checked_form", "count_tokens", "read_request"]

_MAX_BYTES = 32 * 1024 * 1024

Form = Mapping[str, Json]


class Asked(Struct, frozen=True, kw_only=True):
    """What a request asks for.

    `prompt` is the text of the last user message, or of its tool results, and then `results`
    holds. `prefill` is the text that the answer goes on with. `forced` is the tool that must be
    called, `calls` how many calls the conversation has had.
    """

    model: str
    max_tokens: int
    stream: bool
    prompt: str
    results: bool
    prefill: str
    forced: str
    tools: Mapping[str, Json]
    schema: Json
    stops: tuple[str, ...]
    thinking: str
    shown: bool
    calls: int
    input_tokens: int


def checked_form(request: Request, version: str, *, prefill: bool, counting: bool = False) -> Form:
    """The request's fields; `Refused` if the service would not take them."""
    if len(request.raw) > _MAX_BYTES:
        raise Refused("Request exceeds the maximum size", 413)
    if not isinstance(request.body, dict):
        raise Refused("The request body is not valid JSON: expected an object")
    form = dict(_present(request))
    fields = count_fields if counting else message_fields
    fields[version](form, "")
    check_rules(form, request.headers.get("anthropic-beta", ""))
    check_turns(form, version, prefill=prefill)
    if form["model"] == "missing-model":
        raise Refused(f"model: {form['model']}", 404)
    return form


def _present(request: Request) -> Iterator[tuple[str, Json]]:
    for name, value in request.form.items():
        if value is None:
            request.complain(f"{name} is null: leave it out")
        else:
            yield name, value


def read_request(request: Request, form: Form) -> Asked:
    """What a checked request asks for; writes its facts into the journal."""
    said = conversation(form)
    _note(request, form, said)
    results = _last_results(said)
    parts = [part for block in results for part in _results(block)]
    last = _last(form, "user")
    thinking = form.get("thinking", {})
    return Asked(
        model=form["model"],
        max_tokens=form["max_tokens"],
        stream=form.get("stream", False),
        prompt=_text(parts or [block.value for block in said if block.message == last]),
        results=bool(results),
        prefill=_prefill(form["messages"][-1]),
        forced=_forced(form),
        tools=custom_tools(form),
        schema=(form.get("output_config", {}).get("format") or {}).get("schema"),
        stops=tuple(form.get("stop_sequences", ())),
        thinking=thinking.get("type", ""),
        shown=thinking.get("display") != "omitted",
        calls=sum(block.kind == "tool_use" for block in said),
        input_tokens=count_tokens(form),
    )


def count_tokens(form: Form) -> int:
    """The words of the system prompt, the tools and all messages: what a token is here."""
    system = blocks(form.get("system", []))
    texts = [_text([value]) for value in (*system, *(block.value for block in conversation(form)))]
    tools = [dump(tool).decode() for tool in form.get("tools", [])]
    return sum(len(words(text)) for text in (*texts, *tools))


def _last(form: Form, role: str) -> int:
    roles = [message["role"] for message in form["messages"]]
    return len(roles) - 1 - roles[::-1].index(role)


def _last_results(said: list[Block]) -> list[Block]:
    """The tool results of the last turn, if that is the user's."""
    turn = takewhile(lambda block: block.role != "assistant", reversed(said))
    return [block for block in turn if block.kind == "tool_result"][::-1]


def _prefill(message: Form) -> str:
    if message["role"] != "assistant":
        return ""
    return "".join(part["text"] for part in blocks(message["content"]) if part["type"] == "text")


def _results(block: Block) -> list[Form]:
    """What a tool result holds."""
    return blocks(block.value.get("content", [])) if block.kind == "tool_result" else []


def _text(values: list[Form]) -> str:
    return "\n".join(filter(None, map(_said, values)))


def _said(value: Form) -> str:
    match value["type"]:
        case "text":
            return str(value["text"])
        case "thinking":
            return str(value["thinking"])
        case "tool_use":
            return dump(value["input"]).decode()
        case "tool_result" | "search_result":
            return _text(blocks(value.get("content", [])))
        case "document" if value["source"]["type"] == "text":
            return str(value["source"]["data"])
        case _:
            return ""


def _forced(form: Form) -> str:
    choice = form.get("tool_choice", {})
    match choice.get("type"):
        case "tool":
            return str(choice["name"])
        case "any":
            return next(iter(custom_tools(form)), "")
        case _:
            return ""


def _note(request: Request, form: Form, said: list[Block]) -> None:
    """The facts that a test may ask for; what is not there is not noted."""
    thinking = form.get("thinking", {})
    facts = {
        "tools": list(custom_tools(form)),
        "tool_choice": form.get("tool_choice"),
        "images": list(_media(said, "image")),
        "documents": list(_media(said, "document")),
        "thinking": thinking.get("budget_tokens") or thinking.get("type"),
        "effort": form.get("output_config", {}).get("effort"),
        "thoughts": sum("thinking" in block.kind for block in said),
        "betas": request.headers.get("anthropic-beta"),
    }
    for name, fact in facts.items():
        if fact:
            request.note(name, fact)
    for tool in form.get("tools", []):
        if tool.get("type") not in (None, "custom"):
            request.complain(f"the emulator does not run the tool {tool['type']!r}")


def _media(said: list[Block], kind: str) -> Iterator[Json]:
    values = [block.value for block in said] + [part for block in said for part in _results(block)]
    return (_medium(value["source"]) for value in values if value["type"] == kind)


def _medium(source: Form) -> Json:
    if source["type"] != "base64":
        return source.get("url") or source.get("file_id") or source["type"]
    return {"media_type": source["media_type"], "size_bytes": size_bytes(source["data"])}
