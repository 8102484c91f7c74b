"""The tables of the reference, printed from those that the program itself runs on.

A page says `<!-- table: NAME -->` where the table NAME stands; `hooks.py` puts it there. So no
setting, event, error, option, knob or command is ever typed a second time.
"""

import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, get_args, get_type_hints

import msgspec
import typer
from gateway_tables import GATEWAY_TABLES
from health_tables import HEALTH_TABLES
from markup import code, codes, table
from service_pages import feature_pages, feature_table, reply_table, service_pieces

from dragoman import emulators, errors, events
from dragoman.account import Account
from dragoman.call_options import Options
from dragoman.cli import talk
from dragoman.cli.commands import COMMANDS
from dragoman.emulators.knobs import markdown as knobs_table
from dragoman.options import OPTIONS
from dragoman.provider_entry import FIELDS, ProviderFields
from dragoman.providers.api.dialect_provider import DialectProvider
from dragoman.providers.base import Provider
from dragoman.providers.keywords import KEYWORDS
from dragoman.providers.local.weights import CATALOGUE
from dragoman.providers.table import PROVIDERS, load_provider
from dragoman.transport.base import Limits

__all__ = ["TABLES", "provider_page"]

DECISIONS = Path(__file__).parent / "decisions"


def _about(subject: object) -> str:
    """The first paragraph of a docstring, on one line."""
    return " ".join((inspect.getdoc(subject) or "").split("\n\n")[0].split())


def _type(kind: Any) -> str:
    """A type as a reader writes it."""
    text = kind.__name__ if isinstance(kind, type) and not get_args(kind) else str(kind)
    return text.replace("typing.", "").replace("NoneType", "None")


def _events() -> str:
    rows = []
    for kind in get_args(events.Event):
        hints = get_type_hints(kind)
        fields = [f"`{name}`: {_type(hints[name])}" for name in kind.__struct_fields__]
        rows.append((code(kind.__name__), "; ".join(fields), _about(kind)))
    return table(("event", "fields", "means"), rows)


def _legal_next() -> str:
    rows = []
    for last, following in events.LEGAL_NEXT.items():
        names = sorted(kind.__name__ for kind in following)
        rows.append((code(last.__name__) if last else "the beginning", codes(names) or "nothing"))
    return table(("after", "may come"), rows)


def _subclasses(kind: type[errors.ChatError]) -> Iterator[type[errors.ChatError]]:
    yield kind
    for below in kind.__subclasses__():
        if below.__module__ == errors.__name__:
            yield from _subclasses(below)


def _errors() -> str:
    return table(
        ("error", "is also a", "retryable", "when"),
        [
            (code(kind.__name__), codes(_bases(kind)), _retryable(kind), _about(kind))
            for kind in _subclasses(errors.ChatError)
        ],
    )


def _bases(kind: type[errors.ChatError]) -> list[str]:
    ours = [base for base in kind.__bases__ if base.__module__ == errors.__name__]
    others = [base for base in kind.__bases__ if base not in ours]
    return [base.__name__ for base in (*ours, *others)]


def _retryable(kind: type[errors.ChatError]) -> str:
    """An instance knows; of one class it depends on the status."""
    if kind is errors.ResponseStatusError:
        return "at 408, 425 and 5xx"
    return "yes" if kind("").retryable else "no"


def _options() -> str:
    return table(("option", "means"), [(code(name), about) for name, about in OPTIONS.items()])


def _call_options() -> str:
    hints = get_type_hints(Options)
    return table(("keyword", "type"), [(code(name), _type(kind)) for name, kind in hints.items()])


def _keywords() -> str:
    return table(("keyword", "means"), [(code(name), about) for name, about in KEYWORDS.items()])


def _fields() -> str:
    rows = [
        (code(field.name), _type(field.type), FIELDS[field.name])
        for field in msgspec.structs.fields(ProviderFields)
    ]
    return table(("field", "type", "means"), rows)


def _limits() -> str:
    fields = msgspec.structs.fields(Limits)
    rows = [(code(field.name), _seconds(field.default)) for field in fields]
    return table(("limit", "where nothing is said"), rows)


def _seconds(limit: float | None) -> str:
    return "no limit" if limit is None else f"{limit:g} s"


def _providers() -> str:
    rows = []
    for name in PROVIDERS:
        provider = load_provider(name)
        rows.append((f"[`{name}`](providers/{name}.md)", provider.SPEAKS, _where(provider)))
    return table(("provider", "speaks", "where it is"), rows)


def _where(provider: Provider) -> str:
    if provider.url is None:
        own = isinstance(provider, DialectProvider)
        return "wherever yours is" if own else "on this machine"
    state = "" if provider.working else ", which is gone: use your own installation"
    return f"`{provider.url}`{state}"


def _settings(provider: Provider) -> str:
    rows = []
    for name, setting in provider.SETTINGS.items():
        default = "" if setting.default is None else code(setting.default)
        secret = "; a secret" if setting.secret else ""
        rows.append((code(name), setting.type.__name__, default, setting.about + secret))
    return table(("setting", "type", "default", "means"), rows) if rows else "It has none."


def _aliases(provider: Provider) -> Mapping[str, str]:
    own: Mapping[str, str] = getattr(provider, "model_aliases", {})
    module = sys.modules[type(provider).__module__]
    return own or getattr(module, "MODEL_ALIASES", {})


def provider_page(name: str) -> str:
    """The whole page of one provider, from its attributes and tables."""
    provider = load_provider(name)
    kind = type(provider)
    if isinstance(provider, DialectProvider):
        return _service_page(provider)
    pieces = [
        f"# {kind.__name__} (`{name}`)",
        _about(kind),
        table(
            ("about it", ""),
            [
                ("speaks", provider.SPEAKS),
                ("where it is", _where(provider)),
                ("needs cookies or a key", "yes" if provider.needs_auth else "no"),
                ("gives more than one delta", "yes" if provider.supports_stream else "no"),
                ("its emulator", _emulator(name)),
            ],
        ),
        "## Models",
        f"{codes(provider.known_models(Account()))}; the first is asked if none is named.",
        *_alias_table(provider),
        "## Settings",
        "They go under `[providers.NAME]`, after `-o` on the command line, or as keywords of a "
        "call on the class.",
        _settings(provider),
        "## Options",
        _expressed(provider),
        f"::: {kind.__module__}.{kind.__name__}\n    options:\n      heading_level: 2",
    ]
    return "\n\n".join(pieces) + "\n"


def _service_page(provider: DialectProvider) -> str:
    pieces = [f"# {provider.SERVICE.title} (`{provider.name}`)"]
    pieces += [
        piece if isinstance(piece, str) else table(*piece) for piece in service_pieces(provider)
    ]
    return "\n\n".join(pieces) + "\n"


def _features() -> str:
    return table(*feature_table())


def _reply_features() -> str:
    return table(*reply_table())


def _emulator(name: str) -> str:
    if name not in emulators.NAMES:
        return "none: it needs no far side"
    return f"`dragoman emulate {name}`, [with these knobs](../emulators.md#knobs)"


def _alias_table(provider: Provider) -> list[str]:
    aliases = _aliases(provider)
    rows = [(code(alias), code(model)) for alias, model in aliases.items()]
    return [table(("also called", "is"), rows)] if rows else []


def _expressed(provider: Provider) -> str:
    sent = [name for name in OPTIONS if name in provider.EXPRESSES]
    left = [name for name in OPTIONS if name not in provider.EXPRESSES]
    said = [f"Sent: {codes(sent)}."] if sent else []
    if left:
        said.append(f"Accepted, left out and named in `Started.dropped`: {codes(left)}.")
    return "\n".join(said)


def _emulators() -> str:
    rows = []
    for name in emulators.NAMES:
        about = load_provider(name).SPEAKS if name in PROVIDERS else ""
        rows.append((code(name), f"`dragoman emulate {name}`", about))
    return table(("emulator", "started by", "speaks"), rows)


def _commands() -> str:
    return "\n\n".join(_command(name) for name in COMMANDS)


def _command(name: str) -> str:
    row = COMMANDS[name]
    app = typer.Typer(add_completion=False)
    app.command(name=name)(import_module(row.module).run)
    # Typer's own types of commands are not public: what is read here is what `--help` prints.
    params: list[Any] = typer.main.get_command(app).params
    rows = [(_usage(param), getattr(param, "help", "") or "") for param in params]
    return f"## dragoman {name}\n\n{row.about}\n\n{table(('argument', 'means'), rows)}"


def _usage(param: Any) -> str:
    if not param.opts[0].startswith("-"):
        return code(param.metavar if param.required else f"[{param.metavar}]")
    words = codes(param.opts)
    return words if param.is_flag else f"{words} {param.metavar}"


def _talk_commands() -> str:
    rows = [
        (code(f"{name} {command.takes}".strip()), command.about)
        for name, command in talk.COMMANDS.items()
    ]
    return table(("command", "does"), rows)


def _catalogue() -> str:
    rows = [
        (
            code(f"local/{row.name}"),
            f"{row.file_bytes / 1e6:.0f} MB",
            f"{row.context} tokens",
            row.publisher,
            row.licence,
            row.expect,
        )
        for row in CATALOGUE.values()
    ]
    return table(("model", "size", "room", "publisher", "licence", "expect"), rows)


def _decisions() -> str:
    rows = []
    for path in sorted(DECISIONS.glob("[0-9]*.md")):
        title = path.read_text("utf-8").partition("\n")[0].removeprefix("# ").partition(": ")[2]
        rows.append((f"[{path.stem[:4]}]({path.name})", title))
    return table(("", "decision"), rows)


TABLES: Mapping[str, Callable[[], str]] = {
    **GATEWAY_TABLES,
    **HEALTH_TABLES,
    "call_options": _call_options,
    "catalogue": _catalogue,
    "commands": _commands,
    "decisions": _decisions,
    "emulators": _emulators,
    "errors": _errors,
    "events": _events,
    "feature_notes": feature_pages,
    "features": _features,
    "fields": _fields,
    "keywords": _keywords,
    "knobs": knobs_table,
    "legal_next": _legal_next,
    "limits": _limits,
    "options": _options,
    "providers": _providers,
    "reply_features": _reply_features,
    "talk_commands": _talk_commands,
}
"""What a page can ask for, by name."""
