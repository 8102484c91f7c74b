"""The same dialect on both sides: the caller's bytes go out, the service's come back, watched.

Nothing is decoded to be encoded again, so every field survives, known or not. The provider's own
decoder reads along: a cut, an error or nonsense is one here as everywhere, and only whole events
are passed on, without the broken ones that it passed over.
"""

import re
from collections.abc import Mapping

import msgspec

from dragoman.dialects.answer_decoder import SAYS_NOTHING
from dragoman.errors import ChatError, InputError
from dragoman.events import Event, Finished
from dragoman.providers.api.dialect_provider import DialectProvider
from dragoman.providers.call import Call, Decoder, Handshake, StaleSession, Steps
from dragoman.providers.unasked_usage import add_question, without_usage
from dragoman.sessions.store import Facts
from dragoman.wire.http import HttpReply, HttpRequest, ReplyHead, json_request

__all__ = ["RelayWire", "is_relayable"]

_EVENT_ENDS = (b"\n\n", b"\r\n\r\n", b"\r\r")
_FIELD = re.compile(rb"\Z|:|\xef\xbb\xbf|(?:data|event|id|retry)(?::|\Z)")
_LINE_END = (b"\n",)
_BOM = b"\xef\xbb\xbf"
_BODY = msgspec.json.Decoder(dict[str, msgspec.Raw])
_QUIRKS = ("takes", "renames", "words", "leaves_out", "adds", "prefill_mark")


def is_relayable(provider: object, dialect: str) -> bool:
    """Whether this provider takes a request of that dialect as it stands.

    A service with differences of its own does not: its requests are made from the middle.
    """
    if not isinstance(provider, DialectProvider) or dialect != provider.DIALECT:
        return False
    if type(provider).__module__ != "dragoman.providers.api.rows":
        # One with code of its own: its own programs speak to it as we do.
        return True
    return not any(getattr(provider.SERVICE, name) for name in _QUIRKS)


class RelayWire:
    """A provider for one relayed chat; `take` gives the bytes that are to be passed on."""

    def __init__(self, provider: DialectProvider, body: bytes, headers: Mapping[str, str]) -> None:
        self._provider = provider
        self._body = body
        self._headers = headers
        self._watching: _Watching | None = None
        self._is_usage_unasked = False
        self.is_as_asked = True
        """Whether the service streams when asked to, and only then; else there are only events."""

    @property
    def name(self) -> str:
        """What errors call the provider."""
        return self._provider.name

    def take(self) -> bytes:
        """What came since the last time, as far as it is whole."""
        taken = self._watching.take() if self._watching else b""
        return without_usage(taken) if self._is_usage_unasked else taken

    def request(self, call: Call, facts: Facts) -> HttpRequest:
        """The caller's request, with the model's name on the wire in place of the caller's."""
        try:
            fields = _BODY.decode(self._body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
            raise InputError("the request's body is no JSON object") from exc
        if "model" in fields:
            fields["model"] = msgspec.Raw(msgspec.json.encode(call.chat.model))
        if self._provider.DIALECT == "openai_chat" and call.chat.stream:
            self._is_usage_unasked = add_question(fields)
        headers = {**self._provider.headers(call), **self._headers}
        return json_request(self._provider.chat_url(call), fields, headers)

    def decoder(self, call: Call, head: ReplyHead) -> Decoder:
        """The provider's decoder, and beside it the bytes."""
        ends: tuple[bytes, ...] = (
            _LINE_END if head.media_type == "application/x-ndjson" else _EVENT_ENDS
        )
        is_whole = head.media_type == "application/json"
        self.is_as_asked = is_whole != call.chat.stream
        if not call.chat.stream or is_whole:
            # Half of a whole answer is of no use to anybody.
            ends = ()
        self._watching = _Watching(self._provider.decoder(call, head), ends)
        return self._watching

    def hint(self, call: Call) -> str | None:
        """As the provider's."""
        return self._provider.hint(call)

    def handshake(self, call: Call) -> Handshake[Facts]:
        """As the provider's."""
        return self._provider.handshake(call)

    def refresh(
        self, call: Call, stale: Facts, signal: StaleSession, fresh: bool
    ) -> Handshake[Facts]:
        """As the provider's."""
        return self._provider.refresh(call, stale, signal, fresh)

    def prepare(self, call: Call, facts: Facts) -> Handshake[Facts] | None:
        """As the provider's."""
        return self._provider.prepare(call, facts)

    def model_steps(self, call: Call, facts: Facts) -> Steps[list[str]]:
        """As the provider's."""
        return self._provider.model_steps(call, facts)

    def failure(self, call: Call, reply: HttpReply) -> ChatError | StaleSession | None:
        """As the provider's."""
        return self._provider.failure(call, reply)


def _sound_bytes(data: bytes, ends: tuple[bytes, ...]) -> int:
    """How much of this stands before the event that is an error; 0 if none of them looks so."""
    at = 0
    for found in re.finditer(b"|".join(ends), data) if ends else ():
        if not _is_sound(data[at : found.end()], is_sse=ends is _EVENT_ENDS):
            return at
        at = found.end()
    return 0


def _unbroken(data: bytes, *, is_over: bool) -> bytes:
    """The events but for those that a decoder passes over because they are broken.

    What has not ended is one of them only if the answer is over.
    """
    kept = bytearray()
    at = 0
    for found in re.finditer(b"|".join(_EVENT_ENDS), data):
        event = data[at : found.end()]
        at = found.end()
        if not _says_nothing(event) or _is_sound(event, is_sse=True):
            kept += event
    rest = data[at:]
    return bytes(kept) + (b"" if is_over and not _is_sound(rest, is_sse=True) else rest)


def _says_nothing(event: bytes) -> bool:
    names = (line[6:].strip() for line in event.splitlines() if line.startswith(b"event:"))
    return any(name.decode("utf-8", "replace") in SAYS_NOTHING for name in names)


def _is_sound(event: bytes, *, is_sse: bool) -> bool:
    lines = event.splitlines()
    if is_sse:
        if not all(_FIELD.match(line) for line in lines):
            return False
        lines = [line[5:].strip() for line in lines if line.startswith(b"data:")]
    payload = b"\n".join(lines).strip()
    if payload in (b"", b"[DONE]"):
        return True
    try:
        said = msgspec.json.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    if not isinstance(said, dict) or said.get("type") in ("error", "response.failed"):
        return False
    return not said.get("error")


class _Watching:
    """A decoder that keeps the bytes until they are taken."""

    def __init__(self, decoder: Decoder, ends: tuple[bytes, ...]) -> None:
        self._decoder = decoder
        self._ends = ends
        self._bytes = bytearray()
        self._over = False
        self._begun = False
        self._mended = 0

    @property
    def skipped(self) -> int:
        """How many broken events were passed over."""
        return getattr(self._decoder, "skipped", 0)

    def feed(self, chunk: bytes) -> list[Event]:
        """The events of these bytes."""
        self._bytes += chunk
        events = self._noted(self._decoder.feed(chunk))
        self._mend()
        if events and not self._over:
            try:
                self._decoder.feed(b"")
            except ChatError:
                # It is raised at the next step. Until then only what stood before it is passed on.
                del self._bytes[_sound_bytes(bytes(self._bytes), self._ends) :]
        return events

    def close(self) -> list[Event]:
        """The events of the end."""
        events = self._noted(self._decoder.close())
        self._mend()
        return events

    def _mend(self) -> None:
        """Take out what the decoder passed over."""
        if self.skipped > self._mended:
            self._mended = self.skipped
            self._bytes[:] = _unbroken(bytes(self._bytes), is_over=self._over)

    def take(self) -> bytes:
        """All of it when the answer is whole; before that what ends with an event."""
        end = len(self._bytes) if self._over else self._whole()
        taken = bytes(self._bytes[:end])
        del self._bytes[:end]
        if taken and not self._begun:
            # A mark of the encoding, which is no part of the first event.
            self._begun = True
            taken = taken.removeprefix(_BOM)
        return taken

    def _whole(self) -> int:
        found = [at + len(end) for end in self._ends if (at := self._bytes.rfind(end)) >= 0]
        return max(found, default=0)

    def _noted(self, events: list[Event]) -> list[Event]:
        if events and isinstance(events[-1], Finished):
            self._over = True
        return events
