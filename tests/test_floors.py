"""The house: floors, who may import whom, and what every provider must have.

    5 doors      cli
    4 routing    client sync config names provider_entry
    3 providers  providers
    2 line       transport sessions
    1 wire       wire dialects
    0 words      errors messages events chat account

Imports point down or stay on the floor; `emulators` is outside and imports nothing of the rest.
"""

import ast
import sys
from functools import cache
from pathlib import Path

import pytest

from dragoman.emulators.names import NAMES, OF_DIALECT
from dragoman.providers.base import HttpProvider
from dragoman.providers.table import PROVIDERS, load_provider

SOURCE = Path(__file__).parents[1] / "src" / "dragoman"

FLOORS = {
    "errors": 0, "messages": 0, "events": 0, "chat": 0, "account": 0, "native": 0, "tools": 0,
    "options": 0, "features": 0, "leaving_out": 0, "catalog": 0, "gathered": 0, "media": 0,
    "embeddings": 0,
    "wire": 1, "dialects": 1,
    "transport": 2, "sessions": 2,
    "providers": 3,
    "config": 4, "config_file": 4, "config_tables": 4, "provider_entry": 4, "event_stream": 4,
    "names": 4, "client": 4, "sync": 4, "prices": 4, "functions": 4, "structured": 4,
    "strict_schema": 4, "tool_run": 4, "call_options": 4, "door_client": 4,
    "reach": 4, "routing": 4, "gateway_settings": 4, "gateway_keys": 4, "listing": 4,
    "store": 4,
    "limits": 4, "limits_board": 4, "limits_file": 4, "limits_shared": 4, "worker_file": 4,
    "cli": 5, "gateway": 5, "page": 5, "in_process": 5, "__main__": 5,
}  # fmt: skip

THIRD_PARTY = {
    "aiohttp": ("transport/", "emulators/"),
    "aiohttp_socks": ("transport/",),
    "anthropic": ("in_process.py",),
    "anyio": ("sync.py",),
    "brotli": ("transport/", "emulators/"),
    "browser_cookie3": ("sessions/",),
    "click": ("cli/",),
    "curl_cffi": ("transport/",),
    "genai_prices": ("prices.py",),
    "httptools": ("gateway/connection.py", "transport/direct/"),
    "httpx2": ("gateway/in_process.py",),
    "markdown_it": ("page/markdown/",),
    "msgspec": ("",),
    "nh3": ("page/markdown/",),
    "openai": ("in_process.py",),
    "opentelemetry": ("gateway/tracing.py",),
    "prometheus_client": ("gateway/metrics.py",),
    "pygments": ("page/markdown/",),
    "multidict": ("transport/", "emulators/"),
    "pytest": ("emulators/pytest_plugin.py",),
    "rich": ("cli/",),
    "sqlalchemy": ("store/",),
    "trustme": ("emulators/",),
    "typer": ("cli/",),
    "uvicorn": ("gateway/connection.py", "gateway/lane/", "gateway/serving.py"),
    "uvloop": ("gateway/serving.py",),
    "xllamacpp": ("providers/local/",),
    "yarl": ("transport/", "emulators/"),
}

MODULES = sorted(SOURCE.rglob("*.py"))


def _name(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


def _room(name: str) -> str:
    return name.partition("/")[0].removesuffix(".py")


@cache
def _imports(path: Path) -> frozenset[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(found)


def _inner(path: Path) -> set[str]:
    """Our own modules that a file imports, as paths below the package."""
    inner = set()
    for name in _imports(path):
        if name.startswith("dragoman."):
            target = name.removeprefix("dragoman.").replace(".", "/")
            for candidate in (f"{target}.py", f"{target}/__init__.py"):
                if (SOURCE / candidate).is_file():
                    inner.add(candidate)
    return inner


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_imports_point_down_or_stay_on_the_floor(path: Path) -> None:
    room = _room(_name(path))
    if room == "__init__":
        pytest.skip("the package's front door names every room, lazily")
    if room == "emulators":
        assert {target for target in _inner(path) if _room(target) != "emulators"} == set()
        return

    above = {
        target
        for target in _inner(path)
        if FLOORS.get(_room(target), 5 if room == "cli" else 9) > FLOORS[room]
    }

    assert above == set()


def test_there_is_no_circle_of_imports() -> None:
    graph = {_name(path): _inner(path) for path in MODULES if _name(path) != "__init__.py"}
    done: set[str] = set()

    def walk(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " -> ".join((*trail[trail.index(name) :], name))
        if name not in done:
            for target in sorted(graph.get(name, ())):
                walk(target, (*trail, name))
            done.add(name)

    for name in graph:
        walk(name, ())


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_third_party_libraries_live_where_the_table_says(path: Path) -> None:
    ours = sys.stdlib_module_names | {"dragoman"}
    roots = {name.partition(".")[0] for name in _imports(path)} - ours

    misplaced = {
        root
        for root in roots
        if not any(_name(path).startswith(place) for place in THIRD_PARTY.get(root, ()))
    }

    assert misplaced == set()


def test_no_provider_imports_another() -> None:
    homes = {name: row.partition(":")[0] for name, row in PROVIDERS.items() if row}
    for home in homes.values():
        path = SOURCE / (home.removeprefix("dragoman.").replace(".", "/") + ".py")
        others = set(homes.values()) - {home}
        assert _imports(path) & others == set()


@pytest.mark.parametrize("name", PROVIDERS)
def test_every_provider_with_a_far_side_has_an_emulator(name: str) -> None:
    provider = load_provider(name)

    assert provider.name == name
    if isinstance(provider, HttpProvider) and provider.url:
        assert OF_DIALECT.get(provider.DIALECT, name) in NAMES


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_a_file_is_short_and_opens_with_its_reason(path: Path) -> None:
    text = path.read_text("utf-8")

    assert len(text.splitlines()) <= 400
    assert ast.get_docstring(ast.parse(text))
