"""One line for whatever went wrong: what, where, and what to do now; and an exit code.

With `--debug` the way to it follows. Messages of this package hold no secret; those of other
libraries may, so they are left out of a chain that one of ours begins.
"""

import platform
import re
import sys
import traceback

from typer.exceptions import Abort, TyperException

from dragoman import __version__, errors
from dragoman.cli.terminal import note, one_line
from dragoman.errors import ChatError, ResponseError, ResponseStatusError

__all__ = ["PROVIDER_ERROR", "WRONG_USAGE", "complain", "said"]

PROVIDER_ERROR = 1
WRONG_USAGE = 2
_INTERRUPTED = 130

_OURS_TO_MEND = (
    errors.InputError,
    errors.ModelNotSupportedError,
    errors.MissingRequirementsError,
    TypeError,
    TyperException,
)

# The first that fits an error without a hint of its own.
_HINTS: tuple[tuple[type[ChatError], str], ...] = (
    (errors.ModelNotSupportedError, "`dragoman models` lists those there are"),
    (errors.RateLimitError, "Wait, or ask another model with -m"),
    (errors.PaymentRequiredError, "Pay there, or ask another model with -m"),
    (errors.ChallengeError, "Visit the site in a browser, then: dragoman login PROVIDER"),
    (errors.AuthError, "Give cookies (dragoman login PROVIDER --cookies FILE) or an api_key"),
    (errors.TimeoutError, "Allow more with --timeout SECONDS, or look: dragoman probe PROVIDER"),
    (errors.TransportError, "Check the address and --proxy; dragoman probe PROVIDER says more"),
    (errors.StreamTruncatedError, "The answer is not whole: ask again"),
    (errors.HandshakeError, "dragoman probe PROVIDER says which step failed"),
    (errors.ContentFilterError, "Ask in other words"),
    (errors.InputError, ""),
    (ChatError, "Ask again, or look: dragoman probe PROVIDER"),
)
_USER_IN_URL = re.compile(r"(?<=://)[^/\s@]+@")


def complain(error: Exception, *, debug: bool = False) -> int:
    """Say on standard error what went wrong; the exit code for it."""
    if isinstance(error, Abort):
        return _INTERRUPTED
    if debug:
        sys.stderr.write(_in_full(error))
    note(f"error: {said(error)}")
    return WRONG_USAGE if _is_usage(error) else PROVIDER_ERROR


def said(error: Exception) -> str:
    """What went wrong and what to do, on one line."""
    match error:
        case ChatError():
            what, hint = str(error), error.hint or _hint(error)
        case TyperException():
            what, hint = error.format_message(), f"See: {_command(error)} --help"
        case TypeError() if _is_usage(error):
            what, hint = str(error), ""
        case OSError():
            what = f"{error.filename or 'standard output'}: {error.strerror or error}"
            hint = ""
        case _:
            what = f"a fault in dragoman: {type(error).__name__}: {_scrubbed(str(error))}"
            hint = "Please report it with what --debug prints"
    provider = error.provider if isinstance(error, ChatError) else None
    hint = hint.replace("PROVIDER", provider or "PROVIDER")
    what, hint = one_line(what), one_line(hint)
    if not hint:
        return what
    return f"{what if what.endswith('?') else what.rstrip('.') + '.'} {hint.rstrip('.')}."


def _command(error: TyperException) -> str:
    """The command that was used wrongly."""
    context = getattr(error, "ctx", None)
    return context.command_path if context else "dragoman"


def _is_usage(error: Exception) -> bool:
    if type(error) is TypeError:
        # One of ours, about a keyword, begins a call; any other is a fault of the program.
        return str(error).startswith("unknown option")
    return isinstance(error, _OURS_TO_MEND)


def _hint(error: ChatError) -> str:
    if isinstance(error, ResponseError) and error.final_text is not None:
        return "The service rewrote its answer: --no-stream waits for the last version"
    if isinstance(error, ResponseStatusError) and error.retry_after:
        return f"Ask again in {error.retry_after:.0f} s"
    return next(hint for kind, hint in _HINTS if isinstance(error, kind))


def _in_full(error: BaseException) -> str:
    """The traceback, and what is known beside it."""
    lines = [f"dragoman {__version__}, Python {platform.python_version()}, {sys.platform}\n"]
    ours = isinstance(error, ChatError)
    chain: list[BaseException] = []
    at: BaseException | None = error
    while at is not None and at not in chain:
        chain.append(at)
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)
    for link in reversed(chain):
        lines += traceback.format_tb(link.__traceback__)
        lines.append(f"{type(link).__module__}.{type(link).__qualname__}{_words(link, ours)}\n")
        if isinstance(link, ChatError):
            # What a child process said last, for one.
            notes = "\n".join(getattr(link, "__notes__", ())).splitlines()
            lines += [f"  {one_line(line)}\n" for line in notes]
        lines.append("\n")
    if isinstance(error, ChatError):
        lines.append(
            f"provider={error.provider} host={error.host} step={error.step} "
            f"retryable={error.retryable} text_so_far={len(error.text)} characters\n"
        )
    return "".join(lines)


def _words(error: BaseException, ours: bool) -> str:
    match error:
        case ChatError():
            return f": {one_line(str(error))}"
        case OSError(strerror=str(reason)):
            return f": [Errno {error.errno}] {reason}"
        case _ if ours:
            return ""
        case _:
            return f": {one_line(_scrubbed(str(error)))}"


def _scrubbed(text: str) -> str:
    return _USER_IN_URL.sub("***@", text)
