"""The table of providers: names that load, and no more than is asked for."""

import pytest

from dragoman.errors import InputError
from dragoman.providers.table import PROVIDERS, load_provider


@pytest.mark.parametrize("name", PROVIDERS)
def test_every_row_is_a_provider_of_that_name(name: str) -> None:
    provider = load_provider(name)

    assert provider.name == name
    assert provider.SPEAKS


def test_an_unknown_name_lists_those_that_there_are() -> None:
    with pytest.raises(InputError, match="unknown service 'gpt'; known: local, echo, fakegpt"):
        load_provider("gpt")
