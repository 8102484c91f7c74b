"""A certificate authority for one run, so that a client can verify an emulator's TLS."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

__all__ = ["Authority", "one_run_authority"]


class Authority(NamedTuple):
    """The server's side of TLS, and the file that a client must trust; both None: no TLS."""

    context: ssl.SSLContext | None
    ca_file: str | None


@contextmanager
def one_run_authority(host: str, *, wanted: bool) -> Iterator[Authority]:
    """Make a CA and a certificate for `host`; the CA's file goes when the block is left.

    It writes files, so it must not run on a loop.

    Raises:
        ImportError: the extra `tls` is not installed.
    """
    if not wanted:
        yield Authority(None, None)
        return
    with TemporaryDirectory(prefix="dragoman-emulator-") as folder:
        yield _issue(host, Path(folder))


def _issue(host: str, folder: Path) -> Authority:
    try:
        import trustme
    except ImportError as exc:
        raise ImportError("TLS needs the extra: pip install 'dragoman[tls]'") from exc
    authority = trustme.CA()
    ca_file = folder / "ca.pem"
    authority.cert_pem.write_to_path(ca_file)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*{host, "127.0.0.1", "localhost"}).configure_cert(context)
    return Authority(context, str(ca_file))
