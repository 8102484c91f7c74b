"""Names of models, of callers and of services: what they may do to an address or a terminal."""

import pytest

from dragoman.account import Account
from dragoman.chat import ChatRequest
from dragoman.errors import InputError
from dragoman.messages import Message, Text
from dragoman.providers.api.gemini import Gemini
from dragoman.providers.api.model_list import decode_cards
from dragoman.sessions.store import Facts
from dragoman.wire.http import HttpReply, ReplyHead

HOST = "https://generativelanguage.googleapis.com/v1beta"
END = ":streamGenerateContent?alt=sse"


def url_of(model: str) -> str:
    provider = Gemini()
    chat = ChatRequest(model=model, messages=(Message("user", (Text("hi"),)),))
    return provider.request(provider.call(chat, Account.of(api_key="k")), Facts()).url


@pytest.mark.parametrize(
    ("model", "path"),
    [
        ("gemini-2.5-pro", "models/gemini-2.5-pro"),
        ("models/gemini-2.5-pro", "models/gemini-2.5-pro"),
        ("tunedModels/mine-1", "tunedModels/mine-1"),
    ],
)
def test_a_model_stands_in_the_address(model: str, path: str) -> None:
    assert url_of(model) == f"{HOST}/{path}{END}"


@pytest.mark.parametrize(
    "model",
    [
        "../files",
        "a/../../files",
        "./files",
        "a/./b",
        "a//b",
        "/a",
        "a/",
        "a:countTokens?x=",
        "a?key=1",
        "a#b",
        "a%2e%2e",
        "a b",
        "a\r\nHost: x.test",
        "a\n",
        "a\\b",
        "a@x.test",
        "é",
        "models/../x",
        "models/models/..",
    ],
)
def test_a_name_cannot_lead_anywhere_else(model: str) -> None:
    with pytest.raises(InputError, match="is no name of a Gemini model"):
        url_of(model)


def test_a_name_that_could_write_to_a_terminal_is_not_listed() -> None:
    body = b'{"data": [{"id": "good"}, {"id": "\\u001b[2Jbad"}, {"id": "a\\nb"}, {"id": ""}]}'
    head = ReplyHead(200, {}, "https://x.test/models", "OK")

    cards = decode_cards(HttpReply(head, body))

    assert [card.name for card in cards] == ["good"]
