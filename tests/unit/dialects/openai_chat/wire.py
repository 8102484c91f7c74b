"""Pieces of a stream, and what a reader sees of one."""

from tests.unit.dialects.kit import heard_or_refused

from dragoman.dialects.openai_chat.stream_decoder import Decoder
from dragoman.errors import ChatError
from dragoman.events import Event

__all__ = ["DONE", "STOP", "decode", "piece"]


def piece(delta: str = "{}", reason: str = "null", more: str = "") -> bytes:
    choice = f'{{"index":0,"delta":{delta},"finish_reason":{reason}}}'
    return f'data: {{"id":"c1","model":"m","choices":[{choice}]{more}}}\n\n'.encode()


DONE = b"data: [DONE]\n\n"
STOP = piece(reason='"stop"')


def decode(chunks: list[bytes]) -> tuple[list[Event], ChatError | None]:
    """What a reader sees: the events, and the error that ended them."""
    return heard_or_refused(Decoder("asked"), chunks)
