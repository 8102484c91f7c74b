"""A request that is passed on as it stands: what of it matters here, and the one name replaced.

One typed decode reads the few fields that decide; the rest is looked over for its syntax alone and
stays the caller's bytes. A field is replaced in place only where there can be no doubt which bytes
are its value: each candidate is tried, by what a decoder says when that value is another.
"""

import re
from functools import lru_cache

import msgspec

from dragoman.errors import InputError

__all__ = ["Ask", "ask_usage", "read_ask", "replace_model"]

_FOREIGN = (msgspec.DecodeError, UnicodeError, RecursionError)
_NOTHING = msgspec.Raw()
_NONE = (b"", b"null")
# A name may be written with escapes, each letter of it.
_ESCAPED = rb"\u00"


class _Options(msgspec.Struct):
    include_usage: bool | None = None


class Ask(msgspec.Struct, gc=False):
    """The fields that decide; what is raw has not been looked into."""

    model: str | None = None
    stream: bool | None = None
    stream_options: msgspec.Raw = _NOTHING
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    max_output_tokens: int | None = None
    n: int | None = None
    logprobs: msgspec.Raw = _NOTHING
    tools: msgspec.Raw = _NOTHING
    response_format: msgspec.Raw = _NOTHING
    format: msgspec.Raw = _NOTHING

    @property
    def asks_usage(self) -> bool:
        """Whether a stream is asked to tell its usage at the end; so far as that is understood."""
        try:
            return _OPTIONS.decode(self.stream_options or b"{}").include_usage is True
        except _FOREIGN:
            return False

    @property
    def limit_tokens(self) -> int | None:
        """How long the answer may be, if that is said."""
        return self.max_completion_tokens or self.max_tokens or self.max_output_tokens

    @property
    def has_tools(self) -> bool:
        """Whether tools are offered."""
        return bytes(self.tools) not in {*_NONE, b"[]"}

    @property
    def has_schema(self) -> bool:
        """Whether the answer is to have a form."""
        return bytes(self.response_format) not in _NONE or bytes(self.format) not in _NONE

    @property
    def has_logprobs(self) -> bool:
        """Whether the likelihoods of tokens are asked for."""
        return bytes(self.logprobs) not in {*_NONE, b"false"}


class _Model(msgspec.Struct, gc=False):
    model: str | None = None


_ASK = msgspec.json.Decoder(Ask)
_OPTIONS = msgspec.json.Decoder(_Options)
_MODEL = msgspec.json.Decoder(_Model)
_FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw] | None)
_KEY = rb"".join(b"(?:%c|\\\\u00(?:%02x|%02X))" % (letter, letter, letter) for letter in b"model")
_VALUE = rb'"[ \t\r\n]*:[ \t\r\n]*("[^"\\]*(?:\\.[^"\\]*)*")'
_PLAIN = re.compile(rb'"model' + _VALUE)
_ANY = re.compile(rb'"' + _KEY + _VALUE)
_COLON = re.compile(rb"[ \t\r\n]*:[ \t\r\n]*")
_MAX_CANDIDATES = 16


def read_ask(body: bytes) -> Ask:
    """The fields that decide; `InputError` if it is no JSON object, or one of them is not right."""
    try:
        return _ASK.decode(body)
    except _FOREIGN as exc:
        raise InputError(f"the request's body is not as it should be: {exc}") from exc


def replace_model(body: bytes, ask: Ask, model: str) -> bytes | None:
    """The body with another model's name and not another byte changed.

    `ask` is what `read_ask` made of the body. None if it names no model, or in too strange a way.
    """
    if ask.model is None:
        return None
    name = _quoted(model)
    at = body.find(b'"model"')
    # Each letter of the name, if it is an escape, begins with these.
    if at >= 0 and body.rfind(b'"model"') == at and not (b"\\" in body and rb"\u006" in body):
        found = _PLAIN.match(body, at)
        if found is None:
            return None
        start, end = found.span(1)
        return body[:start] + name + body[end:]
    return _replace_each(body, name, model)


@lru_cache(1024)
def _quoted(model: str) -> bytes:
    return msgspec.json.encode(model)


def _replace_each(body: bytes, name: bytes, model: str) -> bytes | None:
    """The same if there are several fields of the name: inside of others, or more than once."""
    spans = [found.span(1) for found in _ANY.finditer(body)]
    if len(spans) > _MAX_CANDIDATES:
        return None
    for start, end in reversed(spans):
        if _is_model(body, start, end):
            body = body[:start] + name + body[end:]
    return body if _MODEL.decode(body).model == model else None


def _is_model(body: bytes, start: int, end: int) -> bool:
    """Whether these bytes are the value of the request's own field: if not, it may be a number."""
    try:
        _MODEL.decode(body[:start] + b"0" + body[end:])
    except msgspec.ValidationError:
        return True
    return False


def ask_usage(body: bytes, ask: Ask) -> bytes | None:
    """The body of a streamed request in OpenAI's form, asking for the usage at the stream's end.

    None if it asks already, or if that cannot be put into it without doubt.
    """
    given = bytes(ask.stream_options)
    if not given:
        at = body.index(b"{") + 1
        comma = b"" if body[at:].lstrip().startswith(b"}") else b","
        return b'%b"stream_options":{"include_usage":true}%b%b' % (body[:at], comma, body[at:])
    try:
        options = _FIELDS.decode(given) or {}
    except _FOREIGN:
        return None
    if bytes(options.get("include_usage", b"")) == b"true":
        return None
    at = body.find(b'"stream_options"')
    if at < 0 or body.find(b'"stream_options"', at + 1) >= 0 or _ESCAPED in body:
        return None
    colon = _COLON.match(body, at + len(b'"stream_options"'))
    if colon is None or not body.startswith(given, colon.end()):
        return None
    asked = msgspec.json.encode({**options, "include_usage": True})
    return body[: colon.end()] + asked + body[colon.end() + len(given) :]
