"""A fault of ours in what a request is told must end the request, and not only the telling."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, TypeVar

__all__ = ["Fallible", "guarded"]


class Fallible(Protocol):
    """Who can be ended by a fault of ours."""

    def give_up(self, fault: Exception) -> None:
        """Report it, and end."""
        ...


F = TypeVar("F", bound=Fallible)
P = ParamSpec("P")


def guarded(tell: Callable[Concatenate[F, P], None]) -> Callable[Concatenate[F, P], None]:
    """The same, but what it raises makes `self` give up."""

    @wraps(tell)
    def told(self: F, /, *what: P.args, **more: P.kwargs) -> None:
        try:
            tell(self, *what, **more)
        except Exception as fault:
            self.give_up(fault)

    return told
