"""A reply that says it is HTML: a page is an error, and a stream of that name is a stream."""

import pytest

from dragoman.account import Account
from dragoman.chat import ChatRequest
from dragoman.errors import ChallengeError, ResponseError
from dragoman.events import Finished, TextDelta
from dragoman.messages import Message, Text
from dragoman.providers.api.openai import OpenAI
from dragoman.providers.call import Decoder
from dragoman.wire.http import ReplyHead

STREAM = (
    b'\xef\xbb\xbf\r\ndata: {"choices":[{"index":0,"delta":{"content":"hi"}}]}\n\n'
    b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
)


def decoder(status: int = 200) -> Decoder:
    provider = OpenAI()
    chat = ChatRequest(model="m", messages=(Message("user", (Text("Hi"),)),))
    head = ReplyHead(status, {"content-type": "text/html; charset=UTF-8"}, "https://own.test/v1")
    return provider.decoder(provider.call(chat, Account()), head)


@pytest.mark.parametrize("size", [1, 3, len(STREAM)])
def test_a_stream_that_is_called_html_is_read(size: int) -> None:
    reader = decoder()

    events = []
    for at in range(0, len(STREAM), size):
        events += reader.feed(STREAM[at : at + size])
    events += reader.close()

    assert TextDelta("hi") in events
    assert isinstance(events[-1], Finished)


@pytest.mark.parametrize(
    ("page", "kind", "words"),
    [
        (b" <html><title>Just a moment...</title>", ChallengeError, "challenge page"),
        (b"<html>Log in", ResponseError, "HTML instead of an answer: '<html>Log in'"),
    ],
)
def test_a_page_is_told_as_what_it_is(page: bytes, kind: type[Exception], words: str) -> None:
    reader = decoder()
    for at in range(len(page)):
        assert reader.feed(page[at : at + 1]) == []

    with pytest.raises(kind, match=words):
        reader.close()


def test_a_page_without_end_is_left_early() -> None:
    reader = decoder()
    reader.feed(b"<html>")

    with pytest.raises(ResponseError, match="HTML instead"):
        reader.feed(b"x" * 100_000)
