"""Checks of JSON shapes that name the place, in the words of the Messages API.

A check is a function of a value and its place (`messages.0.content.1.text`); it returns nothing
or raises `Refused`. Bigger checks are made of smaller ones, so a request's shape is one table.
Source: error texts of the Claude API in its docs and public issue reports, read 2026-11-21.
"""

import re
from collections.abc import Callable, Mapping
from typing import TypeAlias

from dragoman.emulators.service import Json

__all__ = [
    "Check",
    "Refused",
    "anything",
    "array",
    "boolean",
    "integer",
    "mapping",
    "nullable",
    "number",
    "one_of",
    "shape",
    "string",
    "tagged",
    "text_or",
]

Check: TypeAlias = Callable[[Json, str], None]


class Refused(Exception):
    """The service refuses the request with this status and message."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


def anything(value: Json, where: str) -> None:
    """Let every value pass."""


def boolean(value: Json, where: str) -> None:
    """True or false."""
    _must(isinstance(value, bool), where, "Input should be a valid boolean")


def mapping(value: Json, where: str) -> None:
    """Any JSON object."""
    _must(isinstance(value, dict), where, "Input should be an object")


def string(*, pattern: str = "", at_least: int = 0) -> Check:
    """Text that matches the whole pattern and has at least that many characters."""

    def check(value: Json, where: str) -> None:
        _must(isinstance(value, str), where, "Input should be a valid string")
        if pattern and re.fullmatch(pattern, value) is None:
            raise Refused(f"{where}: String should match pattern '^{pattern}$'")
        plural = "" if at_least == 1 else "s"
        _must(
            len(value) >= at_least,
            where,
            f"String should have at least {at_least} character{plural}",
        )

    return check


def integer(*, at_least: int) -> Check:
    """A whole number, not below the limit."""

    def check(value: Json, where: str) -> None:
        _must(type(value) is int, where, "Input should be a valid integer")
        _must(value >= at_least, where, f"Input should be greater than or equal to {at_least}")

    return check


def number(*, at_most: float) -> Check:
    """A number from 0 to the limit."""

    def check(value: Json, where: str) -> None:
        _must(type(value) in (int, float), where, "Input should be a valid number")
        _must(value >= 0, where, "Input should be greater than or equal to 0")
        _must(value <= at_most, where, f"Input should be less than or equal to {at_most:g}")

    return check


def one_of(*words: str) -> Check:
    """One of these words."""
    quoted = [f"'{word}'" for word in words]
    named = " or ".join(filter(None, [", ".join(quoted[:-1]), quoted[-1]]))

    def check(value: Json, where: str) -> None:
        _must(isinstance(value, str) and value in words, where, f"Input should be {named}")

    return check


def nullable(check: Check) -> Check:
    """The same, or null."""

    def check_unless_null(value: Json, where: str) -> None:
        if value is not None:
            check(value, where)

    return check_unless_null


def array(check: Check) -> Check:
    """A list whose every item passes."""

    def check_each(value: Json, where: str) -> None:
        _must(isinstance(value, list), where, "Input should be a valid list")
        for index, item in enumerate(value):
            check(item, f"{where}.{index}")

    return check_each


def text_or(check: Check) -> Check:
    """A text in place of what the check wants."""

    def check_unless_text(value: Json, where: str) -> None:
        if not isinstance(value, str):
            check(value, where)

    return check_unless_text


def shape(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """An object with these fields and no others."""
    known = {**required, **(optional or {})}

    def check(value: Json, where: str) -> None:
        mapping(value, where)
        for name in required:
            _must(name in value, _under(where, name), "Field required")
        for name in value:
            _must(name in known, _under(where, name), "Extra inputs are not permitted")
            known[name](value[name], _under(where, name))

    return check


def tagged(checks: Mapping[str, Check], *, untagged: str = "") -> Check:
    """An object whose `type` says which check it must pass; its place then ends in that type.

    `untagged` is the type of an object without one; if it is empty there must be one.
    """
    tags = ", ".join(f"'{tag}'" for tag in sorted(checks))

    def check(value: Json, where: str) -> None:
        mapping(value, where)
        tag = value.get("type") or untagged
        _must("type" in value or bool(untagged), f"{where}.type", "Field required")
        if not isinstance(tag, str) or tag not in checks:
            raise Refused(
                f"{where}: Input tag '{tag}' found using 'type' does not match any of the "
                f"expected tags: {tags}"
            )
        checks[tag](value, f"{where}.{tag}")

    return check


def _under(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


def _must(holds: bool, where: str, message: str) -> None:
    if not holds:
        raise Refused(f"{where}: {message}" if where else message)
