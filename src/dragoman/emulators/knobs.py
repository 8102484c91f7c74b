"""The one table of all knobs: it checks every scenario, and the docs print it.

`KNOBS` has a row for each name, shared knobs first; `markdown()` is the table of the docs.
"""

import msgspec

from dragoman.emulators.aichat_knobs import AichatKnobs
from dragoman.emulators.anthropic_knobs import AnthropicKnobs
from dragoman.emulators.fakegpt_knobs import FakeGptKnobs
from dragoman.emulators.knob import ApiKnobs, CommonKnobs, ServiceKnobs
from dragoman.emulators.scenario import knob_metas
from dragoman.emulators.wordpress_knobs import WordPressKnobs

__all__ = ["KNOBS", "Knob", "markdown"]

# Who has the knobs of a struct; a struct's inherited knobs belong to its base's row.
_OWNERS: tuple[tuple[type[CommonKnobs], str], ...] = (
    (CommonKnobs, "all"),
    (ServiceKnobs, "fakegpt, chatgptfree, chatgptt, aichat"),
    (ApiKnobs, "openai, anthropic, gemini, ollama"),
    (FakeGptKnobs, "fakegpt"),
    (WordPressKnobs, "chatgptfree, chatgptt"),
    (AichatKnobs, "aichat"),
    (AnthropicKnobs, "anthropic"),
)


class Knob(msgspec.Struct, frozen=True, kw_only=True):
    """One knob: its shape and meaning in Markdown, who has it, what a client must do about it.

    `fault` tells a fault, which `on`, `for` and `at` can limit, from a setting of the service.
    """

    name: str
    shape: str
    meaning: str
    client_must: str
    emulators: str
    fault: bool


def _rows() -> tuple[Knob, ...]:
    rows = []
    for knobs_type, emulators in _OWNERS:
        inherited = {
            name
            for base in knobs_type.__bases__
            if issubclass(base, CommonKnobs)
            for name in knob_metas(base)
        }
        for name, meta in knob_metas(knobs_type).items():
            if name not in inherited:
                rows.append(_row(name, meta, emulators))
    return tuple(rows)


def _row(name: str, meta: msgspec.Meta, emulators: str) -> Knob:
    extra = meta.extra or {}
    return Knob(
        name=name,
        shape=extra["shape"],
        meaning=meta.description or "",
        client_must=extra["client_must"],
        emulators=emulators,
        fault=extra["fault"],
    )


KNOBS = _rows()


def markdown() -> str:
    """All knobs as one Markdown table."""
    lines = ["| knob | shape | emulators | meaning | a client must |", "|---|---|---|---|---|"]
    lines += [
        f"| `{row.name}` | {row.shape} | {row.emulators} | {row.meaning} | {row.client_must} |"
        for row in KNOBS
    ]
    return "\n".join(lines) + "\n"
