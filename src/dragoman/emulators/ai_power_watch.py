"""What the WordPress emulators complain of: what a client must never do to such a site.

Rule: it only looks and notes; no complaint changes a reply. "The same chat" is a POST with the
same fields but for the nonce, so a client that starts a new chat says so by a new `chat_id`.
"""

from collections.abc import Iterable, Iterator, Mapping

from dragoman.emulators.ai_power_form import Form
from dragoman.emulators.ai_power_prompt import Dialect
from dragoman.emulators.service import Request
from dragoman.emulators.wordpress_text import is_valid_utf8

__all__ = ["NameDodge", "Watch", "field_complaints", "type_complaints"]

# All of these are the site owner's to choose; there is no field for them.
_OWNERS = ("model", "temperature", "top_p", "max_tokens", "presence_penalty", "frequency_penalty")
_OPTIONS = "wpaicg_chat_shortcode_options"
_FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")
_POST_ONLY = {Dialect.D4_OLD, Dialect.D4}

_ChatKey = tuple[tuple[str, str], ...]


class Watch:
    """Looks at the chats of one site, in order."""

    def __init__(self) -> None:
        self._refused: dict[_ChatKey, int] = {}
        self._running: set[_ChatKey] = set()
        self._limited: dict[str, str] = {}
        self._names = NameDodge()

    def look(self, request: Request, form: Form, dialect: Dialect) -> None:
        """Note what is wrong with a chat request by itself and after those before it."""
        fields = form.request
        for complaint in _of_form(request, fields, dialect):
            request.complain(complaint)
        for complaint in self._of_history(request, fields):
            request.complain(complaint)

    def refused(self, form: Form) -> None:
        """The chat was refused for its nonce."""
        key = _key(form)
        self._refused[key] = self._refused.get(key, 0) + 1

    def limited(self, form: Form) -> None:
        """The chat was refused for its client id's quota."""
        fields = form.request
        self._limited[fields.get("message", "")] = fields.get("wpaicg_chat_client_id", "")

    def watched(self, form: Form, events: Iterable[bytes]) -> Iterator[bytes]:
        """The events of an answer; while they run, the same chat again is a replay."""
        key = _key(form)
        self._refused.pop(key, None)
        for event in events:
            self._running.add(key)
            yield event
        self._running.discard(key)

    def _of_history(self, request: Request, fields: Mapping[str, str]) -> Iterator[str]:
        key = _key(Form({}, fields))
        if self._refused.get(key, 0) >= 2:
            yield "third attempt: the same chat was refused twice for its nonce"
        if key in self._running:
            yield "replay: the same chat was sent again after a part of its answer"
        client_id = fields.get("wpaicg_chat_client_id", "")
        if self._limited.get(fields.get("message", ""), client_id) != client_id:
            yield "quota dodge: a refused message came again under another client id"
        yield from self._names.look(request, client_id)


class NameDodge:
    """Looks at the names under which the visitor with a cookie chats."""

    def __init__(self) -> None:
        self._seen: dict[str, list[str]] = {}

    def look(self, request: Request, client_id: str) -> Iterator[str]:
        """A complaint if none of three chats or more shares its name with another."""
        cookie = request.headers.get("cookie", "")
        if cookie and client_id:
            seen = self._seen.setdefault(cookie, [])
            seen.append(client_id)
            if len(seen) > 2 and len(set(seen)) == len(seen):
                yield "quota dodge: each chat of this session has a new client id"


def type_complaints(request: Request) -> Iterator[str]:
    """What is wrong with the content type of a request that is to be a form."""
    content_type = request.headers.get("content-type", "").partition(";")[0].lower()
    if request.method == "POST" and content_type not in _FORM_TYPES:
        yield f"wrong content type {content_type!r}: a chat is a form"


def field_complaints(fields: Mapping[str, str]) -> Iterator[str]:
    """What no field of a chat may be."""
    for name, value in fields.items():
        if not is_valid_utf8(value):
            yield f"field {name} is no valid UTF-8"
        if name in _OWNERS:
            yield f"field {name}: the site's owner chooses it"
        if name.startswith(_OPTIONS):
            yield f"field {_OPTIONS}: overrides the owner's settings"


def _of_form(request: Request, fields: Mapping[str, str], dialect: Dialect) -> Iterator[str]:
    yield from type_complaints(request)
    if request.method != "POST" and dialect in _POST_ONLY:
        yield f"{request.method}: this version reads a chat from POST fields only"
    for name in ("_wpnonce", "message"):
        if name not in fields:
            yield f"missing field {name}"
    yield from field_complaints(fields)


def _key(form: Form) -> _ChatKey:
    return tuple(
        sorted((name, value) for name, value in form.request.items() if name != "_wpnonce")
    )
