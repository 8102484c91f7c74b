"""`dragoman keys`: make, list and revoke keys of the gateway that are kept in the store."""

import asyncio
import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, assert_never

import msgspec
import typer

from dragoman.cli.shared import ConfigFile, Debug, Json, print_json, print_table
from dragoman.cli.terminal import note
from dragoman.config import load_config
from dragoman.errors import InputError
from dragoman.gateway_settings import GatewayKey
from dragoman.store.loading import is_there, opened_store, store_path
from dragoman.store.rows import StoredKey

__all__ = ["run"]

_NAME = re.compile(r"[\w.@-]{1,64}")


class _Action(StrEnum):
    CREATE = "create"
    LIST = "list"
    REVOKE = "revoke"


def _limit(name: str, about: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(
        name, help=f"create: {about}.", metavar="N", min=1, show_default=False
    )
    return option


def run(
    action: Annotated[_Action, typer.Argument(metavar="create|list|revoke", help="What to do.")],
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", help="The key's name, for create and revoke.", show_default=False
        ),
    ] = "",
    *,
    models: Annotated[
        list[str] | None,
        typer.Option(
            "--models",
            help="create: a pattern of the models that it may ask, as openai/*; may be repeated.",
            metavar="PATTERN",
        ),
    ] = None,
    requests_per_minute: Annotated[
        int | None, _limit("--requests-per-minute", "requests in any 60 seconds")
    ] = None,
    tokens_per_minute: Annotated[
        int | None, _limit("--tokens-per-minute", "tokens in 60 seconds, in and out together")
    ] = None,
    concurrency: Annotated[int | None, _limit("--concurrency", "requests at the same time")] = None,
    forget: Annotated[
        bool, typer.Option("--forget", help="revoke: leave nothing of it, not even its name.")
    ] = False,
    as_json: Json = False,
    config: ConfigFile = None,
    debug: Debug = False,
) -> None:
    """Make, list and revoke keys that open the gateway, beside those of the configuration.

    A new key is printed once: only its digest is kept. A gateway that runs heeds it within 2 s.
    """
    limits = GatewayKey(
        name=name,
        digest=b"",
        models=tuple(models or ()),
        requests_per_minute=requests_per_minute,
        tokens_per_minute=tokens_per_minute,
        concurrency=concurrency,
    )
    _check(action, limits, forget=forget)
    settings = load_config(config).gateway
    path = store_path(settings.database_url)
    match action:
        case _Action.CREATE:
            if any(key.name == name for key in settings.keys):
                raise InputError(f"the configuration has a key of the name {name}: take another")
            _tell_new(name, asyncio.run(_create(path, limits)), as_json=as_json)
        case _Action.LIST:
            _print(asyncio.run(_every(path)), as_json=as_json)
        case _Action.REVOKE:
            asyncio.run(_revoke(path, name, forget=forget))
            note(f"{name} opens nothing any more; a gateway that runs heeds it within 2 s")
        case _:
            assert_never(action)


def _check(action: _Action, limits: GatewayKey, *, forget: bool) -> None:
    if action == _Action.LIST:
        if limits.name:
            raise InputError(f"keys list takes no name: {limits.name}")
    elif not _NAME.fullmatch(limits.name):
        raise InputError("expected a name: up to 64 letters, digits, `.`, `_`, `@` and `-`")
    bare = GatewayKey(name=limits.name, digest=b"")
    if action != _Action.CREATE and limits != bare:
        raise InputError("limits are given to a key when it is made: dragoman keys create NAME")
    if action != _Action.REVOKE and forget:
        raise InputError("--forget is for keys revoke NAME")
    if not all(limits.models):
        raise InputError("--models: expected a pattern, as openai/*")


async def _create(path: Path, limits: GatewayKey) -> str:
    async with opened_store(path) as store:
        return await store.keys.create(limits.name, limits)


async def _every(path: Path) -> list[StoredKey]:
    if not await asyncio.to_thread(is_there, path):
        return []
    async with opened_store(path) as store:
        return await store.keys.every()


async def _revoke(path: Path, name: str, *, forget: bool) -> None:
    async with opened_store(path) as store:
        await (store.keys.forget(name) if forget else store.keys.revoke(name))


def _tell_new(name: str, key: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"name": name, "key": key})
    else:
        sys.stdout.write(f"{key}\n")
        sys.stdout.flush()
    note(f"this is the only time that the key {name} is shown: only its digest is kept")


def _print(found: Sequence[StoredKey], *, as_json: bool) -> None:
    if as_json:
        print_json([_row(key) for key in found])
        return
    print_table(
        ("key", "created", "last used", "models", "limits", ""), [_cells(key) for key in found]
    )
    if not found:
        note("there is no key: dragoman keys create NAME")


def _row(key: StoredKey) -> dict[str, object]:
    times = {name: _time(getattr(key, name)) for name in ("created", "last_used", "revoked")}
    return {**msgspec.structs.asdict(key), **times}


def _cells(key: StoredKey) -> tuple[str, ...]:
    limits = (
        (key.requests_per_minute, "requests a minute"),
        (key.tokens_per_minute, "tokens a minute"),
        (key.concurrency, "at the same time"),
    )
    return (
        key.name,
        _time(key.created) or "",
        _time(key.last_used) or "never",
        ", ".join(key.models) or "all",
        ", ".join(f"{limit} {words}" for limit, words in limits if limit is not None),
        "revoked" if key.revoked else "",
    )


def _time(when: float | None) -> str | None:
    if when is None:
        return None
    return datetime.fromtimestamp(when, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
