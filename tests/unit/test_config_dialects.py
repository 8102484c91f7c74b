"""Providers of any address that speak a dialect, and what a configuration knows of models."""

import re
from typing import Any

import pytest

from dragoman.catalog import ModelCard
from dragoman.client import Client
from dragoman.config import Config
from dragoman.errors import InputError
from dragoman.provider_entry import ModelFields, ProviderEntry
from dragoman.providers.api.dialect_provider import DialectProvider
from dragoman.providers.api.rows import FAMILIES

URL = "https://llm.test/v1"


def entry(**table: Any) -> ProviderEntry:
    return Config.of({"mine": table}).providers["mine"]


@pytest.mark.parametrize("dialect", FAMILIES)
def test_a_dialect_and_an_address_are_a_provider(
    dialect: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its key is its own: that of the dialect's maker belongs to another address."""
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY"):
        monkeypatch.setenv(name, "key-of-another")

    found = entry(dialect=dialect, base_url=URL)

    assert isinstance(found.provider, DialectProvider)
    assert (found.provider.name, found.provider.DIALECT) == ("mine", dialect)
    assert found.provider.base_url(found.account) == URL
    assert found.account.api_key is None
    assert (found.prices, found.is_usable) == ("", True)


def test_a_built_in_service_may_speak_another_dialect(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "the-key")

    found = entry(service="openai", dialect="openai_responses")

    assert found.provider.DIALECT == "openai_responses"
    assert found.provider.base_url(found.account) == "https://api.openai.com/v1"
    assert found.account.api_key is not None


WRONG: list[tuple[dict[str, Any], str]] = [
    ({}, 'providers.mine: no built-in provider: add dialect = "openai_chat"'),
    ({"dialect": "openai"}, "providers.mine.dialect: unknown dialect 'openai'; known: openai_chat"),
    ({"dialect": 7}, "providers.mine.dialect: expected text"),
    ({"dialect": "gemini"}, "providers.mine: expected base_url: where the dialect is spoken"),
    (
        {"dialect": "gemini", "service": "echo"},
        "providers.mine.dialect: echo speaks its own way and no other dialect",
    ),
    (
        {"dialect": "gemini", "service": "x"},
        "providers.mine.service: unknown service 'x'; `dragoman",
    ),
    ({"service": ["echo"]}, "providers.mine.service: expected text"),
    ({"dialect": "gemini", "base_url": "ftp://x.test"}, "providers.mine.base_url: "),
    ({"dialect": "gemini", "base_url": URL, "colour": 1}, "providers.mine.colour: unknown; known"),
    ({"service": "echo", "prefill": "yes"}, "providers.mine.prefill: expected true or false"),
    ({"service": "echo", "model": []}, "providers.mine.model: expected tables of what is known"),
    *[
        ({"service": "echo", "model": {"m": table}}, "providers.mine.model: expected tables")
        for table in (7, {"context": 0}, {"context": "big"}, {"tools": 1}, {"contxt": 1})
    ],
]


@pytest.mark.parametrize(("table", "words"), WRONG, ids=range(len(WRONG)))
def test_what_is_wrong_is_named(table: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=re.escape(words)):
        entry(**table)


def test_what_is_known_of_a_model_is_what_a_card_has() -> None:
    assert ModelFields.__struct_fields__ == ModelCard.__struct_fields__[1:]


def test_the_configuration_knows_best() -> None:
    known = {"context": 5, "images": False, "prefill": True}
    found = entry(service="openai", prefill=False, model={"gpt-4o-2026": known, "other": {}})

    assert found.told("gpt-4o-2026") == ModelCard(
        name="gpt-4o-2026", context=5, images=False, prefill=True
    )
    assert found.told("other") == ModelCard(name="other", prefill=False)
    assert found.told("nobody") == ModelCard(name="nobody", prefill=False)
    card = found.card("gpt-4o-2026")
    assert (card.context, card.images, card.tools, card.prefill) == (5, False, True, True)
    assert found.card("gpt-4o-mini").prefill is False


async def test_the_client_tells_what_is_known() -> None:
    config = Config.of({"mine": {"service": "echo", "model": {"echo": {"context": 9}}}})

    async with Client(config) as client:
        assert await client.cards("mine") == [ModelCard(name="echo", context=9)]
        assert await client.models("mine") == ["mine/echo"]
        assert await client.price("mine", await client.complete("mine", "hi")) is None
        with pytest.raises(InputError, match="unknown provider 'other'"):
            await client.cards("other")
