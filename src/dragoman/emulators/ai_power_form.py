"""The fields of a request as PHP hands them to the plugin.

Rule: pure. PHP keeps bytes, so a field here is text decoded with `surrogateescape`: whoever reads
it sees whether it was UTF-8. A JSON body has no fields, nor has a form above `post_max_size`.
Source: PHP 8.2 and WordPress 6.1.9, behaviour of `$_GET`, `$_POST`, `$_REQUEST`, observed
2026-11-21.
"""

from collections.abc import Mapping
from urllib.parse import parse_qsl

import msgspec

from dragoman.emulators.ai_power_prompt import Dialect
from dragoman.emulators.service import Request

__all__ = ["POST_MAX_BYTES", "Form", "address", "read_form"]

POST_MAX_BYTES = 8 * 1024 * 1024

_POST_ONLY = {Dialect.D4_OLD, Dialect.D4}


class Form(msgspec.Struct, frozen=True):
    """The fields of the query and of the body."""

    get: Mapping[str, str]
    post: Mapping[str, str]

    @property
    def request(self) -> dict[str, str]:
        """Both; the body wins."""
        return {**self.get, **self.post}

    def chat(self, dialect: Dialect) -> Mapping[str, str]:
        """Where this dialect looks for the fields of a chat, all but action and nonce."""
        return self.post if dialect in _POST_ONLY else self.request


def read_form(request: Request) -> Form:
    """The fields of a request, whatever its method."""
    return Form(get=request.query, post=_post(request))


def address(request: Request) -> str:
    """The visitor's address, as the plugin believes it."""
    forwarded = request.headers.get("x-forwarded-for", "127.0.0.1")
    return forwarded.partition(",")[0].strip()


def _post(request: Request) -> Mapping[str, str]:
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.method != "POST" or len(request.raw) > POST_MAX_BYTES:
        return {}
    match content_type:
        case "application/x-www-form-urlencoded":
            text = request.raw.decode("utf-8", "surrogateescape")
            return dict(parse_qsl(text, keep_blank_values=True, errors="surrogateescape"))
        case "multipart/form-data":
            return {name: str(value) for name, value in request.form.items()}
        case _:
            return {}
