"""The catalogue keeps its own rule: nothing without a publisher, a licence and a pinned hash."""

import re

import pytest

from dragoman.errors import ModelNotSupportedError
from dragoman.providers.local.weights import CATALOGUE, DEFAULT_MODEL, FromUrl, find_weights


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_row_is_pinned(name: str) -> None:
    row = CATALOGUE[name]

    assert row.name == name
    assert re.fullmatch(r"[0-9a-f]{64}", row.sha256)
    assert row.file_bytes > 0
    assert row.publisher
    assert row.licence
    assert row.sources
    for source in row.sources:
        if isinstance(source, FromUrl):
            assert source.url.startswith("https://")
        else:
            assert re.fullmatch(r"[0-9a-f]{64}", source.sha256)


def test_the_default_model_is_in_the_catalogue() -> None:
    assert find_weights(DEFAULT_MODEL).name == "smollm2-135m"


def test_an_unknown_model_is_answered_with_those_that_there_are() -> None:
    with pytest.raises(ModelNotSupportedError, match=r"no model 'gpt-5'; it has: smollm2-135m"):
        find_weights("gpt-5")
