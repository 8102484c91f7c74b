"""A row becomes a provider: the family that speaks its dialect, with the row in it."""

import pytest

from dragoman.errors import InputError
from dragoman.providers.api.gemini import Gemini
from dragoman.providers.api.openai import OpenAI, OpenAIResponses
from dragoman.providers.api.rows import FAMILIES, own_provider, provider_class
from dragoman.providers.api.service import Service

ROW = Service(
    name="fable",
    title="Fable",
    base_url="https://api.fable.example/v1",
    docs="https://docs.fable.example",
    key_variable="FABLE_KEY",
)


def test_a_row_is_a_class_of_its_own_below_its_family() -> None:
    kind = provider_class(ROW)

    assert issubclass(kind, OpenAI)
    assert (kind.__name__, kind.name, kind.url) == ("Fable", "fable", ROW.base_url)
    assert (kind.KEY_VARIABLE, kind.needs_auth, kind.working) == ("FABLE_KEY", True, True)
    assert kind.__doc__ == "Fable; see https://docs.fable.example."
    assert OpenAI.name == "openai"


def test_the_dialect_of_a_row_chooses_its_family() -> None:
    row = Service(name="x", title="X", base_url="", docs="", dialect="openai_responses")

    kind = provider_class(row)

    assert issubclass(kind, OpenAIResponses)
    assert (kind.CHAT_PATH, kind.needs_auth) == ("/responses", False)
    assert kind.url is None


def test_a_key_may_be_welcome_and_not_needed() -> None:
    row = Service(name="x", title="X", base_url="", docs="", key_variable="K", key_needed=False)

    assert provider_class(row).needs_auth is False
    assert provider_class(row).KEY_VARIABLE == "K"


@pytest.mark.parametrize("dialect", FAMILIES)
def test_a_provider_of_ones_own_has_the_form_of_a_family_and_none_of_its_secrets(
    dialect: str,
) -> None:
    provider = own_provider("mine", dialect)

    assert (provider.name, provider.DIALECT) == ("mine", dialect)
    assert provider.url is None
    assert (provider.KEY_VARIABLE, provider.needs_auth) == ("", False)
    assert (provider.SERVICE.renames, provider.SERVICE.prices) == ({}, "")


def test_a_familys_path_and_key_place_are_kept() -> None:
    provider = own_provider("mine", "gemini")

    assert isinstance(provider, Gemini)
    assert provider.SERVICE.key_place == "x-goog-api-key"


def test_an_unknown_dialect_lists_those_that_there_are() -> None:
    with pytest.raises(InputError, match="unknown dialect 'latin'; known: openai_chat"):
        own_provider("mine", "latin")
