"""What an error inside a stream tells beside the face's own words: `dragoman`, an object.

`text` is what was said before the error, `attempts` who was asked. It is put into the bytes that a
dialect makes of an error, so that no dialect has to know of it: each of them ends in an object.
"""

import msgspec

__all__ = ["with_story"]

_ERROR_EVENT = b"event: error\n"
_BETWEEN = b"\n\n"


def with_story(failure: bytes, story: dict[str, object]) -> bytes:
    """The bytes of an in-band error with `story` in its last object, and in any event `error`."""
    told = b',"dragoman":' + msgspec.json.encode(story)
    pieces = failure.split(_BETWEEN)
    last = max((at for at, piece in enumerate(pieces) if b"}" in piece), default=-1)
    for at, piece in enumerate(pieces):
        if at == last or piece.startswith(_ERROR_EVENT):
            head, brace, tail = piece.rpartition(b"}")
            pieces[at] = head + told + brace + tail if brace else piece
    return _BETWEEN.join(pieces)
