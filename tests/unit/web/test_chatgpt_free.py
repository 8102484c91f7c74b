"""ChatgptFree as its documentation promises it."""

import inspect
from collections.abc import AsyncGenerator

import pytest

from dragoman.account import Account
from dragoman.errors import InputError, ModelNotSupportedError
from dragoman.providers.base import AsyncGeneratorProvider, ProviderModelMixin
from dragoman.providers.web.chatgpt_free import ChatgptFree

MESSAGES = [{"role": "user", "content": "Hi"}]
MODEL = "gpt-4o-mini-2024-07-18"


def test_the_class_is_what_the_documentation_says() -> None:
    assert issubclass(ChatgptFree, AsyncGeneratorProvider)
    assert issubclass(ChatgptFree, ProviderModelMixin)
    assert ChatgptFree.url == "https://chatgptfree.ai"
    assert ChatgptFree.working is False
    assert (ChatgptFree._post_id, ChatgptFree._nonce) == (None, None)
    assert ChatgptFree.default_model == MODEL
    assert ChatgptFree.models == [MODEL]
    assert ChatgptFree.model_aliases == {"gpt-4o-mini": MODEL}


def test_the_signature_is_the_documented_one() -> None:
    parameters = inspect.signature(ChatgptFree.create_async_generator).parameters

    assert {name: parameter.default for name, parameter in parameters.items()} == {
        "model": inspect.Parameter.empty,
        "messages": inspect.Parameter.empty,
        "proxy": None,
        "timeout": 120,
        "cookies": None,
        "kwargs": inspect.Parameter.empty,
    }
    assert inspect.isasyncgenfunction(ChatgptFree.create_async_generator)


@pytest.mark.parametrize("name", ["", None, "gpt-4o-mini", MODEL])
def test_every_known_name_is_the_one_model(name: str | None) -> None:
    assert ChatgptFree().resolve_model(name, Account()) == MODEL


async def test_another_model_is_refused_at_the_first_step() -> None:
    texts = ChatgptFree.create_async_generator("gpt-5", MESSAGES)

    assert isinstance(texts, AsyncGenerator)
    with pytest.raises(ModelNotSupportedError, match=MODEL):
        await anext(texts)


async def test_a_misspelt_keyword_is_a_type_error_and_a_wrong_value_an_input_error() -> None:
    with pytest.raises(TypeError, match="coookies"):
        await anext(ChatgptFree.create_async_generator("", MESSAGES, coookies={}))
    with pytest.raises(InputError, match="bot_id"):
        await anext(ChatgptFree.create_async_generator("", MESSAGES, bot_id="seven"))


def test_the_models_of_an_installation_are_known() -> None:
    account = Account.of(models=["house-model"])

    assert ChatgptFree().known_models(account) == [MODEL, "house-model"]
    assert ChatgptFree().resolve_model("house-model", account) == "house-model"
