"""The table of providers: names that load, and no more than is asked for."""

import pytest

from dragoman.errors import InputError
from dragoman.providers.table import PROVIDERS, load_provider


@pytest.mark.parametrize("name", PROVIDERS)
def test_every_row_is_a_provider_of_that_name(name: str) -> None:
    provider = load_provider(name)

    assert provider.name == name
    assert provider.SPEAKS


def test_an_unknown_name_is_told_the_nearest() -> None:
    with pytest.raises(InputError) as caught:
        load_provider("fakegtp")

    assert str(caught.value) == (
        "unknown service 'fakegtp'; did you mean 'fakegpt'? `dragoman providers` lists them"
    )
