"""Thoughts and their proofs, in the form that OpenRouter gave them: `reasoning_details`.

    {"type": "reasoning.text", "text": ..., "signature": ..., "format": ..., "id": ..., "index": 0}
    {"type": "reasoning.encrypted", "data": ...}         the thought itself is hidden
    {"type": "reasoning.summary", "summary": ...}

A service wants them back unharmed, fields that we do not know among them. So where a detail has
more fields than its text and its proof, the proof in the middle is the JSON of all of it but the
text. Beside the details the text also stands in `reasoning_content`, which more programs read.
Source: OpenRouter's documentation, "Reasoning tokens", read 2026-11-21.
"""

from collections.abc import Iterable, Mapping

import msgspec

from dragoman.dialects.failures import FOREIGN

__all__ = ["detail_text", "details", "proof", "signed"]

_HIDDEN = "reasoning.encrypted"
_TEXT = "reasoning.text"
_TEXTS = ("text", "summary")


def detail_text(detail: Mapping[str, object]) -> str:
    """The thought of a detail, perhaps empty."""
    return next((text for name in _TEXTS if isinstance(text := detail.get(name), str)), "")


def proof(detail: Mapping[str, object]) -> str | None:
    """The proof of a detail, for `signatures`; None if it has none."""
    hidden = detail.get("type") == _HIDDEN
    said = detail.get("data" if hidden else "signature")
    if not isinstance(said, str) or not said:
        return None
    kept = {
        name: value
        for name, value in detail.items()
        if value is not None and name not in {*_TEXTS, "index", "type"}
    }
    if len(kept) == 1:
        return said
    return msgspec.json.encode({"type": _HIDDEN if hidden else _TEXT, **kept}).decode()


def details(thoughts: Iterable[tuple[str, str | None]], first: int = 0) -> list[dict[str, object]]:
    """The details of thoughts, each a text and its proof as `proof` gave it, one of them maybe.

    `first` is the index of the first of them.
    """
    return [
        {**detail, "index": number}
        for number, (text, said) in enumerate(thoughts, first)
        for detail in _details(text, said)
    ]


def signed(said: str, *, hidden: bool) -> dict[str, object]:
    """The detail of a proof alone: its text, if it is not hidden, was said before."""
    kept = _kept(said)
    if kept is not None:
        return kept
    return {"type": _HIDDEN, "data": said} if hidden else {"type": _TEXT, "signature": said}


def _details(text: str, said: str | None) -> list[dict[str, object]]:
    kept = _kept(said)
    if kept is None:
        if not text:
            return [{"type": _HIDDEN, "data": said}]
        plain: dict[str, object] = {"type": _TEXT, "text": text}
        return [plain if said is None else plain | {"signature": said}]
    if kept["type"] != _HIDDEN:
        return [kept | ({"text": text} if text else {})]
    summary: dict[str, object] = {"type": "reasoning.summary", "summary": text}
    return [summary, kept] if text else [kept]


def _kept(said: str | None) -> dict[str, object] | None:
    """All of a detail but its text, if that is what the proof is."""
    if said is None or not said.startswith("{"):
        return None
    try:
        kept = msgspec.json.decode(said, type=dict[str, object])
    except FOREIGN:
        return None
    return kept if "type" in kept else None
