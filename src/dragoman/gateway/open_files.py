"""How many files and sockets this process may have open: as many as the system lets it.

Each stream that is relayed takes two. Many systems begin a process at 1,024, for programs of the
last century that cannot count further, and let it ask for more.
Source: getrlimit(2); Lennart Poettering, "File Descriptor Limits", read 2026-11-21.
"""

import contextlib
import sys

if sys.platform != "win32":
    import resource

__all__ = ["allow_many_files"]

# Where the system sets no bound at all, some still refuse a number without end.
_ENOUGH = 1_048_576


def allow_many_files() -> None:
    """Ask for the most that is allowed, for this process and those that it starts.

    Windows has no such limit.
    """
    if sys.platform == "win32":
        return
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _ENOUGH if most == resource.RLIM_INFINITY else most
    if now == resource.RLIM_INFINITY or now >= wanted:
        return
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
