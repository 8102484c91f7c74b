"""Messages to the JSON of a request.

Each result of a tool is a message of its own; what is in it besides text follows in a message of
the user's, behind the last of them. A text by itself is a string, several are a list of parts.
"""

from collections.abc import Iterable, Sequence
from typing import assert_never

from dragoman.dialects.openai_chat.tables import DEFAULT_NAME, NAME
from dragoman.dialects.openai_chat.thoughts import details
from dragoman.dialects.signatures import own
from dragoman.errors import InputError
from dragoman.media import data_url, encode_base64
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

__all__ = ["encode_messages"]

_FORMATS = {
    "audio/wav": "wav",
    "audio/x-wav": "wav",
    "audio/wave": "wav",
    "audio/mpeg": "mp3",
    "audio/mp3": "mp3",
}
# A file needs a name; the ending tells what it is.
_ENDINGS = {"application/pdf": ".pdf", "text/plain": ".txt"}

_Object = dict[str, object]


def encode_messages(messages: Sequence[Message]) -> list[_Object]:
    """The messages of a request; `InputError` names the place of what cannot be sent."""
    encoded: list[_Object] = []
    shown: list[_Object] = []
    for number, message in enumerate(messages):
        place = f"messages[{number}]"
        results = [part for part in message.parts if isinstance(part, ToolResult)]
        for result in results:
            encoded.append(_result(result))
            shown += _shown(result, place)
        if len(results) < len(message.parts) or not results:
            encoded += [_showing(shown)] if shown else []
            encoded.append(_message(message, place))
            shown = []
    return [*encoded, _showing(shown)] if shown else encoded


def _showing(shown: list[_Object]) -> _Object:
    return {"role": "user", "content": shown}


def _result(result: ToolResult) -> _Object:
    texts = [part for part in result.parts if isinstance(part, Text)]
    content = _content([_text(text) for text in texts])
    if not texts and result.parts:
        content = "It is in the message after the results."
    return {
        "role": "tool",
        "tool_call_id": result.call_id,
        "content": content,
        **_native(result.native),
    }


def _shown(result: ToolResult, place: str) -> list[_Object]:
    """What of a result is no text, with the name of its call before it."""
    parts = [part for part in result.parts if not isinstance(part, Text)]
    shown = [piece for part in parts for piece in _piece(part, place)]
    label: _Object = {"type": "text", "text": f"The result of {result.call_id}:"}
    return [label, *shown] if shown else []


def _message(message: Message, place: str) -> _Object:
    parts = [part for part in message.parts if not isinstance(part, ToolResult)]
    pieces: list[_Object] = []
    for at, part in enumerate(message.parts):
        pieces += _piece(part, f"{place}.content[{at}]")
    encoded: _Object = {"role": message.role, "content": _content(pieces)}
    refusals = [part.text for part in parts if isinstance(part, Refusal)]
    if refusals:
        encoded["refusal"] = "".join(refusals)
    encoded |= _thoughts([part for part in parts if isinstance(part, Reasoning)])
    calls = [call for part in parts for call in _call(part)]
    if calls:
        encoded["tool_calls"] = calls
    for part in parts:
        if isinstance(part, Native) and part.of(NAME).get("type") == "audio":
            encoded["audio"] = _spoken(part)
    if not pieces and len(encoded) > 2:
        encoded["content"] = None
    return encoded | _native(message.native)


def _content(pieces: list[_Object]) -> object:
    if not pieces:
        return ""
    first = pieces[0]
    is_plain = len(pieces) == 1 and first.keys() == {"type", "text"} and first["type"] == "text"
    return first["text"] if is_plain else pieces


def _piece(part: Part, place: str) -> list[_Object]:
    """A part as one of the content; none for those that have a place of their own."""
    match part:
        case Text():
            return [_text(part)]
        case Image():
            return [_image(part)]
        case Audio(content, media_type):
            form = _FORMATS.get(media_type)
            if form is None:
                text = f"{place}: a sound is sent as wav or mp3, not as {media_type}"
                raise InputError(text, place=place)
            sound = {"data": encode_base64(content), "format": form}
            return [{"type": "input_audio", "input_audio": sound, **_native(part.native)}]
        case Document():
            return [{"type": "file", "file": _file(part), **_native(part.native)}]
        case Native():
            fields = part.of(NAME)
            own_place = fields.get("type") in {"audio", "annotations", "custom"}
            return [dict(fields)] if fields and not own_place else []
        case Refusal() | Reasoning() | ToolCall() | ToolResult():
            return []
        case _:
            assert_never(part)


def _text(text: Text) -> _Object:
    return {"type": "text", "text": text.text, **_native(text.native)}


def _image(image: Image) -> _Object:
    url = image.url or data_url(image.content or b"", image.media_type or "image/png")
    detail = {} if image.detail is None else {"detail": image.detail}
    return {"type": "image_url", "image_url": {"url": url, **detail}, **_native(image.native)}


def _file(document: Document) -> _Object:
    if document.content is None:
        name = {} if document.name is None else {"filename": document.name}
        return {"file_id": document.file_id, **name}
    kind = document.media_type or "application/pdf"
    name_ = document.name or DEFAULT_NAME + _ENDINGS.get(kind, "")
    return {"filename": name_, "file_data": data_url(document.content, kind)}


def _thoughts(thoughts: Iterable[Reasoning]) -> _Object:
    known = [(thought.text, own(NAME, thought.signature)) for thought in thoughts]
    # A hidden thought that another service signed says nothing to this one.
    known = [(text, said) for text, said in known if text or said]
    encoded: _Object = {}
    if any(text for text, _ in known):
        encoded["reasoning_content"] = "".join(text for text, _ in known)
    if any(said for _, said in known):
        encoded["reasoning_details"] = details(known)
    return encoded


def _call(part: Part) -> list[_Object]:
    if isinstance(part, Native):
        fields = part.of(NAME)
        return [dict(fields)] if fields.get("type") == "custom" else []
    if not isinstance(part, ToolCall):
        return []
    said = own(NAME, part.signature)
    extra = {"extra_content": {"google": {"thought_signature": said}}} if said else {}
    return [
        {
            "id": part.id,
            "type": "function",
            "function": {"name": part.name, "arguments": part.arguments or "{}"},
            **extra,
            **_native(part.native),
        }
    ]


def _spoken(part: Native) -> object:
    audio = part.fields.get("audio")
    return {"id": audio.get("id")} if isinstance(audio, dict) else None


def _native(native: Native | None) -> _Object:
    return {} if native is None else dict(native.of(NAME))
