"""How a model's name finds its provider: the same rule for every door.

A route's name comes first. Else `provider/model-id` or `provider:model-id`; a provider's name alone
is its default model; a bare model id is taken when exactly one configured provider has it. Anything
else is an error that names the nearest.
"""

import difflib

import msgspec

from dragoman.config import Config
from dragoman.errors import InputError, ModelNotSupportedError, excerpt
from dragoman.routing.route import Route, bare_route

__all__ = ["Target", "full_name", "known_names", "resolve_name", "resolve_route"]


class Target(msgspec.Struct, frozen=True):
    """A configured provider's name and a model of it; an empty model is the default one."""

    provider: str
    model: str


def resolve_route(name: str | None, config: Config) -> Route:
    """The route that a model's name means: a configured one, or that of one model alone."""
    name = _text(name, config)
    if name in config.routes:
        return config.routes[name]
    target = resolve_name(name, config)
    return bare_route(target.provider, target.model)


def resolve_name(name: str | None, config: Config) -> Target:
    """The one provider, and its model, that a name means; routes are for `resolve_route`."""
    name = _text(name, config)
    if name in config.routes:
        first = config.routes[name].candidates[0].name
        raise InputError(f"{name} is a route, and this asks one model: name it, as {first}")
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


def full_name(name: str | None, config: Config) -> str:
    """What lists call a model: its provider's name and its own, or a route's name."""
    route = resolve_route(name, config)
    if route.is_named:
        return route.name
    (candidate,) = route.candidates
    entry = config.providers[candidate.provider]
    return f"{entry.name}/{entry.provider.resolve_model(candidate.model, entry.account)}"


def known_names(config: Config) -> list[str]:
    """Every name that can be asked for: routes, then models as far as is known without asking."""
    return [*config.routes, *_models(config)]


def _models(config: Config) -> list[str]:
    return [
        f"{provider}/{model}"
        for provider, entry in config.providers.items()
        for model in entry.known_models()
    ]


def _text(name: str | None, config: Config) -> str:
    name = name or config.model
    if not isinstance(name, str):
        raise InputError(f"model must be text, not {type(name).__name__}")
    return name


def _nearest(name: str, config: Config) -> str:
    full = _models(config)
    bare = {model.partition("/")[2]: model for model in full}
    known = [*config.routes, *full, *bare, *config.providers]
    found = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    if found:
        names = dict.fromkeys(bare.get(near, near) for near in found)
        return f"; did you mean {' or '.join(names)}?"
    # There are dozens of services; those without a key or an address would only be in the way.
    return f"; providers in use here: {excerpt(', '.join(config.usable()))}"
