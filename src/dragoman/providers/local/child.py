"""The child process: llama.cpp's own HTTP server around one model file.

    python -m dragoman.providers.local.child

Reads one line of JSON (`ChildOrder`) from standard input and writes one (`ChildReport`) to
standard output; then it serves until its standard input ends, which happens when its parent dies
in whatever way. The key comes by standard input because arguments and environment of a process
can be read by others.
Settings that are no matter of taste (xllamacpp 2026.10.11549, measured 2026-11-21 on two cores):
`n_batch` 128 lets a request that was given up free its slot in 1 s, the default in 16 s;
`cache_ram_mib` would be 8192; a chat template is given by its text, since a name would be taken
literally and swallow the prompt.
"""

import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from dragoman.providers.local.gguf import read_head
from dragoman.providers.local.tool_template import with_tools

__all__ = ["ChildOrder", "ChildReport", "main"]

SLOTS = 4
SLOT_TOKENS = 2048
BATCH_TOKENS = 128
CACHE_MIB = 256
PARENT_POLL_S = 1.0
SPIN_COUNT = "300"


class ChildOrder(msgspec.Struct, frozen=True):
    """What the parent asks for: the model file, the name that answers bear, the key."""

    path: str
    alias: str
    key: str

    def __repr__(self) -> str:
        return f"ChildOrder({self.path!r}, {self.alias!r})"


class ChildReport(msgspec.Struct, frozen=True):
    """What the child says: the address it listens at, or why it cannot."""

    url: str = ""
    error: str = ""
    missing: bool = False
    """Whether the error is that xllamacpp cannot be imported."""


def main() -> None:
    """Serve until the parent is gone."""
    # Ctrl-C in a terminal reaches the whole group; it is the parent who decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = os.getppid()
    order = msgspec.json.decode(sys.stdin.buffer.readline(), type=ChildOrder)
    # The native code prints where it likes: only our report goes to the real standard output.
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    try:
        # Kept until the end: collecting a server with a stream open hung in 4 of 7 runs.
        server = _serve(order)
    except Exception as exc:
        _report(out, ChildReport(error=str(exc), missing=isinstance(exc, ImportError)))
        os._exit(1)
    _report(out, ChildReport(url=server.listening_address))
    # A fork of the parent may hold the other end of our standard input open after its death.
    while os.getppid() == parent:
        time.sleep(PARENT_POLL_S)
    os._exit(0)


def _serve(order: ChildOrder) -> Any:
    # Read by libgomp when it is loaded. Its threads wait for each other by spinning; left alone,
    # they take each other's processor on a busy machine: 140 tokens/s become 3 (two cores, one of
    # them busy). With a short spin it is 40, and an idle machine loses nothing.
    os.environ.setdefault("GOMP_SPINCOUNT", SPIN_COUNT)
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = order.path
    params.model_alias = {order.alias}
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [order.key]
    # A page in a browser may knock here: it gets no reply that it can read.
    params.cors_origins = "https://dragoman.invalid"
    params.ui = False
    params.endpoint_slots = False
    params.n_parallel = SLOTS
    params.n_ctx = SLOTS * SLOT_TOKENS
    params.n_batch = BATCH_TOKENS
    params.cache_ram_mib = CACHE_MIB
    # Silence is to be silence: the reader's own limit decides how long it may last.
    params.sse_ping_interval = -1
    template = with_tools(read_head(Path(order.path)).template)
    if template is not None:
        params.chat_template = template
    return xllamacpp.Server(params)


def _report(out: BinaryIO, report: ChildReport) -> None:
    out.write(msgspec.json.encode(report) + b"\n")
    out.close()


def _leave_with_parent() -> None:
    while os.read(0, 4096):
        pass
    # Not `sys.exit`: destructors of native code have hung.
    os._exit(0)


if __name__ == "__main__":
    main()
