"""Headers that every answer of the gateway has, and the name that a request is known by."""

import re
import secrets
from collections.abc import Mapping
from functools import lru_cache

from dragoman.gateway.record import Record

__all__ = ["given_id", "made_headers", "made_lines", "new_id", "passed_on", "request_id_of"]

_NAME_BYTES = 12
# Which version of a service's API a program speaks is its own affair.
_PASSED = ("anthropic-version", "anthropic-beta", "openai-beta")
_TOKEN = re.compile(r"[\w.:/+=@-]{1,128}", re.ASCII)


# Names that are used once; the system is asked for chance by the hundred.
_names: list[str] = []


def request_id_of(headers: Mapping[str, str]) -> str:
    """The caller's `x-request-id`, if it is a sane one; else a new one."""
    return given_id(headers) or new_id()


def given_id(headers: Mapping[str, str]) -> str:
    """The caller's own name for its request, if it is a sane one; else empty."""
    given = headers.get("x-request-id", "")
    return given if _TOKEN.fullmatch(given) else ""


def new_id() -> str:
    """A name that no other request has."""
    if not _names:
        digits = secrets.token_hex(_NAME_BYTES * 128)
        ends = range(0, len(digits), 2 * _NAME_BYTES)
        _names.extend(digits[at : at + 2 * _NAME_BYTES] for at in ends)
    return f"req_{_names.pop()}"


def made_headers(record: Record) -> list[tuple[str, str]]:
    """What we say about an answer beside it."""
    headers = [("x-request-id", record.request_id)]
    if record.provider:
        headers += [
            ("x-dragoman-provider", record.provider),
            ("x-dragoman-model", _safe(record.model)),
            ("x-dragoman-attempts", str(record.attempts)),
            ("x-dragoman-overhead-ms", f"{record.overhead_s * 1000:.2f}"),
        ]
    if record.dropped:
        headers.append(("x-dragoman-dropped", _safe(", ".join(record.dropped))))
    if record.cost is not None:
        headers.append(("x-dragoman-cost", _dollars(record.cost)))
    return headers


def made_lines(record: Record) -> str:
    """The same as lines of a head; most of it is the same in each answer of a model."""
    lines = f"x-request-id: {record.request_id}\r\n"
    if record.provider:
        about = _about(record.provider, record.model, record.attempts)
        lines += f"{about}x-dragoman-overhead-ms: {record.overhead_s * 1000:.2f}\r\n"
    if record.dropped:
        lines += f"x-dragoman-dropped: {_safe(', '.join(record.dropped))}\r\n"
    if record.cost is not None:
        lines += f"x-dragoman-cost: {_dollars(record.cost)}\r\n"
    return lines


@lru_cache(1024)
def _about(provider: str, model: str, attempts: int) -> str:
    lines = f"x-dragoman-provider: {provider}\r\nx-dragoman-model: {_safe(model)}\r\n"
    return f"{lines}x-dragoman-attempts: {attempts}\r\n"


def _dollars(cost: float) -> str:
    return f"{cost:.8f}".rstrip("0").rstrip(".")


def _safe(text: str) -> str:
    """What a header can hold; a model's name is whatever a provider calls it."""
    if not (text.isascii() and text.isprintable()):
        # Other characters, and above all the ends of lines, as Python writes them.
        text = text.encode("unicode_escape").decode("ascii")
    return text[:200]


def passed_on(headers: Mapping[str, str]) -> dict[str, str]:
    """The caller's headers that a service is to see, where it is asked in the caller's words."""
    return {name: headers[name] for name in _PASSED if name in headers}
