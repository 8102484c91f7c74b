"""An answer in one piece: nothing is said before it is whole, and it is not without bound."""

import pytest

from dragoman.account import Account
from dragoman.chat import ChatReply, ChatRequest
from dragoman.errors import ResponseError
from dragoman.events import Finished, Started, TextDelta
from dragoman.messages import Message, Text
from dragoman.providers.api import whole
from dragoman.providers.call import Call

CALL = Call(
    chat=ChatRequest(model="m", messages=(Message("user", (Text("Hi"),)),)),
    account=Account(),
    base_url="https://x",
    now=0.0,
    dropped=("seed",),
)


def decode_reply(body: bytes, model: str, *, dropped: tuple[str, ...] = ()) -> ChatReply:
    message = Message("assistant", (Text(body.decode()),))
    return ChatReply(model=model, message=message, dropped=dropped)


def test_the_events_come_with_the_end_of_the_body() -> None:
    decoder = whole.WholeDecoder(decode_reply, CALL)

    assert decoder.feed(b"He") == []
    assert decoder.feed(b"llo") == []
    assert decoder.close() == [
        Started("m", dropped=("seed",)),
        TextDelta("Hello"),
        Finished("stop"),
    ]


def test_a_body_without_end_is_an_error_and_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole, "MAX_REPLY_BYTES", 4)
    decoder = whole.WholeDecoder(decode_reply, CALL)
    decoder.feed(b"1234")

    with pytest.raises(ResponseError, match="more than 4 bytes"):
        decoder.feed(b"5")
