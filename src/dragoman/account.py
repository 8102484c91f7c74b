"""Who we are towards a provider, and where it is: frozen values without I/O.

A secret is wrapped the moment it comes in, so that no repr, log or error can hold it by accident.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import msgspec

__all__ = ["Account", "Reticent", "Secret", "Setting"]


class Secret:
    """A text that shows itself only to `reveal()`.

    Equal and hashed by its value, so that it can be part of a key in memory. It is not pickled:
    a pickle is a file or a pipe.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The text itself; for the wire only."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(***)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)


class Reticent(msgspec.Struct, frozen=True):
    """A value that shows less than it holds: subclasses say what, in `__repr__`."""

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        # Rich prints every field of a struct, whatever its repr says.
        return []


class Setting(msgspec.Struct, frozen=True):
    """One setting of a provider's installation: its type, its default and what it is for."""

    type: type[str] | type[int]
    default: str | int | None
    about: str
    secret: bool = False


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """One installation of a service and our identity there.

    `base_url` has no slash at its end, None is the public address. `settings` are those that the
    provider's `SETTINGS` table lists, `models` those that this installation has besides the
    provider's own. Equal accounts share one handshake.
    """

    base_url: str | None = None
    api_key: Secret | None = None
    cookies: tuple[tuple[str, Secret], ...] = ()
    settings: tuple[tuple[str, str | int | Secret], ...] = ()
    models: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        *,
        base_url: str | None = None,
        api_key: str | None = None,
        cookies: Mapping[str, str] | None = None,
        settings: Mapping[str, str | int | Secret] | None = None,
        models: Sequence[str] = (),
    ) -> "Account":
        """An account from plain values."""
        account = cls(
            base_url=base_url.rstrip("/") if base_url else None,
            api_key=Secret(api_key) if api_key else None,
            settings=tuple(sorted((settings or {}).items(), key=lambda item: item[0])),
            models=tuple(models),
        )
        return account.with_cookies(cookies) if cookies else account

    def with_cookies(self, cookies: Mapping[str, str]) -> "Account":
        """This account with these cookies in place of its own."""
        values = tuple((name, Secret(value)) for name, value in sorted(cookies.items()))
        return msgspec.structs.replace(self, cookies=values)

    def cookie_values(self) -> dict[str, str]:
        """The cookies as the wire wants them."""
        return {name: value.reveal() for name, value in self.cookies}

    def setting(self, name: str) -> str | int | None:
        """A setting's value, revealed, or None if it was not given."""
        for known, value in self.settings:
            if known == name:
                return value.reveal() if isinstance(value, Secret) else value
        return None
