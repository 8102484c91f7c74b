"""The pages and tables of the services with an API: printed from their rows and their dialects."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import assert_never

from dragoman.dialects.table import DIALECTS, load_dialect
from dragoman.emulators.names import OF_DIALECT
from dragoman.features import (
    FEATURES,
    REPLY_FEATURES,
    Carried,
    Hint,
    How,
    Mapped,
    Refused,
)
from dragoman.providers.api.dialect_provider import DialectProvider
from dragoman.providers.api.service import Service

__all__ = ["feature_pages", "feature_table", "reply_table", "service_pieces"]

Rows = list[tuple[str, ...]]


def service_pieces(provider: DialectProvider) -> Iterator[tuple[Sequence[str], Rows] | str]:
    """The pieces of a service's page: text, or a table as its header and rows."""
    row = provider.SERVICE
    if row.note:
        yield row.note
    yield ("about it", ""), _facts(provider)
    yield "## Use it"
    yield _use(provider)
    quirks = _quirks(provider)
    yield "## How it differs from its dialect"
    if quirks:
        yield ("what", "here"), quirks
    else:
        yield "It does not: see [what the dialects can say](../dialects.md)."


def _facts(provider: DialectProvider) -> Rows:
    row = provider.SERVICE
    key = "the key as it is" if row.key_place != "Authorization" else "`Bearer` and the key"
    address = f"`{row.base_url}`" if row.base_url else "your own: `base_url` must be set"
    return [
        ("speaks", f"[`{row.dialect}`](../dialects.md)"),
        ("where it is", address),
        ("its key", _key(row)),
        ("the key goes into", f"`{row.key_place}`: {key}"),
        ("lists its models at", f"`{row.models_path}`" if row.models_path else "nowhere"),
        ("prices", f"listed as `{row.prices}`" if row.prices else "not listed"),
        ("its emulator", f"`dragoman emulate {OF_DIALECT[row.dialect]}`"),
        ("made from", f"<{row.docs}>"),
    ]


def _use(provider: DialectProvider) -> str:
    row = provider.SERVICE
    lines = [f"[providers.{row.name}]"]
    if not row.base_url:
        lines.append('base_url = "https://your.address/v1"')
    if row.key_variable:
        lines.append(f'api_key = "env:{row.key_variable}"    # found by itself if it is set')
    lines.append("models = []    # empty: asked from the service")
    table = "\n".join(lines)
    return (
        f"Its models are called `{row.name}/MODEL`; `dragoman models {row.name}` lists them.\n\n"
        f"```toml\n{table}\n```"
    )


def _quirks(provider: DialectProvider) -> Rows:
    row = provider.SERVICE
    rows: Rows = [(f"`{ours}`", f"is sent as `{theirs}`") for ours, theirs in row.renames.items()]
    taken = sorted(row.takes - row.renames.keys())
    rows += [(f"`{name}`", "is sent, though its dialect has no field for it") for name in taken]
    for name, words in row.words.items():
        ours: dict[str, list[str]] = {}
        for word, fields in words.items():
            ours.setdefault(_instead(fields), []).append(f"`{word}`")
        rows += [(f"`{name}`: {', '.join(group)}", instead) for instead, group in ours.items()]
    if row.prefill_mark:
        rows.append(("an answer that was begun", f"its message has `{row.prefill_mark}: true`"))
    rows += [(f"`{name}`", "is not sent") for name in sorted(row.leaves_out)]
    rows += [(f"`{name}`", f"is always sent: `{value!r}`") for name, value in row.adds.items()]
    rows += [(f"the header `{name}`", f"`{value}`") for name, value in row.headers.items()]
    rows += [(f"`{name}`", said(how)) for name, how in row.says.items()]
    return rows


def _key(row: Service) -> str:
    if not row.key_variable:
        return "none"
    return f"`{row.key_variable}`{'' if row.key_needed else '; it may answer without one'}"


def _instead(fields: Mapping[str, object]) -> str:
    parts = (f"`{place}: {json.dumps(value)}`" for place, value in fields.items())
    return f"is sent as {' and '.join(parts)}" if fields else "is not sent"


def said(how: How) -> str:
    """What a cell of the tables says."""
    match how:
        case Carried():
            return "yes"
        case Mapped(words):
            return f"mapped: {words}"
        case Hint(why):
            return f"left out and named{f': {why}' if why else ''}"
        case Refused(why):
            return f"refused by name{f': {why}' if why else ''}"
        case _:
            assert_never(how)


def feature_table() -> tuple[Sequence[str], Rows]:
    """What a request may ask for, and what each dialect can say of it."""
    says = {name: load_dialect(name).says for name in DIALECTS}
    return _matrix(FEATURES, says)


def reply_table() -> tuple[Sequence[str], Rows]:
    """What an answer may tell, and what each dialect can say of it."""
    tells = {name: load_dialect(name).tells for name in DIALECTS}
    return _matrix(REPLY_FEATURES, tells)


def _matrix(
    features: Mapping[str, str], tables: Mapping[str, Mapping[str, How]]
) -> tuple[Sequence[str], Rows]:
    header = ("", *(f"`{name}`" for name in tables))
    rows: Rows = []
    for name, about in features.items():
        cells = (_short(table[name]) for table in tables.values())
        rows.append((f"`{name}`: {about}", *cells))
    return header, rows


def _short(how: How) -> str:
    match how:
        case Carried():
            return "yes"
        case Mapped():
            return "mapped"
        case Hint():
            return "left out"
        case Refused():
            return "refused"
        case _:
            assert_never(how)


def feature_pages() -> str:
    """For each dialect, its cells that are more than a word."""
    pieces = []
    for name in DIALECTS:
        dialect = load_dialect(name)
        lines = [
            f"- `{feature}`: {said(how)}"
            for feature, how in (*dialect.says.items(), *dialect.tells.items())
            if not isinstance(how, Carried)
            and said(how) not in {"left out and named", "refused by name"}
        ]
        pieces.append(f"### {name}\n\n{dialect.about}\n\n" + "\n".join(dict.fromkeys(lines)))
    return "\n\n".join(pieces)
