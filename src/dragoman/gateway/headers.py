"""Headers that every answer of the gateway has, and the name that a request is known by."""

import re
import secrets
from collections.abc import Iterator, Mapping

from dragoman.gateway.record import Record

__all__ = ["made_headers", "passed_on", "request_id_of"]

_NAME_BYTES = 12
# Which version of a service's API a program speaks is its own affair.
_PASSED = ("anthropic-version", "anthropic-beta", "openai-beta")
_TOKEN = re.compile(r"[\w.:/+=@-]{1,128}", re.ASCII)


def _made() -> Iterator[str]:
    """Names that are used once; the system is asked for chance by the hundred."""
    while True:
        digits = secrets.token_hex(_NAME_BYTES * 128)
        for at in range(0, len(digits), 2 * _NAME_BYTES):
            yield digits[at : at + 2 * _NAME_BYTES]


_names = _made()


def request_id_of(headers: Mapping[str, str]) -> str:
    """The caller's `x-request-id`, if it is a sane one; else a new one."""
    given = headers.get("x-request-id", "")
    return given if given and _TOKEN.fullmatch(given) else f"req_{next(_names)}"


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
        headers.append(("x-dragoman-cost", f"{record.cost:.8f}".rstrip("0").rstrip(".")))
    return headers


def _safe(text: str) -> str:
    """What a header can hold; a model's name is whatever a provider calls it."""
    if not (text.isascii() and text.isprintable()):
        # Other characters, and above all the ends of lines, as Python writes them.
        text = text.encode("unicode_escape").decode("ascii")
    return text[:200]


def passed_on(headers: Mapping[str, str]) -> dict[str, str]:
    """The caller's headers that a service is to see, where it is asked in the caller's words."""
    return {name: headers[name] for name in _PASSED if name in headers}
