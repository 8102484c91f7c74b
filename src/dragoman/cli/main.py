"""The entry point: ready for Ctrl-C before anything that takes time is imported.

Importing the rest takes longer than pressing two keys, and an interruption is no traceback.
"""

import importlib
from collections.abc import Sequence

__all__ = ["INTERRUPTED", "main"]

INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit code."""
    try:
        program = importlib.import_module("dragoman.cli.program")
        code: int = program.run(arguments)
    except KeyboardInterrupt:
        return INTERRUPTED
    return code
