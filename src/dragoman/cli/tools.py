"""The user's functions as tools: `--tool MODULE:FUNCTION`, each call and its result told aside."""

import asyncio
import functools
import inspect
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from typing import Any

import msgspec

from dragoman.cli.named import load_named
from dragoman.cli.terminal import note, one_line, prints_aside
from dragoman.functions import Functions
from dragoman.messages import ToolCall, ToolResult

__all__ = ["Called", "ToldFunctions", "load_tools"]

_MAX_TOLD_CHARS = 200


class Called(msgspec.Struct, frozen=True):
    """One call that was answered; `arguments` is JSON text."""

    name: str
    arguments: str
    result: str
    is_error: bool


class ToldFunctions(Functions):
    """Functions that tell on standard error how they are called and what they gave."""

    def __init__(self, functions: Iterable[Callable[..., Any]]) -> None:
        super().__init__(_leavable(function) for function in functions)
        self.called: list[Called] = []

    async def answer(self, calls: Iterable[ToolCall]) -> tuple[ToolResult, ...]:
        """The results of these calls; see the base class."""
        asked = tuple(calls)
        for call in asked:
            note(_cut(f"tool {call.name}({one_line(call.arguments)})"))
        with prints_aside():
            results = await super().answer(asked)
        for call, result in zip(asked, results, strict=True):
            how = " failed" if result.is_error else ""
            note(_cut(f"tool {call.name}{how}: {one_line(result.text)}"))
            self.called.append(Called(call.name, call.arguments, result.text, result.is_error))
        return results


def load_tools(given: Sequence[str]) -> ToldFunctions | None:
    """The functions that the options name; None if there are none."""
    if not given:
        return None
    return ToldFunctions([load_named("--tool", name) for name in given])


def _leavable(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function in a thread that Ctrl-C does not wait for, as it would for one of a pool."""
    if not inspect.isroutine(function) or inspect.iscoroutinefunction(function):
        return function

    @functools.wraps(function)
    async def call(**arguments: Any) -> Any:
        future: Future[Any] = Future()
        threading.Thread(target=_run, args=(future, function, arguments), daemon=True).start()
        return await asyncio.wrap_future(future)

    return call


def _run(future: Future[Any], function: Callable[..., Any], arguments: dict[str, Any]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(function(**arguments))
    except (SystemExit, KeyboardInterrupt, StopIteration) as exc:
        # A coroutine that raised one of these would end more than the call.
        future.set_exception(RuntimeError(f"{type(exc).__name__}: {exc}"))
    except BaseException as exc:
        future.set_exception(exc)


def _cut(line: str) -> str:
    return line if len(line) <= _MAX_TOLD_CHARS else f"{line[: _MAX_TOLD_CHARS - 4]} ..."
