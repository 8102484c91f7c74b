"""What a caller's `verify` means: by which authorities a server's certificate is checked."""

import functools
import ssl
import warnings

from dragoman.errors import InputError
from dragoman.transport.base import Verify

__all__ = ["InsecureWarnings", "ca_file", "ssl_context"]


def ssl_context(verify: Verify) -> ssl.SSLContext:
    """The TLS settings that `verify` means; `InputError` if its file is no use."""
    match verify:
        case True:
            return _default_context()
        case False:
            context = ssl.create_default_context()
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            return context
        case ssl.SSLContext():
            return verify
        case str():
            return _context_of(ca_file(verify))
        case _:
            raise InputError("verify: expected True, False, a path to a CA file or an SSLContext")


def ca_file(path: str) -> str:
    """A file of authorities that can be read; `InputError` otherwise."""
    try:
        with open(path, "rb"):
            return path
    except OSError as exc:
        raise InputError(f"verify = {path!r}: cannot read this CA file") from exc


class InsecureWarnings:
    """Says once per host that its certificate is not checked."""

    def __init__(self) -> None:
        self._said: set[str] = set()

    def say(self, host: str) -> None:
        """Warn, the first time that this host is asked."""
        if host not in self._said:
            self._said.add(host)
            warnings.warn(f"the certificate of {host} is not verified: verify=False", stacklevel=2)


@functools.cache
def _default_context() -> ssl.SSLContext:
    # Reading the system's authorities takes 20 ms: once.
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


def _context_of(path: str) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=path)
    except ssl.SSLError as exc:
        raise InputError(f"verify = {path!r}: no certificates in this file") from exc
    context.set_alpn_protocols(["http/1.1"])
    return context
