"""What chat and generate have in common in a request, read: options, `think`, `format`, `logprobs`.

A value that only says "as you like", such as a `num_predict` of -1, and an option that the middle
has no name for stay the dialect's own.
Source: docs.ollama.com ("Chat", "Generate", "Thinking", "Structured outputs", openapi.yaml), read
2026-11-21.
"""

from collections.abc import Callable, Mapping

from dragoman.dialects.ollama.tables import HINTS, OPTIONS, OPTIONS_PREFIX
from dragoman.dialects.ollama.thinking import decode_think
from dragoman.dialects.reading import Field
from dragoman.dialects.tool_checks import check_types
from dragoman.media import sniff
from dragoman.messages import Image
from dragoman.native import Native
from dragoman.tools import JsonObject, JsonSchema, Output

__all__ = ["COMMON", "decode_image", "decode_schema", "decode_settings"]

COMMON = frozenset({"format", "logprobs", "model", "options", "stream"})
"""The fields that are read here, but for those that may stay the dialect's own."""

_MAX_LOGPROBS = 20


def decode_settings(
    body: Field, dialect: str, known: frozenset[str], *, model: str = "", stream: bool | None = None
) -> dict[str, object]:
    """The fields of a `ChatRequest` besides its messages; `known` are those that others read."""
    own = body.rest(COMMON | known)
    asked: dict[str, object] = {
        "model": (model or body.need("model").text(empty=False)),
        "stream": _stream(body, stream),
        "output": _output(body.get("format")),
        "logprobs": _logprobs(body, own),
    }
    if think := body.get("think"):
        effort, says_all = decode_think(think)
        asked["reasoning_effort"] = effort
        if effort not in (None, "none"):
            asked["reasoning_summary"] = "auto"
        if says_all:
            del own["think"]
    hints = HINTS & own.keys()
    if asked.get("reasoning_effort") is None:
        hints -= {"think"}
    if options := body.get("options"):
        more = _options(options, asked)
        own |= more
        hints |= more.keys()
    asked["native"] = Native(dialect, own, hints) if own else None
    return asked


def _stream(body: Field, stream: bool | None) -> bool:
    said = body.get("stream")
    return stream if stream is not None else said is None or said.flag()


def _output(said: Field | None) -> Output | None:
    if said is None or said.value == "":
        return None
    if isinstance(said.value, dict):
        return JsonSchema(schema=decode_schema(said))
    said.word(("json",))
    return JsonObject()


def decode_schema(field: Field) -> Mapping[str, object]:
    """A JSON schema, as far as a glance tells."""
    schema = field.fields()
    check_types(field)
    for name in ("properties", "$defs"):
        if inner := field.get(name):
            for key, value in inner.fields().items():
                _subschema(Field(value, f"{inner.place}.{key}"))
    if items := field.get("items"):
        _subschema(items)
    return schema


def _subschema(field: Field) -> None:
    # `true` and `false` are schemas, too.
    if not isinstance(field.value, bool):
        decode_schema(field)


def _logprobs(body: Field, own: dict[str, object]) -> int | None:
    said, top = body.get("logprobs"), body.get("top_logprobs")
    count = top.whole(0, _MAX_LOGPROBS) if top else 0
    if said is None or not said.flag():
        return None
    own.pop("top_logprobs", None)
    return count


def _options(field: Field, asked: dict[str, object]) -> dict[str, object]:
    """Fill in what is asked, and give what stays the dialect's own."""
    theirs = set(OPTIONS.values())
    for ours, name in OPTIONS.items():
        if (option := field.get(name)) is not None:
            asked[ours] = _DECODERS[name](option)
            if asked[ours] is None and option.value not in ([], ""):
                theirs.remove(name)
    return {
        f"{OPTIONS_PREFIX}{name}": value
        for name, value in field.fields().items()
        if value is not None and name not in theirs
    }


def _texts(field: Field) -> tuple[str, ...] | None:
    if isinstance(field.value, str):
        return (field.text(),) if field.value else None
    return tuple(item.text(empty=False) for item in field.items()) or None


def _counted(field: Field) -> int | None:
    """A count; 0 and less are "as many as you like"."""
    count = field.whole(-(2**31))
    return count if count > 0 else None


def _seed(field: Field) -> int | None:
    """The seed; -1 is any."""
    seed = field.whole(-(2**63))
    return seed if seed != -1 else None


_DECODERS: Mapping[str, Callable[[Field], object]] = {
    "temperature": lambda field: field.number(0, 2),
    "top_p": lambda field: field.number(0, 1),
    "top_k": _counted,
    "num_predict": _counted,
    "stop": _texts,
    "seed": _seed,
    "presence_penalty": lambda field: field.number(-2, 2),
    "frequency_penalty": lambda field: field.number(-2, 2),
}


def decode_image(field: Field) -> Image:
    """A picture; its bytes say of which kind."""
    content = field.base64()
    kind = sniff(content)
    if kind is None or not kind.startswith("image/"):
        field.refuse(f"is no image{f' but {kind}' if kind else ' of a known kind'}")
    return Image(content=content, media_type=kind)
