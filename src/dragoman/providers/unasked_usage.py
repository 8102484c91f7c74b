"""The usage of a relayed stream in OpenAI's form: we ask for it, and the caller sees none of it.

The service counts a stream only on request. Then every chunk has one field more, `"usage": null`,
and there is one chunk more, with the counts and without a choice. Both are taken out of the bytes
again, and all the rest stays as it came.
Source: OpenAI API reference, "Chat completion chunk" and `stream_options`, read 2026-11-21.
"""

import re
from collections.abc import Iterator, MutableMapping

import msgspec

from dragoman.dialects.failures import FOREIGN

__all__ = ["add_question", "without_usage"]

# A bare quote cannot stand within a text of JSON, so this is a field wherever it is found.
_NULL = re.compile(rb',\s*"usage":\s*null')
_USAGE = b'"usage"'
_EVENT_END = re.compile(rb"\r\n\r\n|\n\n|\r\r")
_DATA = re.compile(rb"^data:(.*)$", re.MULTILINE)
_OPTIONS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_TRUE = msgspec.Raw(b"true")


class _Chunk(msgspec.Struct):
    choices: list[msgspec.Raw]
    usage: dict[str, msgspec.Raw]


_CHUNK = msgspec.json.Decoder(_Chunk)


def add_question(fields: MutableMapping[str, msgspec.Raw]) -> bool:
    """Have a streamed request ask for usage; False if it does already, or cannot be understood."""
    given = bytes(fields.get("stream_options", b"null"))
    try:
        options = {} if given == b"null" else _OPTIONS.decode(given)
    except msgspec.ValidationError:
        # It is wrong, and the service says so.
        return False
    if bytes(options.get("include_usage", b"")) == b"true":
        return False
    fields["stream_options"] = msgspec.Raw(msgspec.json.encode({**options, "include_usage": _TRUE}))
    return True


def without_usage(taken: bytes) -> bytes:
    """Whole events without what was added to them because of the question."""
    if _USAGE not in taken:
        return taken
    taken = _NULL.sub(b"", taken)
    if _USAGE not in taken:
        return taken
    return b"".join(event for event in _events(taken) if not _only_counts(event))


def _events(taken: bytes) -> Iterator[bytes]:
    at = 0
    for end in _EVENT_END.finditer(taken):
        yield taken[at : end.end()]
        at = end.end()
    yield taken[at:]


def _only_counts(event: bytes) -> bool:
    if _USAGE not in event:
        return False
    payload = b"\n".join(_DATA.findall(event.replace(b"\r", b"\n")))
    try:
        return not _CHUNK.decode(payload).choices
    except FOREIGN:
        return False
