"""A handshake driven over a transport, with the outcome of each step."""

import msgspec
import pytest
from tests.unit.providers.scripted import (
    Scripted,
    ScriptedLine,
    ScriptedTransport,
    Toy,
    ToyFacts,
    toy_call,
)

from dragoman.errors import ChatError, HandshakeError, InputError, TransportError
from dragoman.providers.call import Call, Handshake
from dragoman.providers.handshake import StepOutcome, dressed, shake_hands
from dragoman.wire.http import HttpRequest


class Reluctant(Toy):
    def handshake(self, call: Call) -> Handshake[ToyFacts]:
        if call.account.api_key is None:
            raise InputError("not without a key")
        return (yield from super().handshake(call))


async def outcomes_of(
    provider: Toy, *script: Scripted | Exception
) -> tuple[list[tuple[str, int | None, str | None]], ChatError | None]:
    """Each step's name, status and error, and what was raised."""
    call, outcomes = toy_call(), list[StepOutcome]()
    try:
        transport = ScriptedTransport(*script)
        await shake_hands(provider.handshake(call), call, transport, outcomes)
    except ChatError as error:
        raised: ChatError | None = error
    else:
        raised = None
    assert all(outcome.seconds >= 0 for outcome in outcomes)
    return [(outcome.name, outcome.status, outcome.error) for outcome in outcomes], raised


async def test_a_step_that_went_well_has_its_status() -> None:
    steps, raised = await outcomes_of(Toy(), Scripted([b"n1"], status=201))

    assert steps == [("page", 201, None)]
    assert raised is None


async def test_a_step_that_made_no_sense_has_its_status_and_its_error_in_one() -> None:
    steps, raised = await outcomes_of(Toy(), Scripted([]))

    assert steps == [("page", 200, "no nonce")]
    assert isinstance(raised, HandshakeError)
    assert str(raised) == "at toy.test: page: no nonce"


async def test_a_step_that_was_not_answered_has_no_status() -> None:
    steps, _ = await outcomes_of(Toy(), TransportError("refused"))

    assert steps == [("page", None, "refused")]


async def test_what_fails_before_the_first_step_is_the_handshakes() -> None:
    steps, raised = await outcomes_of(Reluctant())

    assert steps == [("handshake", None, "not without a key")]
    assert str(raised) == "at toy.test: handshake: not without a key"


async def test_outcomes_need_not_be_kept() -> None:
    call = toy_call()

    facts = await shake_hands(Toy().handshake(call), call, ScriptedTransport(Scripted([b"n1"])))

    assert facts == ToyFacts(nonce="n1")


def test_a_callers_user_agent_is_on_every_request_that_has_none() -> None:
    call = toy_call()
    plain = HttpRequest("GET", "https://toy.test/")
    own = HttpRequest("GET", "https://toy.test/", {"User-Agent": "its own"})
    named = msgspec.structs.replace(call, user_agent="mine")

    assert dressed(plain, call) is plain
    assert dressed(plain, named).headers == {"User-Agent": "mine"}
    assert dressed(own, named).headers == {"User-Agent": "its own"}


@pytest.mark.parametrize(
    ("script", "steps"),
    [
        ((Scripted([b"n1"]),), [("page", 200, None)]),
        ((TransportError("refused"),), [("page", None, "refused")]),
    ],
)
async def test_a_probe_is_the_handshake(
    script: tuple[Scripted | Exception, ...], steps: list[tuple[str, int | None, str | None]]
) -> None:
    outcomes = await Toy().probe(toy_call(), ScriptedLine(*script))

    assert [(outcome.name, outcome.status, outcome.error) for outcome in outcomes] == steps


async def test_where_there_is_no_handshake_a_probe_asks_whether_somebody_is_there() -> None:
    class Stepless(Toy):
        def handshake(self, call: Call) -> Handshake[ToyFacts]:
            yield from ()
            return ToyFacts(nonce="")

    line = ScriptedLine(Scripted([b"<html>"], status=404))

    (outcome,) = await Stepless().probe(toy_call(), line)

    assert (outcome.name, outcome.status, outcome.error) == ("reach", 404, None)
    assert line.scripted.sent[0].url == "https://toy.test/"
