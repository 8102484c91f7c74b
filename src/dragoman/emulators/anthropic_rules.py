"""Rules between the fields of a Messages request: tools, thinking, sampling, output.

Each rule takes the whole request, whose shape is right already, and raises `Refused`.
Source: Claude API docs "Extended thinking", "Define tools", "Structured outputs"; error texts
from public issue reports; read 2026-11-21.
"""

from collections.abc import Callable, Mapping

from dragoman.emulators.anthropic_schema import check_schema, check_strict
from dragoman.emulators.anthropic_shape import Refused
from dragoman.emulators.service import Json

__all__ = ["MAX_TOKENS", "check_rules", "custom_tools"]

MAX_TOKENS = 128_000
_CACHE_POINTS = 4
_DOCS = "https://docs.claude.com/en/docs/build-with-claude/extended-thinking"

Form = Mapping[str, Json]


def custom_tools(form: Form) -> dict[str, Json]:
    """The input schemas of the caller's own tools by name."""
    return {
        tool["name"]: tool["input_schema"]
        for tool in form.get("tools", [])
        if tool.get("type") in (None, "custom")
    }


def check_rules(form: Form, betas: str) -> None:
    """Refuse a request whose fields do not fit together; `betas` are its beta features."""
    for rule in _RULES:
        rule(form)
    if "interleaved-thinking" not in betas:
        _budget(form)


def _limit(form: Form) -> None:
    asked = form.get("max_tokens", 0)
    if asked > MAX_TOKENS:
        raise Refused(
            f"max_tokens: {asked} > {MAX_TOKENS}, which is the maximum allowed number of output "
            f"tokens for {form['model']}"
        )


def _tools(form: Form) -> None:
    for index, tool in enumerate(form.get("tools", [])):
        if tool.get("type") in (None, "custom"):
            _tool(tool, f"tools.{index}.custom")
    names = [tool.get("name") for tool in form.get("tools", []) if tool.get("name")]
    if len(names) > len(set(names)):
        raise Refused("tools: Tool names must be unique.")


def _tool(tool: Form, where: str) -> None:
    schema = tool["input_schema"]
    if "type" not in schema:
        raise Refused(f"{where}.input_schema.type: Field required")
    if schema["type"] != "object":
        raise Refused(f"{where}.input_schema.type: Input should be 'object'")
    if tool.get("strict"):
        check_strict(schema, where)
    else:
        check_schema(schema, f"{where}.input_schema")


def _tool_choice(form: Form) -> None:
    choice = form.get("tool_choice")
    if choice is None:
        return
    if not form.get("tools") and choice["type"] != "none":
        raise Refused("tool_choice: may only be specified while providing `tools`")
    names = {tool.get("name") for tool in form.get("tools", [])}
    if choice["type"] == "tool" and choice["name"] not in names:
        raise Refused(f"Tool '{choice['name']}' not found in provided tools")
    if choice["type"] in ("any", "tool") and _thinks(form):
        raise Refused("Thinking may not be enabled when tool_choice forces tool use.")


def _sampling(form: Form) -> None:
    if not _thinks(form):
        return
    if form.get("temperature", 1) != 1:
        raise Refused(
            "`temperature` may only be set to 1 when thinking is enabled. Please consult our "
            f"documentation at {_DOCS}#important-considerations-when-using-extended-thinking"
        )
    if "top_k" in form:
        raise Refused("`top_k` must be unset when thinking is enabled.")
    if form.get("top_p", 1) < 0.95:
        raise Refused(
            "`top_p` must be greater than or equal to 0.95 or unset when thinking is enabled."
        )


def _format(form: Form) -> None:
    asked = form.get("output_config", {}).get("format")
    if asked is not None:
        check_strict(asked["schema"], "output_config.format.schema")


def _stops(form: Form) -> None:
    if not all(stop.strip() for stop in form.get("stop_sequences", [])):
        raise Refused("stop_sequences: each stop sequence must contain non-whitespace")


def _cache_points(form: Form) -> None:
    found = _count_marks(form)
    if found > _CACHE_POINTS:
        raise Refused(
            f"A maximum of {_CACHE_POINTS} blocks with cache_control may be provided. "
            f"Found {found}."
        )


def _count_marks(value: Json) -> int:
    if isinstance(value, list):
        return sum(map(_count_marks, value))
    if not isinstance(value, dict):
        return 0
    # What a tool takes or was called with may have any names.
    inner = (value[name] for name in value if name not in ("input", "input_schema"))
    return bool(value.get("cache_control")) + sum(map(_count_marks, inner))


def _budget(form: Form) -> None:
    thinking = form.get("thinking", {})
    if "max_tokens" in form and thinking.get("budget_tokens", -1) >= form["max_tokens"]:
        raise Refused(
            "`max_tokens` must be greater than `thinking.budget_tokens`. Please consult our "
            f"documentation at {_DOCS}#max-tokens-and-context-window-size"
        )


def _thinks(form: Form) -> bool:
    return form.get("thinking", {}).get("type") in ("enabled", "adaptive")


_RULES: tuple[Callable[[Form], None], ...] = (
    _limit,
    _tools,
    _tool_choice,
    _sampling,
    _format,
    _stops,
    _cache_points,
)
