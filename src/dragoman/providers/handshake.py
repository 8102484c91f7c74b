"""Drives a handshake over a transport, and remembers how each step went."""

import time
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec

from dragoman.errors import ChatError
from dragoman.providers.call import Call, Steps
from dragoman.providers.redaction import redact, secrets_of
from dragoman.transport.base import Transport, read_all
from dragoman.wire.http import HttpRequest

__all__ = ["StepOutcome", "dressed", "shake_hands"]

T = TypeVar("T")


class StepOutcome(msgspec.Struct, frozen=True):
    """How one step went: its time in seconds, its status if it was answered, and its error."""

    name: str
    seconds: float
    status: int | None = None
    error: str | None = None


async def shake_hands(
    steps: Steps[T],
    call: Call,
    transport: Transport,
    outcomes: list[StepOutcome] | None = None,
) -> T:
    """Drive steps to what they give; each step's outcome is added to `outcomes`.

    A `ChatError` names the step that failed.
    """
    step, status = None, None
    started = time.perf_counter()
    outcomes = [] if outcomes is None else outcomes
    try:
        step = next(steps)
        while True:
            started, status = time.perf_counter(), None
            async with transport.send(dressed(step.request, call), call.limits) as reply:
                whole = await read_all(reply, step.max_bytes)
            status = whole.head.status
            outcomes.append(StepOutcome(step.name, time.perf_counter() - started, status))
            step = steps.send(whole)
    except StopIteration as end:
        result: T = end.value
        return result
    except ChatError as error:
        name, url = (step.name, step.request.url) if step else ("handshake", call.base_url)
        if status is not None:
            # It was answered, and the answer made no sense: that is still one step.
            outcomes.pop()
        redact(error, secrets_of(call.account, step.request if step else None))
        seconds = time.perf_counter() - started
        outcomes.append(StepOutcome(name, seconds, status, error.message))
        error.located(provider=None, host=urlsplit(url).hostname, step=name)
        raise
    finally:
        steps.close()


def dressed(request: HttpRequest, call: Call) -> HttpRequest:
    """The request with the call's own User-Agent, if it has one."""
    if call.user_agent is None:
        return request
    headers = {"User-Agent": call.user_agent, **request.headers}
    return msgspec.structs.replace(request, headers=headers)
