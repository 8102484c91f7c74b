"""The provider that needs nothing says back what it is told."""

from contextlib import aclosing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.account import Account
from dragoman.chat import ChatRequest
from dragoman.dialects.openai_chat.message_decoder import decode_messages
from dragoman.errors import InputError, ModelNotSupportedError
from dragoman.events import Event, Finished, Grammar, Started, TextDelta, Usage, UsageReported
from dragoman.providers.local.echo import Echo
from dragoman.transport.line import Line


async def answer(*said: tuple[str, str], seed: int | None = None) -> list[Event]:
    messages = decode_messages([{"role": role, "content": text} for role, text in said])
    provider = Echo()
    call = provider.call(ChatRequest(model="", messages=messages, seed=seed), Account())
    async with Line() as line, aclosing(provider.events(call, line)) as batches:
        return [event async for batch in batches for event in batch]


async def test_the_answer_is_the_last_user_message_a_word_an_event() -> None:
    events = await answer(("user", "first"), ("assistant", "ok"), ("user", " To be,\nor not "))

    assert events == [
        Started("echo"),
        TextDelta(" To"),
        TextDelta(" be,"),
        TextDelta("\nor"),
        TextDelta(" not "),
        UsageReported(Usage(6, 4)),
        Finished(),
    ]


async def test_what_it_cannot_express_is_named() -> None:
    events = await answer(("user", "Hi"), seed=7)

    assert events[0] == Started("echo", dropped=("seed",))


@given(st.text(min_size=1).filter(str.strip))
async def test_joined_the_deltas_are_the_message_to_the_letter(text: str) -> None:
    events = await answer(("user", text))

    assert "".join(event.text for event in events if isinstance(event, TextDelta)) == text
    Grammar().check(events)


@pytest.mark.parametrize("said", [("user", " \n"), ("system", "Be brief.")])
async def test_nothing_to_say_is_an_input_error(said: tuple[str, str]) -> None:
    with pytest.raises(InputError, match="nothing to echo"):
        await answer(said)


def test_there_is_one_model() -> None:
    provider = Echo()

    assert provider.known_models(Account()) == ["echo"]
    with pytest.raises(ModelNotSupportedError, match="it has: echo"):
        provider.resolve_model("gpt-4", Account())


async def test_a_probe_has_nothing_to_try() -> None:
    provider = Echo()
    call = provider.call(ChatRequest(model="", messages=()), Account())
    async with Line() as line:
        outcomes = await provider.probe(call, line)

    assert outcomes == []
