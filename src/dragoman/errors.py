"""Every error that leaves Dragoman, in one tree.

    ChatError
    ├── InputError (ValueError)              bad messages, options, configuration; nothing was sent
    ├── ModelNotSupportedError (ValueError)  the provider does not list that model
    ├── MissingRequirementsError (ImportError)  an optional package is not installed
    ├── TransportError (OSError)             R  DNS, connect, TLS, proxy, reset
    │   └── TimeoutError (built-in too)      R  connect, first-token, silence or total limit
    ├── HandshakeError (RuntimeError)        page without nonce, no account, wrong software
    ├── AuthError (RuntimeError)             401, a dead session, no cookies
    ├── ResponseError (RuntimeError)         R  a reply that is an error or makes no sense
    │   ├── ContentFilterError               the text was refused; that is the answer
    │   └── StreamTruncatedError             R  a stream without its end; `text` so far
    └── ResponseStatusError                  R at 5xx  another status; `status`, `retry_after`
        ├── RateLimitError                   R  429 or a used-up quota
        ├── PaymentRequiredError             402
        └── ChallengeError                   a challenge page; reported, never solved

R: retryable, by the same provider or by another.
The second bases keep every `except RuntimeError` that the documents of the four classes promise.
A message names provider, host and step; it holds at most 200 characters of a reply and no secret.
"""

import builtins
import re
import reprlib

__all__ = [
    "AuthError",
    "ChallengeError",
    "ChatError",
    "ContentFilterError",
    "HandshakeError",
    "InputError",
    "MissingRequirementsError",
    "ModelNotSupportedError",
    "PaymentRequiredError",
    "RateLimitError",
    "ResponseError",
    "ResponseStatusError",
    "StreamTruncatedError",
    "TimeoutError",
    "TransportError",
    "excerpt",
    "quoted",
]

EXCERPT_CHARS = 200
_EXCERPT_START = 4096
# JSON Web Tokens, keys as the APIs write them, and whatever follows "Bearer".
_TOKEN = re.compile(
    r"\beyJ[\w-]{8,}(?:\.[\w-]+)*|\b[fps]k-[\w-]{16,}|(?<=\bbearer )[^\s\"',;}]{8,}", re.IGNORECASE
)


class ChatError(Exception):
    """Root of all errors of this package.

    `provider`, `host` and `step` (a step of a handshake, or `chat`) are filled in by whoever
    knows them and stand before the message; `text` is what was handed out before the error;
    `hint` is what the reader can do now, shown by the command line and the page.
    """

    retryable: bool = False

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
        self.provider: str | None = None
        self.host: str | None = None
        self.step: str | None = None
        self.hint: str | None = None
        self.text = ""

    def __str__(self) -> str:
        where = " ".join(part for part in (self.provider, self.host and f"at {self.host}") if part)
        return ": ".join(part for part in (where, self.step, self.message) if part)

    def located(self, *, provider: str | None, host: str | None, step: str) -> "ChatError":
        """This error with its place filled in where it was still unknown."""
        self.provider = self.provider or provider
        self.host = self.host or host
        self.step = self.step or step
        return self


class InputError(ChatError, ValueError):
    """The caller's messages, options or configuration are wrong; no request was made.

    `place` is where in a request's JSON, as `messages[1].content[0].image_url`, if it is known.
    """

    def __init__(self, message: str, *, place: str | None = None) -> None:
        super().__init__(message)
        self.place = place


class ModelNotSupportedError(ChatError, ValueError):
    """The provider does not list this model; the message names those it does."""


class MissingRequirementsError(ChatError, ImportError):
    """An optional package is missing; the message says which extra installs it."""


class TransportError(ChatError, OSError):
    """Name resolution, connecting, TLS, the proxy or the connection failed."""

    retryable = True


class TimeoutError(TransportError, builtins.TimeoutError):
    """A limit on connecting, the first token, silence or the whole answer passed."""


class HandshakeError(ChatError, RuntimeError):
    """What must precede the chat request did not give what it should."""


class AuthError(ChatError, RuntimeError):
    """The service does not accept who we are.

    `code` is its own word for it, and `retry_after` its wait in seconds, if it sent them.
    """

    def __init__(
        self, message: str, *, retry_after: float | None = None, code: str | None = None
    ) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.code = code


class ResponseError(ChatError, RuntimeError):
    """The reply is an error, or makes no sense.

    `final_text` is the whole answer where a service rewrote what it had already said: a stream
    cannot take words back and raises, a reader of whole answers gets this text.
    """

    retryable = True
    final_text: str | None = None


class ContentFilterError(ResponseError):
    """The service refused the text. That is its answer: it is not routed around."""

    retryable = False


class StreamTruncatedError(ResponseError):
    """The stream ended without its end sign; `text` is what came before."""


class ResponseStatusError(ChatError):
    """The service answered with an error status.

    `code` is the service's own word for it, if it sent one, and `place` where in its request it
    saw the fault; `retry_after` is in seconds.
    """

    usual_status = 0
    """The status where the service told of the error without one."""
    place: str | None = None

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        retry_after: float | None = None,
        code: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = self.usual_status if status is None else status
        self.retry_after = retry_after
        self.code = code
        if type(self) is ResponseStatusError:
            self.retryable = self.status >= 500 or self.status in {408, 425}


class RateLimitError(ResponseStatusError):
    """Too many requests, or a quota is used up."""

    usual_status = 429
    retryable = True


class PaymentRequiredError(ResponseStatusError):
    """The service wants to be paid first."""

    usual_status = 402


class ChallengeError(ResponseStatusError):
    """A challenge page stood where the answer should be. It is reported, never worked around."""


def excerpt(body: str | bytes) -> str:
    """At most 200 characters of a reply on one line, for an error message.

    What cannot be printed is replaced: a reply must not write to the reader's terminal. What has
    the shape of a token is masked.
    """
    # A body may be megabytes long and its beginning blank: only as much of it is looked at.
    start = body.lstrip()[:_EXCERPT_START]
    text = start.decode("utf-8", "replace") if isinstance(start, bytes) else start
    text = _TOKEN.sub("***", " ".join(text.split()))
    text = text if len(text) <= EXCERPT_CHARS else text[: EXCERPT_CHARS - 1] + "…"
    return text if text.isprintable() else "".join(c if c.isprintable() else "�" for c in text)


class _Short(reprlib.Repr):
    """The beginning of a value, however large or deep it is."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel = 4
        self.maxstring = self.maxother = EXCERPT_CHARS

    def repr_int(self, x: int, level: int) -> str:
        # Python writes out no number of more than 4300 digits.
        return repr(x) if x.bit_length() <= _MAX_BITS else "a number of very many digits"

    def repr_bytes(self, x: bytes, level: int) -> str:
        return repr(x[:EXCERPT_CHARS])


_MAX_BITS = 4096


def quoted(value: object) -> str:
    """A value that a caller gave, for an error message: as `excerpt`, and null for None."""
    return "null" if value is None else excerpt(_Short().repr(value))
