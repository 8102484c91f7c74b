"""What the emulator of AI Power 2.3 and later complains of: what a client must never do there.

Rule: it only looks and notes; no complaint changes a reply. "The same message" is one of the same
`user_client_message_id`, in a plain chat one of the same words in the same conversation.
"""

from collections.abc import Iterable, Iterator, Mapping

from dragoman.emulators.ai_power_form import Form
from dragoman.emulators.ai_power_watch import NameDodge, field_complaints, type_complaints
from dragoman.emulators.service import Request

__all__ = ["ModernWatch"]

_MUST: Mapping[str, tuple[str, ...]] = {
    "aipkit_get_frontend_chat_nonce": (),
    "aipkit_cache_sse_message": ("message", "_ajax_nonce", "bot_id", "user_client_message_id"),
    "aipkit_frontend_chat_message": (
        "message", "_ajax_nonce", "bot_id", "session_id", "conversation_uuid"
    ),
    "aipkit_frontend_chat_stream": (
        "cache_key", "_ajax_nonce", "bot_id", "session_id", "conversation_uuid"
    ),
}  # fmt: skip
_STREAM = "aipkit_frontend_chat_stream"

_MessageKey = tuple[str, str]


class ModernWatch:
    """Looks at the requests of one site's chat, in order."""

    def __init__(self) -> None:
        self._refused: dict[_MessageKey, int] = {}
        self._running: set[_MessageKey] = set()
        # Message by the cache key that was given for it, and the keys that were asked for.
        self._left: dict[str, _MessageKey] = {}
        self._asked: set[str] = set()
        self._names = NameDodge()

    def look(self, request: Request, form: Form, action: str) -> None:
        """Note what is wrong with a request by itself and after those before it."""
        for complaint in (
            *_of_form(request, form, action),
            *self._of_history(request, form, action),
        ):
            request.complain(complaint)

    def refused(self, form: Form) -> None:
        """The message was refused for its nonce."""
        key = self._key(form)
        self._refused[key] = self._refused.get(key, 0) + 1

    def left(self, form: Form, cache_key: str) -> None:
        """The message was left for this key."""
        self._left[cache_key] = self._key(form)

    def watched(self, form: Form, events: Iterable[bytes]) -> Iterator[bytes]:
        """The events of an answer; while they run, the same message again is a replay."""
        key = self._key(form)
        self._refused.pop(key, None)
        for event in events:
            self._running.add(key)
            yield event
        self._running.discard(key)

    def _key(self, form: Form) -> _MessageKey:
        fields = form.request
        if "cache_key" in fields:
            return self._left.get(fields["cache_key"], ("", fields["cache_key"]))
        named = fields.get("user_client_message_id")
        if named:
            return ("", named)
        return (fields.get("conversation_uuid", ""), fields.get("message", ""))

    def _of_history(self, request: Request, form: Form, action: str) -> Iterator[str]:
        key, fields = self._key(form), form.request
        if action == _STREAM:
            cache_key = fields.get("cache_key", "")
            if cache_key in self._asked:
                yield "the cache key was used before; it is good for one stream"
            self._asked.add(cache_key)
        elif "message" in fields:
            if self._refused.get(key, 0) >= 2:
                yield "third attempt: the same message was refused twice for its nonce"
            if key in self._running:
                yield "replay: the same message was sent again after a part of its answer"
        yield from self._names.look(request, fields.get("session_id", ""))


def _of_form(request: Request, form: Form, action: str) -> Iterator[str]:
    fields = form.request
    yield from type_complaints(request)
    if action == _STREAM and request.method != "GET":
        yield f"{request.method}: a stream is read by GET"
    if action != _STREAM and request.method != "POST":
        yield f"{request.method}: only a stream is read by GET"
    for name in _MUST[action]:
        if not fields.get(name):
            yield f"missing field {name}"
    yield from field_complaints(fields)
