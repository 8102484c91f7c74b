"""Thought signatures: what a model thought, sealed for its next turn.

A signature is a function of the thoughts and of what it is attached to, so that one that was
changed, or moved to another call, is found out. Models named `gemini-3...` or later insist on it as
the real ones do: the first call of each step since the user last spoke must have its own.
Source: "Thought signatures" of the Gemini API docs, read 2026-11-21.
"""

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator

import msgspec

from dragoman.emulators.gemini_errors import WrongRequestError
from dragoman.emulators.service import Json

__all__ = ["check_signatures", "insists", "signature"]

_HEAD_BYTES = 8
_INSISTING = re.compile(r"gemini-([3-9]|\d\d)")
# What the docs give for history that another model made; in JSON it is base64, or as it is.
_BYPASS = frozenset(
    form
    for word in (b"skip_thought_signature_validator", b"context_engineering_is_the_way_to_go")
    for form in (word, base64.urlsafe_b64decode(word))
)


def signature(thoughts: str, call: dict[str, Json] | None = None) -> str:
    """The signature in base64 of a call, or without one of the answer's text."""
    head = hashlib.sha256(thoughts.encode()).digest()[:_HEAD_BYTES]
    return base64.b64encode(head + _seal(head, call)).decode()


def insists(model: str) -> bool:
    """Whether a model signs every first call and wants the signature back."""
    return _INSISTING.match(model) is not None


def check_signatures(contents: list[dict[str, Json]], model: str) -> dict[str, int]:
    """How many signatures came back as they were, and how many calls have none.

    Raises:
        WrongRequestError: one does not fit what it is attached to, or is missing and must not be.
    """
    returned = 0
    for at, number, part in _model_parts(contents):
        if "thoughtSignature" in part:
            _check(part, f"contents[{at}].parts[{number}]")
            returned += 1
    calls = [part for _, _, part in _model_parts(contents) if "functionCall" in part]
    if insists(model):
        _check_present(contents)
    return {
        "returned": returned,
        "calls_without": sum("thoughtSignature" not in part for part in calls),
    }


def _seal(head: bytes, call: dict[str, Json] | None) -> bytes:
    about = [call.get("name", ""), call.get("args") or {}] if call else []
    # Sorted: a client may put the arguments in another order, as JSON objects have none.
    attached = msgspec.json.encode(about, order="deterministic")
    return hashlib.sha256(head + attached).digest()


def _model_parts(
    contents: list[dict[str, Json]],
) -> Iterator[tuple[int, int, dict[str, Json]]]:
    for at, content in enumerate(contents):
        if content.get("role") == "model":
            for number, part in enumerate(content.get("parts", ())):
                yield at, number, part


def _check(part: dict[str, Json], path: str) -> None:
    given = part["thoughtSignature"]
    head = given[:_HEAD_BYTES]
    if given not in _BYPASS and given != head + _seal(head, part.get("functionCall")):
        raise WrongRequestError(f"Corrupted thought signature at '{path}.thought_signature'.")


def _check_present(contents: list[dict[str, Json]]) -> None:
    """Only the current turn counts: from the last words of the user on."""
    start = max((at for at, content in enumerate(contents) if _speaks(content)), default=0)
    for at, content in enumerate(contents[start:], start):
        first = next(_calls(content.get("parts", ())), None)
        previous = contents[at - 1] if at else {}
        # A step may come as several contents, of which only the first call is signed.
        continued = previous.get("role") == "model" and any(_calls(previous.get("parts", ())))
        if first and "thoughtSignature" not in first and not continued:
            raise WrongRequestError(
                "Function call is missing a thought_signature in functionCall parts. Function "
                f"call `{first['functionCall'].get('name', '')}`, position {at + 1}."
            )


def _speaks(content: dict[str, Json]) -> bool:
    return content.get("role") != "model" and any("text" in part for part in content["parts"])


def _calls(parts: Iterable[dict[str, Json]]) -> Iterator[dict[str, Json]]:
    return (part for part in parts if "functionCall" in part)
