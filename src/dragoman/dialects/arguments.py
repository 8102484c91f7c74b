"""The arguments of a tool call: everywhere the JSON text of an object, and none at all is `{}`.

A model may write others; it is an error where the format has room for the object alone.
"""

import msgspec

from dragoman.dialects.failures import FOREIGN
from dragoman.dialects.reading import Field
from dragoman.errors import InputError, ResponseError
from dragoman.messages import ToolCall

__all__ = ["decode_arguments", "is_object", "said_arguments", "sent_arguments"]

_OBJECT = msgspec.json.Decoder(dict[str, object])
_IS_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])


def is_object(text: str) -> bool:
    """Whether a text is the JSON of an object, to which nothing can be added."""
    try:
        _IS_OBJECT.decode(text)
    except FOREIGN:
        return False
    return True


def decode_arguments(field: Field | None) -> str:
    """What a program sends as the text of its arguments; `InputError` if it is no object."""
    text = field.text() if field is not None else ""
    if field is None or not text.strip():
        # What a model without arguments says.
        return "{}"
    if not is_object(text):
        field.wrong("the JSON text of an object")
    return text


def sent_arguments(call: ToolCall, place: str) -> dict[str, object]:
    """The arguments of a call in a request, for a service; `InputError` if they are no object."""
    try:
        return _OBJECT.decode(call.arguments or "{}")
    except FOREIGN as exc:
        text = f"{place}: the arguments of the tool {call.name} are no JSON object"
        raise InputError(text, place=place) from exc


def said_arguments(name: str, arguments: str) -> dict[str, object]:
    """The arguments that a model gave a tool; `ResponseError` if they are no object."""
    try:
        return _OBJECT.decode(arguments or "{}")
    except FOREIGN as exc:
        text = f"the model's arguments for the tool {name} are no JSON object"
        raise ResponseError(text) from exc
