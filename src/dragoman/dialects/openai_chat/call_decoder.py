"""The tool calls of an earlier turn, as JSON values.

The older form is read, too: one `function_call` in a message of an assistant's, and its result in a
message of the role `function`, which go together by the function's name.
Source: as `dragoman.dialects.openai_chat.tables`.
"""

from collections.abc import Iterator, Mapping, Sequence

from dragoman.dialects.arguments import decode_arguments
from dragoman.dialects.openai_chat.part_decoder import Manner
from dragoman.dialects.openai_chat.tables import NAME
from dragoman.dialects.reading import Field
from dragoman.dialects.signatures import foreign_or_own
from dragoman.messages import Message, Part, ToolCall
from dragoman.native import Native

__all__ = ["decode_calls", "earlier_call"]

_KNOWN = ("id", "type", "function", "index", "extra_content")


def decode_calls(field: Field, manner: Manner, number: int) -> Iterator[Part]:
    """The calls of one message; `number` is the message's, from 0, which names an older call."""
    if calls := field.get("tool_calls"):
        for call in calls.items():
            yield _call(call, manner)
    if older := field.get("function_call"):
        name = older.need("name").text(empty=False)
        yield ToolCall(f"call_{number}", name, decode_arguments(older.get("arguments")))


def earlier_call(name: Field, before: Sequence[Message]) -> str:
    """The id of the last call of that function; `InputError` if there is none."""
    calls = (part for message in reversed(before) for part in message.parts)
    found = (call.id for call in calls if isinstance(call, ToolCall) and call.name == name.value)
    return next(found, None) or name.refuse(f"there is no call of {name.value!r} before it")


def _call(field: Field, manner: Manner) -> Part:
    kind = field.get("type")
    if kind is not None and kind.value != "function":
        if kind.value != "custom" and not manner.is_strict:
            kind.wrong("function or custom")
        kind.text(empty=False)
        field.need("id").text(empty=False)
        return Native(NAME, dict(field.fields()))
    function = field.need("function")
    more = field.rest(_KNOWN)
    if inner := function.rest(("name", "arguments")):
        more["function"] = inner
    said, extra = _signature(field)
    return ToolCall(
        field.need("id").text(empty=False),
        function.need("name").text(empty=False),
        decode_arguments(function.get("arguments")),
        said,
        manner.native(more | extra),
    )


def _signature(field: Field) -> tuple[str | None, dict[str, object]]:
    """The proof of the thought behind a call, and what else stands beside it."""
    extra = field.get("extra_content")
    if extra is None:
        return None, {}
    google = extra.fields().get("google")
    said = google.get("thought_signature") if isinstance(google, Mapping) else None
    if not isinstance(said, str) or not said:
        return None, {"extra_content": extra.value}
    return foreign_or_own(NAME, said), {}
