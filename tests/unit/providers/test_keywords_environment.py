"""Where a call without `base_url` goes: the environment may name an own installation."""

import pytest

from dragoman.errors import InputError
from dragoman.providers.keywords import decode_keywords, environment_base_url


def address(provider: str, **keywords: object) -> str | None:
    return decode_keywords(provider, {}, keywords).account.base_url


def test_without_any_word_there_is_no_address() -> None:
    assert environment_base_url("fakegpt") is None
    assert address("fakegpt") is None


def test_the_environment_names_the_address_of_one_provider(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DRAGOMAN_FAKEGPT_BASE_URL", "http://127.0.0.1:8001/")

    assert address("fakegpt") == "http://127.0.0.1:8001"
    assert address("aichat") is None


def test_a_keyword_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAGOMAN_FAKEGPT_BASE_URL", "http://127.0.0.1:8001")

    assert address("fakegpt", base_url="http://127.0.0.1:8002") == "http://127.0.0.1:8002"


def test_a_dash_in_a_name_is_an_underscore(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAGOMAN_MY_SHOP_BASE_URL", "https://shop.example")

    assert environment_base_url("my-shop") == "https://shop.example"


@pytest.mark.parametrize("url", ["shop.example", "ftp://shop.example", "http://u:p@shop.example"])
def test_an_address_that_is_none_is_refused_by_the_variables_name(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRAGOMAN_AICHAT_BASE_URL", url)

    with pytest.raises(InputError, match="DRAGOMAN_AICHAT_BASE_URL"):
        address("aichat")


def test_an_empty_variable_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAGOMAN_AICHAT_BASE_URL", "")

    assert environment_base_url("aichat") is None
