"""Each operation that `/openapi.json` describes, asked in every way that schemathesis thinks of.

Whatever is asked, the gateway does not fail, says what it documents, and its server lives on.
"""

import asyncio
import threading
from collections.abc import Iterable, Iterator
from typing import Any

import hypothesis
import pytest
import requests
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from tests.gateway.house import open_house

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    unsupported_method,
]
SETTINGS = hypothesis.settings(
    max_examples=6, suppress_health_check=list(hypothesis.HealthCheck), deadline=None
)
KEY = {"authorization": "Bearer the-key"}

pytestmark = pytest.mark.timeout(240)


class _Served:
    """A gateway with a loop of its own: what schemathesis asks with waits for answers."""

    def __init__(self) -> None:
        self.url = ""
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=lambda: self._loop.run_until_complete(self._run()))
        self._thread.start()
        while not self._ready.wait(0.1):
            assert self._thread.is_alive(), "it did not begin"

    async def _run(self) -> None:
        async with open_house("chat", "claude", keys=["the-key"]) as house:
            self.url = house.url
            self._ready.set()
            await self._stop.wait()

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        self._loop.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        # It begins before the fixture that gives each test a home of its own.
        patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
            patch.delenv(name, raising=False)
        served = _Served()
    yield served.url
    served.close()


def _operations(url: str) -> list[Any]:
    described = schemathesis.openapi.from_url(f"{url}/openapi.json", headers=KEY)
    operations: Iterable[Any] = described.get_all_operations()
    # One that is described wrongly is an error here.
    return [found.ok() for found in operations]


@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode), ids=str)
def test_every_documented_operation_does_what_is_documented(
    served: str, mode: schemathesis.GenerationMode
) -> None:
    """Asked as documented, and in every way that is not."""
    operations = _operations(served)
    assert len(operations) > 20
    with requests.Session() as caller:
        for operation in operations:

            @SETTINGS
            @hypothesis.given(case=operation.as_strategy(mode))
            def ask(case: Any) -> None:
                case.call_and_validate(
                    base_url=served, session=caller, headers=KEY, checks=CHECKS, timeout=10
                )

            try:
                ask()
            except hypothesis.errors.Unsatisfiable:
                # There is nothing that such an address could be asked wrongly.
                assert mode is schemathesis.GenerationMode.NEGATIVE

        assert caller.get(f"{served}/health/live", timeout=10).json() == {"status": "ok"}


def test_without_a_key_none_but_the_open_ones_is_answered(served: str) -> None:
    statuses = {
        operation.label: operation.Case(
            path_parameters={"model": "m"}, body={}, media_type="application/json"
        )
        .call(base_url=served, timeout=10)
        .status_code
        for operation in _operations(served)
    }

    opened = {"GET /health/live", "GET /health/ready", "GET /api/version", "GET /"}
    assert {label for label, status in statuses.items() if status == 200} == opened
    assert {status for label, status in statuses.items() if label not in opened} == {401}
