"""A whole answer's JSON to a `ChatReply`."""

import msgspec

from dragoman.chat import ChatReply
from dragoman.dialects.openai_chat.stream_decoder import Decoder
from dragoman.dialects.openai_chat.tables import NAME
from dragoman.gathered import Gathered
from dragoman.native import Native

__all__ = ["decode_reply"]

_KNOWN = frozenset({"id", "object", "created", "model", "choices", "usage", "error"})


def decode_reply(body: bytes, model: str, *, dropped: tuple[str, ...] = ()) -> ChatReply:
    """The whole answer; `model` is the name to give where the service tells none.

    A stream in place of a whole answer is read to its end. `ResponseError` if it makes no sense.
    """
    decoder = Decoder(model, dropped=dropped)
    gathered = Gathered()
    if body.lstrip()[:5] == b"data:":
        gathered.add(decoder.feed(body))
        gathered.add(decoder.close())
        return gathered.reply()
    gathered.add(decoder.whole(body))
    return msgspec.structs.replace(gathered.reply(), native=_native(body))


def _native(body: bytes) -> Native | None:
    fields = {
        name: msgspec.json.decode(value)
        for name, value in msgspec.json.decode(body, type=dict[str, msgspec.Raw]).items()
        if name not in _KNOWN and bytes(value) != b"null"
    }
    return Native(NAME, fields, frozenset(fields)) if fields else None
