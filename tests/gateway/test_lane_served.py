"""The short way of `dragoman serve`: with workers, after a reload, and while it ends."""

import contextlib
import re
import signal

import pytest

from tests.gateway.served import IN_FORCE, Place, Served, place, said_of, served, wait_until

__all__ = ["place"]

pytestmark = pytest.mark.timeout(120)


def _relayed(gateway: Served) -> float:
    page = gateway.get("/metrics")[1].decode()
    lines = re.findall(r"^dragoman_relayed_requests_total{.+} (.+)$", page, re.MULTILINE)
    return sum(map(float, lines))


@pytest.mark.parametrize("workers", ["1", "2"])
def test_the_short_way_is_there_for_every_worker_and_after_a_reload(
    place: Place, workers: str
) -> None:
    with served(place.path, "--workers", workers) as gateway:
        for _ in range(12):
            assert gateway.ask("far/mock-model")[0] == 200
        wait_until(lambda: _relayed(gateway) == 12)

        place.write(name="other")
        gateway.process.send_signal(signal.SIGHUP)
        for _ in range(int(workers)):
            gateway.wait_for(IN_FORCE)
        for _ in range(12):
            assert gateway.ask("other/mock-model")[0] == 200
        wait_until(lambda: _relayed(gateway) == 24)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_streams_on_the_short_way_come_to_their_end_while_it_ends(
    place: Place, workers: str
) -> None:
    words = "one two three four five six"
    place.far.scenario(slow={"between_events_s": 0.3}, answer=words)

    with (
        served(place.path, "--workers", workers) as gateway,
        contextlib.ExitStack() as stack,
    ):
        streams = [stack.enter_context(gateway.stream("far/mock-model")) for _ in range(6)]
        firsts = [stream.readline() for stream in streams]
        gateway.process.send_signal(signal.SIGTERM)
        said = [
            said_of(first + stream.read()) for first, stream in zip(firsts, streams, strict=True)
        ]

        assert said == [words] * 6
        assert gateway.end()[0] == 0
