"""Whatever a user can name is in the documentation: a page that is missing fails here.

The pages are those that the site shows: as mkdocs gets them, with the tables in their places.
"""

import ast
import importlib.util
import re
import sys
from collections.abc import Iterable
from functools import cache
from types import ModuleType
from typing import get_args

import msgspec
import pytest

import dragoman
from dragoman import emulators, errors, events
from dragoman.call_options import Options
from dragoman.cli.commands import COMMANDS
from dragoman.emulators.knobs import KNOBS
from dragoman.gateway.metrics import HEALTH_METRICS
from dragoman.gateway_settings import FIELDS as GATEWAY_FIELDS
from dragoman.gateway_settings import KEY_FIELDS
from dragoman.options import OPTIONS
from dragoman.provider_entry import ProviderFields
from dragoman.providers.keywords import KEYWORDS
from dragoman.providers.table import PROVIDERS, load_provider
from dragoman.routing.health_report import MODEL_FIELDS
from dragoman.routing.health_settings import FIELDS as HEALTH_FIELDS
from dragoman.routing.outcomes import OUTCOMES
from dragoman.routing.route_tables import CANDIDATE_FIELDS
from dragoman.routing.route_tables import FIELDS as ROUTE_FIELDS
from tests.docs.pages import ROOT

DOCS = ROOT / "docs"


@cache
def _tables() -> ModuleType:
    """`docs/tables.py`, which mkdocs takes its tables from."""
    spec = importlib.util.spec_from_file_location("docs_tables", DOCS / "tables.py")
    assert spec is not None
    assert spec.loader is not None
    if str(DOCS) not in sys.path:
        # As mkdocs does for its hooks.
        sys.path.append(str(DOCS))
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@cache
def _text() -> str:
    """All pages as one text, with their tables."""
    tables = _tables()
    written = "\n".join(path.read_text("utf-8") for path in sorted(DOCS.rglob("*.md")))
    shown = re.sub(r"<!-- table: (\w+) -->", lambda mark: tables.TABLES[mark[1]](), written)
    return shown + "\n".join(tables.provider_page(name) for name in PROVIDERS)


def _missing(names: Iterable[str]) -> list[str]:
    return sorted(name for name in names if f"`{name}`" not in _text())


def _error_names() -> list[str]:
    return [name for name in errors.__all__ if name.endswith("Error")]


def _variables() -> set[str]:
    """The environment variables that the code reads, as far as they are ours."""
    found: set[str] = set()
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found |= set(re.findall(r"\ADRAGOMAN_[A-Z_]*[A-Z]\Z", node.value))
    return found


NAMED: dict[str, Iterable[str]] = {
    "providers": PROVIDERS,
    "settings": [name for service in PROVIDERS for name in load_provider(service).SETTINGS],
    "fields": ProviderFields.__struct_fields__,
    "fields of the gateway": GATEWAY_FIELDS,
    "fields of its keys": KEY_FIELDS,
    "fields of a route": ROUTE_FIELDS,
    "fields of its candidates": CANDIDATE_FIELDS,
    "fields of health": HEALTH_FIELDS,
    "fields of its report": MODEL_FIELDS,
    "outcomes of attempts": OUTCOMES,
    "metrics of providers": [row.name for row in HEALTH_METRICS],
    "options": OPTIONS,
    "options of the client": Options.__annotations__,
    "keywords": KEYWORDS,
    "events": [kind.__name__ for kind in get_args(events.Event)],
    "errors": _error_names(),
    "emulators": emulators.NAMES,
    "knobs": [row.name for row in KNOBS],
    "environment variables": _variables(),
}


@pytest.mark.parametrize("kind", NAMED)
def test_every_name_is_in_a_page(kind: str) -> None:
    assert list(NAMED[kind])
    assert _missing(NAMED[kind]) == []


def test_every_command_and_every_argument_of_it_is_in_a_page() -> None:
    commands = _tables().TABLES["commands"]()

    assert [name for name in COMMANDS if f"## dragoman {name}\n" not in commands] == []
    assert "<!-- table: commands -->" in (DOCS / "reference" / "commands.md").read_text("utf-8")
    assert "`--scenario` JSON" in commands


def test_every_table_is_in_a_page() -> None:
    written = "\n".join(path.read_text("utf-8") for path in DOCS.rglob("*.md"))

    assert [name for name in _tables().TABLES if f"<!-- table: {name} -->" not in written] == []


def test_every_event_has_a_row_in_the_order_of_events() -> None:
    order = _tables().TABLES["legal_next"]()

    assert [kind for kind in get_args(events.Event) if f"| `{kind.__name__}` |" not in order] == []


def test_every_public_name_is_in_a_page() -> None:
    """By its own name in text, or because its module's public names are printed there."""
    printed = re.findall(r"^::: ([\w.]+)", _text(), re.MULTILINE)
    modules = {importlib.import_module(name).__name__ for name in printed if _is_module(name)}
    members = {
        name for module in modules for name in getattr(sys.modules[module], "__all__", ())
    } | {name.rpartition(".")[2] for name in printed}

    names = set(dragoman.__all__) - {"__version__"}
    assert sorted(name for name in names - members if f"`{name}`" not in _text()) == []


def _is_module(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def test_a_field_that_is_not_described_is_found() -> None:
    """What this file rests on: a name that no page has is missing."""

    class More(ProviderFields, frozen=True, kw_only=True):
        colour_of_the_curtains: str = ""

    fields = [field.name for field in msgspec.structs.fields(More)]

    assert _missing(fields) == ["colour_of_the_curtains"]
