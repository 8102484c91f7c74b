"""A program's JSON, read field by field, with the place of whatever is wrong with it.

`Field` is a value and where it stands, as `messages[1].content[0].image_url.url`. Nothing that a
program sends raises anything but `InputError`.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import NoReturn, TypeVar

import msgspec

from dragoman.dialects.failures import FOREIGN
from dragoman.errors import InputError, excerpt, quoted
from dragoman.media import decode_base64
from dragoman.messages import is_unicode

__all__ = ["Field", "read_object"]

_WORD = TypeVar("_WORD", bound=str)


class Field(msgspec.Struct, frozen=True):
    """A value of a request and its place; an empty place is the request itself."""

    value: object
    place: str = ""

    def wrong(self, expected: str) -> NoReturn:
        """Raise `InputError`: what stands here, and what should."""
        where = self.place or "the request"
        text = f"{where}: expected {expected}, not {quoted(self.value)}"
        raise InputError(text, place=self.place or None)

    def refuse(self, why: str) -> NoReturn:
        """Raise `InputError` in whole words."""
        raise InputError(f"{self.place or 'the request'}: {why}", place=self.place or None)

    def get(self, *names: str) -> "Field | None":
        """The first of these fields that there is and that is not null."""
        fields = self.fields()
        for name in names:
            if fields.get(name) is not None:
                return self._at(name, fields[name])
        return None

    def need(self, name: str) -> "Field":
        """A field that must be there."""
        fields = self.fields()
        if fields.get(name) is None:
            place = f"{self.place}.{name}" if self.place else name
            raise InputError(f"{place}: is missing", place=place)
        return self._at(name, fields[name])

    def fields(self) -> Mapping[str, object]:
        """The value as an object."""
        if not isinstance(self.value, Mapping):
            self.wrong("an object")
        return self.value

    def items(self) -> Iterator["Field"]:
        """The fields of a list."""
        if not isinstance(self.value, list | tuple):
            self.wrong("a list")
        for number, item in enumerate(self.value):
            yield Field(item, f"{self.place}[{number}]")

    def rest(self, known: Sequence[str] | frozenset[str]) -> dict[str, object]:
        """The fields of an object that are not among these; null ones are left out."""
        return {
            name: value
            for name, value in self.fields().items()
            if name not in known and value is not None
        }

    def text(self, *, empty: bool = True) -> str:
        """The value as text."""
        if not isinstance(self.value, str) or not (empty or self.value):
            self.wrong("text" if empty else "text that is not empty")
        if not is_unicode(self.value):
            self.refuse("holds half of a surrogate pair, which no wire can carry")
        return self.value

    def base64(self) -> bytes:
        """The bytes of a text in base64, which are not none."""
        return decode_base64(self.text()) or self.wrong("base64 of some bytes")

    def word(self, words: Sequence[_WORD]) -> _WORD:
        """One of these words."""
        found = next((word for word in words if self.value == word), None)
        return found or self.wrong(f"one of {', '.join(words)}")

    def flag(self) -> bool:
        """True or false."""
        if not isinstance(self.value, bool):
            self.wrong("true or false")
        return self.value

    def number(self, low: float, high: float) -> float:
        """A number in a range, both ends in it."""
        value = self.value
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.wrong(f"a number from {low:g} to {high:g}")
        if not low <= value <= high:
            self.wrong(f"a number from {low:g} to {high:g}")
        return float(value)

    def whole(self, low: int, high: int = 2**63 - 1) -> int:
        """A whole number in a range, both ends in it; `3.0` is one."""
        value = self.value
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.wrong(f"a whole number, at least {low}" if high >= 2**31 else f"{low} to {high}")
        return value

    def _at(self, name: str, value: object) -> "Field":
        return Field(value, f"{self.place}.{name}" if self.place else name)


def read_object(body: bytes) -> Field:
    """A request's body; `InputError` if it is no JSON object, or no UTF-8 can say it."""
    try:
        value = msgspec.json.decode(body)
    except FOREIGN as exc:
        _refuse_halves(body)
        raise InputError(f"the request's body is no JSON: {excerpt(str(exc))}") from exc
    field = Field(value)
    field.fields()
    return field


def _refuse_halves(body: bytes) -> None:
    """Name the place of the first half of a surrogate pair, which JSON itself allows."""
    try:
        fields = [Field(json.loads(body))]
    except (ValueError, RecursionError):
        return
    while fields:
        field = fields.pop()
        match field.value:
            case str():
                field.text()
            case list():
                fields += reversed(list(field.items()))
            case dict() as inner:
                for name in inner:
                    Field(name, field.place).text()
                fields += reversed([field.need(name) for name in field.rest(())])
