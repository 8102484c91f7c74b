"""Messages to Gemini's contents: who said what, as parts of a user's and the model's turns.

The results of one step of calls go into one content, as the service counts them against the calls.
A signature without a thought goes to the text before it, where the service puts it, or stands
by itself with an empty text. Calls that another model made get the word that the docs have for it,
for models that insist on signatures.
Source: "Function calling" and "Thought signatures" of the Gemini API docs, read 2026-11-21.
"""

from collections.abc import Callable, Iterable
from typing import Any, assert_never

from dragoman.chat import ChatRequest
from dragoman.dialects.arguments import sent_arguments
from dragoman.dialects.gemini.media import encode_media
from dragoman.dialects.gemini.proofs import send_back
from dragoman.dialects.gemini.results import encode_response
from dragoman.dialects.gemini.spelling import merge
from dragoman.dialects.gemini.tables import (
    BYPASSES,
    CANDIDATE_FIELDS,
    NAME,
    wants_signatures,
)
from dragoman.errors import InputError
from dragoman.messages import (
    Audio,
    Document,
    Image,
    Message,
    Part,
    Reasoning,
    Refusal,
    Text,
    ToolCall,
    ToolResult,
)
from dragoman.native import Native

__all__ = ["encode_contents", "native_part", "said_parts"]

Wire = dict[str, Any]
Seal = Callable[[str | None], str | None]
Arguments = Callable[[ToolCall, str], dict[str, object]]


def encode_contents(chat: ChatRequest) -> tuple[list[Wire], list[Wire]]:
    """The parts of the system instruction, and the contents.

    Raises:
        InputError: arguments that are no JSON object, a result without its call, bytes without
            a media type, a system message that is no text, or nothing but system messages.
    """
    system: list[Wire] = []
    turns = _Turns(chat.model)
    for number, message in enumerate(chat.messages):
        place = f"messages[{number}]"
        if message.role == "system" and not turns.begun:
            system += _system(message, place)
        else:
            turns.add(message, place)
    if not turns.contents:
        raise InputError("Gemini wants a message besides those of the system", place="messages")
    return system, turns.contents


def said_parts(
    parts: Iterable[Part], place: str, *, seal: Seal, arguments: Arguments
) -> list[Wire]:
    """The parts of a model's turn.

    `seal` gives what to write of a signature, `arguments` those of a call at a place, or raises.
    """
    wire: list[Wire] = []
    for number, part in enumerate(parts):
        at = f"{place}.content[{number}]"
        match part:
            case Reasoning(text, signature):
                _think(wire, text, seal(signature))
            case ToolCall():
                wire.append(_call(part, at, seal=seal, arguments=arguments))
            case Native():
                wire += native_part(part)
            case _:
                wire.append(_plain(part, at))
    return wire


def native_part(part: Native) -> list[Wire]:
    """The part as it was; none of another dialect's, and none that told of a whole answer."""
    fields = {name: value for name, value in part.of(NAME).items() if name != "type"}
    return [fields] if fields and fields.keys().isdisjoint(CANDIDATE_FIELDS) else []


class _Turns:
    """The contents while messages come, and the names of the calls that were made."""

    def __init__(self, model: str) -> None:
        self.contents: list[Wire] = []
        self.begun = False
        self._signs = wants_signatures(model)
        self._names: dict[str, str] = {}
        self._last = ""

    def add(self, message: Message, place: str) -> None:
        self.begun = True
        match message.role:
            case "assistant":
                parts = self._model(message, place)
            case "tool":
                parts = [
                    self._result(part, f"{place}.content[{number}]")
                    for number, part in enumerate(message.parts)
                ]
            case "user":
                parts = _asked(message, place)
            case "system":
                parts = [{"text": f"<system>\n{message.text}\n</system>"}]
            case _:
                assert_never(message.role)
        if parts:
            self._put(message, parts)

    def _put(self, message: Message, parts: list[Wire]) -> None:
        is_answered = self._last == "tool" and message.role != "assistant"
        self._last = message.role
        if is_answered and message.native is None:
            self.contents[-1]["parts"] += parts
            return
        role = "model" if message.role == "assistant" else "user"
        self.contents.append(merge({"role": role, "parts": parts}, message.native))

    def _model(self, message: Message, place: str) -> list[Wire]:
        calls = [part for part in message.parts if isinstance(part, ToolCall)]
        self._names |= {call.id: call.name for call in calls}
        parts = said_parts(message.parts, place, seal=send_back, arguments=sent_arguments)
        first = next((part for part in parts if "functionCall" in part), None)
        if first is not None and self._signs:
            first.setdefault("thoughtSignature", BYPASSES[0])
        return parts

    def _result(self, part: Part, place: str) -> Wire:
        if not isinstance(part, ToolResult):
            raise InputError(f"{place}: only results belong to the role tool", place=place)
        name = self._names.get(part.call_id)
        if name is None:
            raise InputError(f"{place}: there is no call {part.call_id!r} before it", place=place)
        said = part.text if any(isinstance(piece, Text) for piece in part.parts) else None
        response: Wire = {
            "id": part.call_id,
            "name": name,
            "response": encode_response(said, is_error=part.is_error),
        }
        if media := _media(part, place):
            response["parts"] = media
        return merge({"functionResponse": response}, part.native)


def _call(call: ToolCall, place: str, *, seal: Seal, arguments: Arguments) -> Wire:
    told = {"id": call.id, "name": call.name, "args": arguments(call, place)}
    part: Wire = {"functionCall": told}
    if signature := seal(call.signature):
        part["thoughtSignature"] = signature
    return merge(part, call.native)


def _system(message: Message, place: str) -> list[Wire]:
    parts = _asked(message, place)
    for number, part in enumerate(parts):
        if "text" not in part:
            at = f"{place}.content[{number}]"
            raise InputError(f"{at}: Gemini's system instruction is text alone", place=at)
    return parts


def _asked(message: Message, place: str) -> list[Wire]:
    wire: list[Wire] = []
    for number, part in enumerate(message.parts):
        if isinstance(part, Native):
            wire += native_part(part)
        else:
            wire.append(_plain(part, f"{place}.content[{number}]"))
    return wire


def _plain(part: Part, place: str) -> Wire:
    match part:
        case Text(text, native):
            return merge({"text": text}, native)
        case Refusal(text):
            return {"text": text}
        case Image() | Audio() | Document():
            return merge(encode_media(part, place), part.native)
        case _:
            kind = type(part).__name__
            raise InputError(f"{place}: a part {kind} does not belong here", place=place)


def _media(result: ToolResult, place: str) -> list[Wire]:
    wire: list[Wire] = []
    for number, piece in enumerate(result.parts):
        if isinstance(piece, Native):
            wire += native_part(piece)
        elif not isinstance(piece, Text):
            found = encode_media(piece, f"{place}.content[{number}]")
            wire.append(merge(found, piece.native))
    return wire


def _think(wire: list[Wire], text: str, signature: str | None) -> None:
    signed = {"thoughtSignature": signature} if signature else {}
    if text:
        wire.append({"text": text, "thought": True, **signed})
    elif signed:
        last = wire[-1] if wire else {}
        if "text" in last and last.keys().isdisjoint(("thought", "thoughtSignature")):
            last |= signed
        else:
            wire.append({"text": "", **signed})
