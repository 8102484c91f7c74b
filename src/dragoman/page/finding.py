"""What is not there, or is another's, said as the page says it."""

import contextlib
from collections.abc import Iterator

from dragoman.page.speaking import MissingError
from dragoman.store.faults import UnknownError

__all__ = ["found"]


@contextlib.contextmanager
def found(what: str) -> Iterator[None]:
    """Raise `MissingError` for what the store does not have."""
    try:
        yield
    except UnknownError as exc:
        raise MissingError(what) from exc
