"""A request beside the chats, from its key to its answer: lists of models, embeddings, counts.

What is done for it is a function of the request that gives the answer's JSON; here is what all
have in common: key, body, limits, the caller's going, errors in the face's words, the record.
"""

import time
from collections.abc import Awaitable, Callable, Mapping

import msgspec

from dragoman.dialects.table import load_dialect
from dragoman.errors import ChatError
from dragoman.gateway.headers import made_headers, request_id_of
from dragoman.gateway.record import Record
from dragoman.gateway.state import Gateway, Held
from dragoman.gateway.visit import GoneError, TooLargeError, Visit
from dragoman.gateway_settings import GatewayKey
from dragoman.limits import Admission, UsedUpError
from dragoman.provider_entry import ProviderEntry
from dragoman.providers.call import Call

__all__ = ["Errand", "Kind", "Work", "run_errand"]


class Kind(msgspec.Struct, frozen=True):
    """A kind of request: the name that logs have for it, and whose errors are spoken."""

    name: str
    dialect: str
    limited: bool = True
    """Whether it counts against the key's limits: whatever asks a provider to compute."""


class Errand:
    """One request: what came, who sent it, and the configuration that it is answered with."""

    def __init__(self, held: Held, visit: Visit, record: Record, key: GatewayKey | None) -> None:
        self.held = held
        self.visit = visit
        self.record = record
        self.key = key
        self.body = b""

    def may(self, model: str) -> bool:
        """Whether the caller's key may use a model, `provider/model-id`, or a route."""
        return self.key is None or self.key.allows(model)

    def ask(self, entry: ProviderEntry, call: Call) -> None:
        """Note that a provider is asked now; `ResponseStatusError` 403 if the key may not."""
        record = self.record
        record.provider, record.model = entry.name, call.chat.model
        self.held.keys.may(self.key, f"{entry.name}/{call.chat.model}")
        record.attempts, record.asked_at = 1, time.perf_counter()


Work = Callable[[Errand], Awaitable[bytes]]
"""Gives the JSON of an answer with the status 200, or raises a `ChatError`."""


async def run_errand(gateway: Gateway, visit: Visit, kind: Kind, work: Work) -> None:
    """Answer one request beside the chats."""
    record = Record(request_id_of(visit.headers), kind.name)
    held = await gateway.held()
    gateway.meter.begin(record)
    try:
        with held.used():
            await _answer(held, visit, kind, work, record)
    except GoneError:
        record.error = "gone"
    finally:
        record.status = visit.status
        gateway.settle(record, held)


async def _answer(held: Held, visit: Visit, kind: Kind, work: Work, record: Record) -> None:
    admission: Admission | None = None
    status, extra = 200, dict[str, str]()
    try:
        key = held.keys.check(visit.headers, visit.query().get("key"))
        record.key_name = key.name if key else ""
        errand = Errand(held, visit, record, key)
        if visit.method == "POST":
            errand.body = await visit.body(held.settings.body_limit_bytes)
        if kind.limited:
            admission = held.limits.admit(key, time.monotonic())
        answer = await visit.while_there(work(errand))
    except ChatError as error:
        record.error = type(error).__name__
        failure = load_dialect(kind.dialect).encode_failure(error)
        status = 413 if isinstance(error, TooLargeError) else failure.status
        answer, extra = failure.body, _headers(error, failure.headers)
    finally:
        if admission is not None:
            admission.spent(record.usage)
            admission.close()
    headers = {"content-type": "application/json", **dict(made_headers(record))}
    headers |= dict(admission.headers()) if admission is not None else {}
    await visit.answer(status, answer, (headers | extra).items())


def _headers(error: ChatError, own: Mapping[str, str]) -> dict[str, str]:
    found = dict(own)
    if isinstance(error, UsedUpError):
        found |= dict(error.headers)
    if not error.retryable:
        # The official programs try again at every 5xx that does not say this.
        found["x-should-retry"] = "false"
    return found
