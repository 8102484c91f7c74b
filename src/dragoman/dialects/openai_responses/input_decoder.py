"""Input items as messages: those of one turn of the assistant's are one message.

A message item of the assistant's directly after another begins a new message, and so does every
one of the user's. Items that only this dialect knows are whole pieces in the turn where they stand.
Source: OpenAI API reference, "Create a model response" (`input`), and the types of the package
openai 3.54.0, read 2026-11-21.
"""

from collections.abc import Mapping

from dragoman.dialects.arguments import decode_arguments
from dragoman.dialects.openai_responses.content_decoder import (
    decode_content,
    decode_output,
    native_of,
)
from dragoman.dialects.openai_responses.proofs import make_signature
from dragoman.dialects.openai_responses.tables import HISTORY, ITEM_HINTS, NAME
from dragoman.dialects.reading import Field
from dragoman.dialects.signatures import foreign_or_own
from dragoman.messages import Message, Part, Reasoning, Role, Text, ToolCall, ToolResult
from dragoman.native import Native

__all__ = ["decode_input"]

_ROLES: Mapping[str, Role] = {
    "user": "user",
    "assistant": "assistant",
    "system": "system",
    "developer": "system",
}
_USERS = frozenset(
    {"additional_tools", "compaction_trigger", "configuration_update", "item_reference"}
)


def decode_input(
    source: Field, instructions: Field | None, *, stateful: bool
) -> tuple[Message, ...]:
    """The messages. `stateful` is whether the service may know calls that are not here."""
    messages: list[Message] = []
    if instructions is not None:
        messages.append(Message("system", (Text(instructions.text()),)))
    if isinstance(source.value, str):
        return (*messages, Message("user", (Text(source.text()),)))
    turns = _Turns(messages, stateful)
    for item in source.items():
        turns.add(item)
    if not source.value:
        source.refuse("there is no message in it")
    return turns.close()


class _Turns:
    """The messages while items come; `_parts` are those of the open turn."""

    def __init__(self, messages: list[Message], stateful: bool) -> None:
        self._messages = messages
        self._stateful = stateful
        self._role: Role = "user"
        self._parts: list[Part] = []
        self._native: Native | None = None
        self._after_message = False
        self._calls: set[str] = set()

    def add(self, item: Field) -> None:
        kind = item.get("type") or item
        usual = "message" if item.get("role") else "item_reference"
        match usual if kind is item else kind.text(empty=False):
            case "message":
                self._message(item)
            case "function_call":
                self._go_on("assistant", self._call(item))
            case "function_call_output":
                self._go_on("tool", self._result(item))
            case "reasoning":
                self._go_on("assistant", _thought(item))
            case word:
                self._go_on(_role_of(word), Native(NAME, item.rest(()), HISTORY & {word}))

    def close(self) -> tuple[Message, ...]:
        if self._parts:
            self._messages.append(Message(self._role, tuple(self._parts), self._native))
        self._parts, self._native, self._after_message = [], None, False
        return tuple(self._messages)

    def _go_on(self, role: Role, part: Part) -> None:
        if role != self._role or role == "user":
            self.close()
            self._role = role
        self._parts.append(part)
        self._after_message = False

    def _message(self, item: Field) -> None:
        role = _ROLES[item.need("role").word(tuple(_ROLES))]
        parts = decode_content(item.need("content"))
        native = native_of(item, frozenset({"type", "role", "content"}), ITEM_HINTS)
        if role != "assistant":
            self.close()
            self._messages.append(Message(role, parts, native))
            self._role = role
            return
        # Only the first message item of a turn has room for what is its own.
        has_own = self._native is not None and native is not None
        if self._role != role or self._after_message or has_own or not parts:
            self.close()
        self._role = role
        self._native = self._native or native
        self._parts += parts
        self._after_message = True
        if not parts:
            self._messages.append(Message(role, (), native))
            self._native = None

    def _call(self, item: Field) -> ToolCall:
        call_id = item.need("call_id").text(empty=False)
        text = decode_arguments(item.need("arguments"))
        self._calls.add(call_id)
        known = frozenset({"type", "call_id", "name", "arguments"})
        native = native_of(item, known, ITEM_HINTS - {"name"})
        name = item.need("name").text(empty=False)
        return ToolCall(call_id, name, text, native=native)

    def _result(self, item: Field) -> ToolResult:
        call_id = item.need("call_id")
        if call_id.text(empty=False) not in self._calls and not self._stateful:
            call_id.refuse(f"there is no call {call_id.text()!r} before it")
        known = frozenset({"type", "call_id", "output"})
        native = native_of(item, known, ITEM_HINTS)
        return ToolResult(call_id.text(), decode_output(item.need("output")), native=native)


def _role_of(kind: str) -> Role:
    if kind in _USERS:
        return "user"
    return "tool" if kind.endswith(("_output", "_response")) else "assistant"


def _thought(item: Field) -> Part:
    """A thought, or the whole item where it is only a name for what the service keeps."""
    encrypted = item.get("encrypted_content")
    shown = _texts(item.get("content"))
    texts = _texts(item.get("summary")) + shown
    item_id = item.get("id")
    name = item_id.text() if item_id else ""
    if encrypted is not None and encrypted.text():
        said = encrypted.text()
        signature = make_signature(name, said)
        return Reasoning("\n\n".join(texts), said if _is_signature(said) else signature)
    if not texts:
        return Native(NAME, item.rest(()), frozenset({"reasoning"}))
    return Reasoning("\n\n".join(texts), make_signature(name, "") if name and shown else None)


def _is_signature(said: str) -> bool:
    """Whether this is a signature of the middle, which a server half had handed out."""
    return foreign_or_own(NAME, said) == said


def _texts(parts: Field | None) -> list[str]:
    found = [part.need("text").text() for part in parts.items()] if parts else []
    return [text for text in found if text]
