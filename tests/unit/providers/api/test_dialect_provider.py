"""What a service with a dialect sends, before any socket: address, key, quirks, refusals."""

from typing import Any

import msgspec
import pytest

from dragoman.account import Account
from dragoman.chat import ChatRequest
from dragoman.errors import InputError
from dragoman.features import CARRIED, HINT, Mapped
from dragoman.messages import Message, Text
from dragoman.providers.api.dialect_provider import DialectProvider
from dragoman.providers.api.gemini import Gemini
from dragoman.providers.api.rows import provider_class
from dragoman.providers.api.service import Service
from dragoman.providers.call import Call
from dragoman.sessions.store import Facts
from dragoman.transport.line import Line


def provider(**fields: Any) -> DialectProvider:
    row = {"name": "fable", "title": "Fable", "base_url": "https://fable.example/v1", "docs": ""}
    return provider_class(Service(**{**row, **fields}))()


def call(asked: DialectProvider, account: Account | None = None, **options: Any) -> Call:
    chat = ChatRequest(model="m", messages=(Message("user", (Text("Hi"),)),), **options)
    return asked.call(chat, account or Account.of(api_key="k-1"))


@pytest.mark.parametrize(
    ("place", "value"),
    [("Authorization", "Bearer k-1"), ("api-key", "k-1"), ("x-api-key", "k-1")],
)
def test_the_key_stands_in_its_place_and_nowhere_else(place: str, value: str) -> None:
    asked = provider(key_place=place, key_variable="FABLE_KEY", headers={"x-version": "3"})

    request = asked.request(call(asked), Facts())

    sent = {name: text for name, text in request.headers.items() if "k-1" in text}
    assert sent == {place: value}
    assert request.headers["x-version"] == "3"
    assert "k-1" not in request.url
    assert b"k-1" not in request.body


def test_without_a_key_no_place_is_sent() -> None:
    asked = provider()

    request = asked.request(call(asked, Account()), Facts())

    assert set(request.headers) == {"Content-Type"}


def test_the_chat_goes_below_the_services_address_or_ones_own() -> None:
    asked = provider()
    own = call(asked, Account.of(base_url="http://127.0.0.1:9/v1/"))

    assert asked.chat_url(call(asked)) == "https://fable.example/v1/chat/completions"
    assert asked.chat_url(own) == "http://127.0.0.1:9/v1/chat/completions"


def test_what_a_row_says_stands_over_its_dialect() -> None:
    asked = provider(
        says={"seed": HINT},
        takes=frozenset({"top_k", "reasoning_budget"}),
        renames={"reasoning_budget": "reasoning.max_tokens"},
    )

    assert asked.says["seed"] == HINT
    assert asked.says["top_k"] == CARRIED
    assert asked.says["reasoning_budget"] == Mapped("as `reasoning.max_tokens`")
    assert asked.says["temperature"] == CARRIED
    assert call(asked, seed=7, temperature=1.0).dropped == ("seed",)


def test_without_an_address_nothing_is_asked() -> None:
    asked = provider(name="my-azure", base_url="", key_variable="AZURE_KEY")

    with pytest.raises(InputError, match=r"base_url under \[providers.my-azure\]") as caught:
        asked.check(call(asked))

    assert "DRAGOMAN_MY_AZURE_BASE_URL" in caught.value.message


def test_without_its_key_a_service_is_not_asked() -> None:
    asked = provider(key_variable="FABLE_KEY")

    with pytest.raises(InputError, match=r"fable needs a key: set FABLE_KEY, or api_key under"):
        asked.check(call(asked, Account()))


@pytest.mark.parametrize(
    ("fields", "account"),
    [
        ({"key_variable": "FABLE_KEY", "key_needed": False}, Account()),
        ({"key_variable": ""}, Account()),
        ({"key_variable": "FABLE_KEY"}, Account.of(base_url="http://127.0.0.1:9")),
        ({"key_variable": "FABLE_KEY"}, Account.of(api_key="k-1")),
    ],
    ids=["not needed", "none", "own address", "given"],
)
def test_a_key_is_demanded_only_where_it_is_needed(fields: Any, account: Account) -> None:
    asked = provider(**fields)

    asked.check(call(asked, account))


def test_a_model_has_to_be_named_unless_the_configuration_does() -> None:
    asked = provider()
    nameless = msgspec.structs.replace(call(asked).chat, model="")

    with pytest.raises(InputError, match="fable has no default model: name one, as fable/MODEL"):
        asked.events(asked.call(nameless, Account()), Line())
    assert asked.resolve_model("", Account.of(models=["a", "b"])) == "a"
    assert asked.resolve_model("c", Account.of(models=["a"])) == "c"
    assert asked.known_models(Account.of(models=["a"])) == ["a"]


def test_a_service_that_does_not_list_gives_the_configured_models() -> None:
    asked = provider(models_path="")
    steps = asked.card_steps(call(asked, Account.of(models=["a"])), Facts())

    with pytest.raises(StopIteration) as end:
        next(steps)

    assert [card.name for card in end.value.value] == ["a"]


@pytest.mark.parametrize("model", ["m?key=1", "../secrets", "a b", "m:generate", "/m", "m/"])
def test_a_gemini_models_name_is_part_of_the_address_and_checked(model: str) -> None:
    with pytest.raises(InputError):
        Gemini().resolve_model(model, Account())


def test_a_tuned_gemini_model_keeps_its_owner() -> None:
    asked = Gemini()
    chat = ChatRequest(model="tunedModels/my-1", messages=(Message("user", (Text("Hi"),)),))

    url = asked.chat_url(Call(chat=chat, account=Account(), base_url="https://g.example", now=0.0))

    assert url == "https://g.example/v1beta/tunedModels/my-1:streamGenerateContent?alt=sse"
