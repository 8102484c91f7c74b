"""Ollama's older format, generate: one prompt, perhaps with a system text and images.

What makes it more than a chat of one turn (`suffix`, `template`, `raw`, `context`, the sizes of a
picture to draw) only this format has words for.
Source: docs.ollama.com ("Generate", openapi.yaml) and the types of the package ollama 0.6.3, read
2026-11-21.
"""

from dragoman.chat import ChatRequest
from dragoman.dialects.ollama.settings_decoder import decode_image, decode_settings
from dragoman.dialects.ollama.settings_encoder import encode_image, encode_settings
from dragoman.dialects.ollama.tables import GENERATE_NAME
from dragoman.dialects.reading import read_object
from dragoman.errors import InputError
from dragoman.messages import Image, Message, Part, Text

__all__ = ["decode_generate", "encode_generate"]

_KNOWN = frozenset({"prompt", "system", "images"})


def encode_generate(chat: ChatRequest) -> dict[str, object]:
    """The JSON object of a request; `InputError` names a second turn."""
    body = encode_settings(chat, GENERATE_NAME)
    systems = [message.text for message in chat.messages if message.role == "system"]
    turns = [at for at, message in enumerate(chat.messages) if message.role != "system"]
    if len(turns) != 1 or chat.messages[turns[0]].role != "user":
        place = f"messages[{turns[1] if turns[1:] else 0}]"
        raise InputError(
            f"{place}: generate has one turn, a user's, and a system text before it; "
            "use the chat of the same service",
            place=place,
        )
    if systems:
        body["system"] = "\n\n".join(systems)
    return body | _prompt(chat.messages[turns[0]], f"messages[{turns[0]}]")


def _prompt(message: Message, place: str) -> dict[str, object]:
    images = []
    for at, part in enumerate(message.parts):
        where = f"{place}.content[{at}]"
        if isinstance(part, Image):
            images.append(encode_image(part, where))
        elif not isinstance(part, Text):
            kind = type(part).__name__
            raise InputError(f"{where}: a part {kind} cannot be sent here", place=where)
    return {"prompt": message.text, **({"images": images} if images else {})}


def decode_generate(body: bytes, *, model: str = "", stream: bool | None = None) -> ChatRequest:
    """The prompt as a chat; `InputError` names the place of what is wrong with it."""
    field = read_object(body)
    settings = decode_settings(field, GENERATE_NAME, _KNOWN, model=model, stream=stream)
    prompt, system, images = field.get("prompt"), field.get("system"), field.get("images")
    parts: list[Part] = []
    if prompt is not None and prompt.text():
        parts.append(Text(prompt.text()))
    if images is not None:
        parts += [decode_image(image) for image in images.items()]
    if not parts:
        field.need("prompt").refuse("is empty; to load or unload a model is not a chat")
    messages = [Message("user", tuple(parts))]
    if system is not None and system.text():
        messages.insert(0, Message("system", (Text(system.text()),)))
    return ChatRequest(messages=tuple(messages), **settings)  # type: ignore[arg-type]  # fields of many types, each checked
