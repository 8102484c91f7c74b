"""How a model's name finds its provider."""

import pytest

from dragoman.config import Config
from dragoman.errors import InputError, ModelNotSupportedError
from dragoman.names import Target, resolve_name
from dragoman.provider_entry import ProviderEntry, ProviderFields


def entry(name: str, service: str, *models: str, base_url: str = "") -> ProviderEntry:
    fields = ProviderFields(service=service, models=list(models), base_url=base_url)
    return ProviderEntry(name, fields, {})


CONFIG = Config(
    {
        "one": entry("one", "fakegpt", "big", "org/deep", base_url="http://one.test"),
        "two": entry("two", "fakegpt", "big", "tiny:1b", base_url="http://two.test"),
        "gone": entry("gone", "fakegpt", "only-here"),
    },
    model="one/big",
)


@pytest.mark.parametrize(
    ("name", "provider", "model"),
    [
        ("one", "one", ""),
        ("one/", "one", ""),
        ("one/big", "one", "big"),
        ("one:big", "one", "big"),
        ("one/org/deep", "one", "org/deep"),
        ("two:tiny:1b", "two", "tiny:1b"),
        ("two/tiny:1b", "two", "tiny:1b"),
        ("two/anything", "two", "anything"),
        ("org/deep", "one", "org/deep"),
        ("tiny:1b", "two", "tiny:1b"),
        ("gone/only-here", "gone", "only-here"),
        (None, "one", "big"),
        ("", "one", "big"),
    ],
)
def test_a_name_means_a_provider_and_a_model(name: str | None, provider: str, model: str) -> None:
    assert resolve_name(name, CONFIG) == Target(provider, model)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("big", "'big' is a model of one, two: say which, as one/big"),
        ("only-here", "no model 'only-here'; did you mean gone/only-here"),
        ("onn/big", r"no model 'onn/big'; did you mean one/big"),
        ("tiny:1c", "did you mean two/tiny:1b"),
        ("ehco", "did you mean .*echo"),
        ("/big", "no model '/big'"),
        (":", "no model ':'; providers in use here: local, echo, one, two$"),
        ("%%%%%%%%", "no model '%%%%%%%%'; providers in use here: local, echo, one, two$"),
        ("x" * 100_000, "no model 'x+…'; providers"),
    ],
)
def test_anything_else_names_the_nearest(name: str, words: str) -> None:

    with pytest.raises(ModelNotSupportedError, match=words) as caught:
        resolve_name(name, CONFIG)

    assert len(str(caught.value)) < 500


def test_many_providers_are_not_all_named() -> None:
    many = {
        f"p{number:02}": entry(f"p{number:02}", "fakegpt", base_url="http://p.test")
        for number in range(99)
    }

    with pytest.raises(ModelNotSupportedError, match=r"here: local, echo, p00, p01.*…$") as caught:
        resolve_name("%%%%%%%%", Config(many))

    assert len(str(caught.value)) < 300


def test_a_name_is_text() -> None:
    with pytest.raises(InputError, match="model must be text, not int"):
        resolve_name(7, CONFIG)  # type: ignore[arg-type]  # the claim
