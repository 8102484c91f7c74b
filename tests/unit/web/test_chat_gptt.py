"""ChatGptt as its documentation promises it."""

import inspect

import pytest

from dragoman.account import Account
from dragoman.errors import ModelNotSupportedError
from dragoman.providers.base import AsyncGeneratorProvider, ProviderModelMixin
from dragoman.providers.web.chat_gptt import ChatGptt


def test_the_class_is_what_the_documentation_says() -> None:
    assert issubclass(ChatGptt, AsyncGeneratorProvider)
    assert issubclass(ChatGptt, ProviderModelMixin)
    assert ChatGptt.url == "https://chatgptt.me"
    assert ChatGptt.api_endpoint == "https://chatgptt.me/wp-admin/admin-ajax.php"
    assert ChatGptt.working is False
    assert ChatGptt.supports_stream
    assert ChatGptt.supports_system_message
    assert ChatGptt.supports_message_history
    assert ChatGptt.default_model == "gpt-4o"
    assert ChatGptt.models == ["gpt-4", "gpt-4o", "gpt-4o-mini"]


def test_the_signature_is_the_documented_one() -> None:
    parameters = inspect.signature(ChatGptt.create_async_generator).parameters

    assert {name: parameter.default for name, parameter in parameters.items()} == {
        "model": inspect.Parameter.empty,
        "messages": inspect.Parameter.empty,
        "proxy": None,
        "kwargs": inspect.Parameter.empty,
    }
    assert inspect.isasyncgenfunction(ChatGptt.create_async_generator)


@pytest.mark.parametrize(("asked", "model"), [("", "gpt-4o"), (None, "gpt-4o"), ("gpt-4", "gpt-4")])
def test_a_listed_model_is_itself_and_none_is_the_default(asked: str | None, model: str) -> None:
    assert ChatGptt().resolve_model(asked, Account()) == model


@pytest.mark.parametrize("asked", ["gpt-3.5-turbo", "GPT-4", " gpt-4"])
def test_another_name_is_refused(asked: str) -> None:
    with pytest.raises(ModelNotSupportedError, match="gpt-4o-mini"):
        ChatGptt().resolve_model(asked, Account())
