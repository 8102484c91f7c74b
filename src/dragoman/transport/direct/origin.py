"""Where a request goes, and the head that it goes with: pure, checked once, used many times.

Source: RFC 9110 sections 5 (fields), 7.2 (Host), 8.6 (Content-Length), RFC 9112 section 3 (request
line), read 2026-11-21.
"""

import re
from collections.abc import Mapping
from ssl import SSLContext

import msgspec

from dragoman.errors import InputError
from dragoman.transport.addresses import http_address
from dragoman.transport.base import Verify
from dragoman.transport.request_head import USER_AGENT
from dragoman.transport.tls import ssl_context

__all__ = ["Origin", "framed", "repeatable", "request_head"]

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_TARGET = re.compile(r"[!-~]+")
_VALUE = re.compile(r"[\t -~\x80-\xff]*")
# The pool frames a request by its body; a connection is the pool's own affair; and nothing here
# undoes a compression.
_OURS = frozenset(
    {"accept-encoding", "connection", "content-length", "expect", "keep-alive", "te", "trailer"}
    | {"transfer-encoding", "upgrade"}
)
# Without a body these have no length either.
_BODILESS = (b"GET ", b"DELETE ", b"OPTIONS ", b"TRACE ")
_REPEATABLE = (b"GET ", b"PUT ", b"DELETE ", b"OPTIONS ", b"TRACE ")


class Origin(msgspec.Struct, frozen=True, cache_hash=True):
    """A server: its name as certificates and `Host` say it, and with TLS the rules for that.

    Equal origins share connections; two TLS contexts are never equal.
    """

    host: str
    port: int
    tls: SSLContext | None = None

    @classmethod
    def of(cls, url: str, verify: Verify = True) -> "Origin":
        """The origin of an http or https address; `InputError` if it is none."""
        address = http_address(url)
        host = address.raw_host
        assert host  # noqa: S101 - http_address takes no address without one
        secure = address.scheme == "https"
        port = address.port or (443 if secure else 80)
        return cls(host, port, ssl_context(verify) if secure else None)

    @property
    def authority(self) -> str:
        """What `Host` says: without the scheme's own port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.tls else 80) else f"{host}:{self.port}"


def request_head(
    method: str, target: str, origin: Origin, headers: Mapping[str, str] | None = None
) -> bytes:
    """A request's head but for its length, to be made once and asked with many bodies.

    `target` is path and query, as they go over the wire. `host` and `user-agent` may be given.
    `InputError` for what cannot be sent, for HEAD and CONNECT, whose replies are framed otherwise,
    and for a header that the pool decides.
    """
    if not _TOKEN.fullmatch(method) or method in {"HEAD", "CONNECT"}:
        raise InputError(f"the direct transport cannot send the method {method!r}")
    if not _TARGET.fullmatch(target):
        raise InputError("a request's path holds characters that cannot be sent")
    fields = {"host": origin.authority, "user-agent": USER_AGENT, "accept": "*/*"}
    for name, value in (headers or {}).items():
        fields[_checked(name, value)] = value
    fields["accept-encoding"] = "identity"
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {fields[name]}" for name in fields), ""]
    return "\r\n".join(lines).encode("latin-1")


def framed(head: bytes, body: bytes) -> bytes:
    """A whole request; `head` is what `request_head` gave."""
    if not body and head.startswith(_BODILESS):
        return head + b"\r\n"
    return b"%bcontent-length: %d\r\n\r\n%b" % (head, len(body), body)


def repeatable(head: bytes) -> bool:
    """Whether the request may be sent twice where nobody knows if it was heard."""
    return head.startswith(_REPEATABLE)


def _checked(name: str, value: str) -> str:
    lower = name.lower()
    if not _TOKEN.fullmatch(name):
        raise InputError(f"not the name of a header: {name!r}")
    if lower in _OURS:
        raise InputError(f"the transport itself decides the header {lower}")
    if not _VALUE.fullmatch(value):
        # Without the value: it may be a key.
        raise InputError(f"the header {lower} holds characters that cannot be sent")
    return lower
