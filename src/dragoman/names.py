"""How a model's name finds its provider: the same rule for every door.

`provider/model-id` or `provider:model-id`; a provider's name alone is its default model; a bare
model id is taken when exactly one configured provider has it. Anything else is an error that names
the nearest.
"""

import difflib

import msgspec

from dragoman.config import Config
from dragoman.errors import InputError, ModelNotSupportedError, excerpt

__all__ = ["Target", "resolve_name"]


class Target(msgspec.Struct, frozen=True):
    """A configured provider's name and a model of it; an empty model is the default one."""

    provider: str
    model: str


def resolve_name(name: str | None, config: Config) -> Target:
    """What a model's name means in this configuration."""
    name = name or config.model
    if not isinstance(name, str):
        raise InputError(f"model must be text, not {type(name).__name__}")
    if name in config.providers:
        return Target(name, "")
    cut = min((at for sign in "/:" if (at := name.find(sign)) > 0), default=-1)
    if cut > 0 and name[:cut] in config.providers:
        return Target(name[:cut], name[cut + 1 :])
    having = [
        provider
        for provider in config.usable()
        if name in config.providers[provider].known_models()
    ]
    if len(having) == 1:
        return Target(having[0], name)
    if having:
        raise ModelNotSupportedError(
            f"{excerpt(name)!r} is a model of {', '.join(having)}: say which, as {having[0]}/{name}"
        )
    raise ModelNotSupportedError(f"no model {excerpt(name)!r}{_nearest(excerpt(name), config)}")


def _nearest(name: str, config: Config) -> str:
    full = [
        f"{provider}/{model}"
        for provider, entry in config.providers.items()
        for model in entry.known_models()
    ]
    bare = {model.partition("/")[2]: model for model in full}
    found = difflib.get_close_matches(name, [*full, *bare, *config.providers], n=3, cutoff=0.5)
    if found:
        names = dict.fromkeys(bare.get(near, near) for near in found)
        return f"; did you mean {' or '.join(names)}?"
    # There are dozens of services; those without a key or an address would only be in the way.
    return f"; providers in use here: {excerpt(', '.join(config.usable()))}"
