"""What may be drawn, and the small values of which chats and answers are made."""

import base64
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

import msgspec
from hypothesis import strategies as st

from dragoman.chat import Summary
from dragoman.dialects.signatures import sign
from dragoman.features import Carried, How, Mapped
from dragoman.messages import Part, Reasoning

__all__ = [
    "ARGUMENTS",
    "IDS",
    "NAMES",
    "OPTIONS",
    "PAPERS",
    "PICTURES",
    "SCHEMAS",
    "SOUNDS",
    "TEXTS",
    "Carries",
    "Shape",
    "Table",
    "signatures",
    "thoughts",
]

Table = Mapping[str, How]
T = TypeVar("T")


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """What tables cannot say of a value; each is a keyword of the three strategies."""

    mapped: bool = False
    """Draw also what is `Mapped`: it comes back changed."""
    also: frozenset[str] = frozenset()
    """Features that are drawn where they are `Mapped`, too: they come back as they were."""
    without: frozenset[str] = frozenset()
    """Features that are never drawn."""
    always: frozenset[str] = frozenset()
    """Options, `document_name` or `signature`, which are always drawn."""
    signer: str | None = None
    """The dialect whose signatures are drawn; None draws none."""
    any_order: bool = False
    """Parts of an assistant's turn in a request in any order, not reasoning, text, calls."""
    one_text: bool = False
    """At most one text in a message, and before its other parts."""
    several_names: bool = False
    """Choices of several tools, and with `auto`; else only one tool that must be called."""
    signs_calls: bool = False
    """Tool calls of a request have signatures, too."""
    efforts: Sequence[str] = ("low", "medium", "high")
    summaries: Sequence[Summary] = ("auto",)


class Carries:
    """What may be drawn."""

    def __init__(self, tables: Sequence[Table], shape: Shape) -> None:
        self.shape = shape
        # Making a strategy takes longer than drawing from it.
        self._maybe: dict[str, st.SearchStrategy[Any]] = {}
        self._names = {
            name
            for name in tables[0]
            if name not in shape.without
            and all(isinstance(table.get(name), self._kinds(name)) for table in tables)
        }

    def _kinds(self, name: str) -> tuple[type[How], ...]:
        return (Carried, Mapped) if self.shape.mapped or name in self.shape.also else (Carried,)

    def __call__(self, name: str) -> bool:
        return name in self._names

    def always(self, name: str) -> bool:
        return name in self.shape.always

    def maybe(self, name: str, values: st.SearchStrategy[T]) -> st.SearchStrategy[T | None]:
        """The value of an option: always, sometimes or never."""
        if name not in self._maybe:
            found = st.none() | values if self(name) and not self.always(name) else values
            self._maybe[name] = found if self(name) else st.none()
        return self._maybe[name]


TEXTS = st.text(min_size=1, max_size=12)
IDS = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=4, max_size=8)
NAMES = st.text("abcdefghijklmnopqrstuvwxyz0123456789_", max_size=9).map("f".__add__)
_LEAVES = st.none() | st.booleans() | st.integers(-(2**31), 2**31) | st.text(max_size=6)
_JSON = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=4,
)
ARGUMENTS = st.dictionaries(st.text(max_size=6), _JSON, max_size=3).map(
    lambda value: msgspec.json.encode(value).decode()
)
SCHEMAS = st.sampled_from(
    [
        {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
        {
            "type": "object",
            "properties": {
                "n": {"type": "integer", "description": "how many"},
                "of": {"type": "array", "items": {"type": "string", "enum": ["a", "b"]}},
            },
        },
    ]
)
_BYTES = st.binary(max_size=8)
PICTURES = st.one_of(
    _BYTES.map(lambda b: (b"\x89PNG\r\n\x1a\n" + b, "image/png")),
    _BYTES.map(lambda b: (b"\xff\xd8\xff" + b, "image/jpeg")),
    _BYTES.map(lambda b: (b"RIFF0000WEBP" + b, "image/webp")),
    _BYTES.map(lambda b: (b"GIF89a" + b, "image/gif")),
)
SOUNDS = st.one_of(
    _BYTES.map(lambda b: (b"RIFF0000WAVE" + b, "audio/wav")),
    _BYTES.map(lambda b: (b"ID3" + b, "audio/mpeg")),
)
PAPERS = _BYTES.map(lambda content: b"%PDF-1.7\n" + content)
_HUNDREDTHS = st.integers(1, 100).map(lambda number: number / 100)
_PENALTIES = st.integers(-19, 19).map(lambda number: number / 10)
OPTIONS: Mapping[str, st.SearchStrategy[object]] = {
    "temperature": _HUNDREDTHS,
    "top_p": _HUNDREDTHS,
    "top_k": st.integers(1, 500),
    # More than the largest budget of reasoning, which some services count in.
    "max_tokens": st.integers(40_000, 64_000),
    "stop": st.lists(TEXTS, min_size=1, max_size=4).map(tuple),
    "seed": st.integers(0, 2**31 - 1),
    "presence_penalty": _PENALTIES,
    "frequency_penalty": _PENALTIES,
    "logprobs": st.integers(0, 20),
    "n": st.integers(2, 4),
    "user": IDS,
}


@cache
def signatures(carries: Carries) -> st.SearchStrategy[str | None]:
    """Proofs of the signer, in base64, as every service's own are."""
    signer = carries.shape.signer
    if signer is None:
        return st.none()
    proofs = st.binary(min_size=3, max_size=9).map(
        lambda proof: sign(signer, base64.b64encode(proof).decode())
    )
    return proofs if carries.always("signature") else st.none() | proofs


@cache
@st.composite
def thoughts(draw: st.DrawFn, carries: Carries) -> list[Part]:
    """No thought or one, which may be hidden: then there is only the proof of it."""
    if not carries("reasoning") or not draw(st.booleans()):
        return []
    signature = draw(signatures(carries))
    text = draw(TEXTS) if signature is None or draw(st.integers(0, 3)) else ""
    return [Reasoning(text, signature)]
