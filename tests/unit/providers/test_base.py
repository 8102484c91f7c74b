"""What every provider shares: models, calls, hints, and the synchronous door."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any, ClassVar

import pytest

from dragoman.account import Account
from dragoman.chat import ChatRequest
from dragoman.errors import (
    InputError,
    ModelNotSupportedError,
    ResponseError,
    ResponseStatusError,
)
from dragoman.events import Event, Finished, Started, TextDelta
from dragoman.messages import Message, Messages, Text
from dragoman.providers.base import (
    AsyncGeneratorProvider,
    AsyncProvider,
    HttpProvider,
    Provider,
    ProviderModelMixin,
)
from dragoman.providers.call import Call, Decoder, Handshake, StaleSession
from dragoman.sessions.store import Facts
from dragoman.transport.base import Limits
from dragoman.transport.line import Line, LineSettings
from dragoman.wire.http import HttpReply, HttpRequest, ReplyHead

HI: Messages = [{"role": "user", "content": "hi"}]
CHAT = ChatRequest(model="", messages=(Message("user", (Text("hi"),)),), seed=1, top_p=1.0)


class Toy(ProviderModelMixin, HttpProvider[Facts]):
    """Says two words, over no wire."""

    name = "toy"
    url = "https://toy.test/chat/"
    default_model: ClassVar[str | None] = "big"
    models = ["big", "small"]  # noqa: RUF012 - as every provider writes it
    model_aliases = {"little": "small"}  # noqa: RUF012 - as every provider writes it
    EXPRESSES = frozenset({"top_p"})
    LIMITS = Limits(idle_s=5.0)

    def handshake(self, call: Call) -> Handshake[Facts]:
        yield from ()
        return Facts()

    def request(self, call: Call, facts: Facts) -> HttpRequest:
        return HttpRequest("POST", call.base_url)

    def decoder(self, call: Call, head: ReplyHead) -> Decoder:
        raise AssertionError("`events` is overridden: nothing is decoded")

    async def events(self, call: Call, line: Line) -> AsyncGenerator[list[Event], None]:
        yield [Started(call.chat.model), TextDelta("one")]
        yield [TextDelta(f" {call.limits.idle_s:g}"), Finished()]


class Streaming(Toy, AsyncGeneratorProvider[Facts]):
    @classmethod
    async def create_async_generator(
        cls, model: str, messages: Messages, proxy: str | None = None, **kwargs: Any
    ) -> AsyncGenerator[str, None]:
        async for text in cls._texts(model, messages, {"proxy": proxy, **kwargs}):
            yield text


class Whole(Toy, AsyncProvider[Facts]):
    @classmethod
    async def create_async(
        cls, model: str, messages: Messages, proxy: str | None = None, **kwargs: Any
    ) -> str:
        return await cls._whole(model, messages, {"proxy": proxy, **kwargs})


class Open(Toy):
    """Takes any model."""

    default_model: ClassVar[str | None] = None
    models = []  # noqa: RUF012 - as every provider writes it
    model_aliases = {"a": "b"}  # noqa: RUF012 - as every provider writes it


class OnlyDefault(Open):
    default_model: ClassVar[str | None] = "one"


@pytest.mark.parametrize(
    ("kind", "model", "expected"),
    [
        (Toy, "", "big"),
        (Toy, None, "big"),
        (Toy, "little", "small"),
        (Toy, "small", "small"),
        (Open, "anything", "anything"),
        (Open, "a", "b"),
        (OnlyDefault, "", "one"),
        (OnlyDefault, "other", "other"),
    ],
)
def test_a_models_name_is_resolved_as_the_table_says(
    kind: type[ProviderModelMixin], model: str | None, expected: str
) -> None:
    assert kind.get_model(model) == expected


@pytest.mark.parametrize(
    ("kind", "model", "error", "words"),
    [
        (Toy, "medium", ModelNotSupportedError, "Toy has no model 'medium'; it has: big, small"),
        (Toy, "BIG", ModelNotSupportedError, "no model 'BIG'"),
        (Open, "", InputError, "Open has no default model: name one"),
        (Open, None, InputError, "no default model"),
    ],
)
def test_a_name_that_means_nothing_is_refused(
    kind: type[ProviderModelMixin], model: str | None, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        kind.get_model(model)


def test_models_are_listed_without_their_other_names() -> None:
    assert Toy.get_models() == ["big", "small"]
    assert OnlyDefault.get_models() == ["one"]
    assert Open.get_models() == []

    Toy.get_models().append("not ours")

    assert Toy.get_models() == ["big", "small"]


def test_an_installations_own_models_are_known_too() -> None:
    account = Account.of(models=["mine"])

    assert Toy().resolve_model("mine", account) == "mine"
    assert Toy().resolve_model("little", account) == "small"
    assert Toy().resolve_model(None, account) == "big"
    assert Toy().known_models(account) == ["big", "small", "mine"]
    with pytest.raises(ModelNotSupportedError):
        Toy().resolve_model("mine", Account())


def test_a_call_has_its_model_resolved_and_what_cannot_be_said_noted() -> None:
    call = Toy().call(CHAT, Account())

    assert call.chat.model == "big"
    assert call.base_url == "https://toy.test/chat"
    assert call.dropped == ("seed",)
    assert call.limits == Limits(idle_s=5.0)
    assert call.line == LineSettings()
    assert call.user_agent is None


def test_a_call_is_as_its_caller_wants_it() -> None:
    call = Toy().call(
        CHAT,
        Account.of(base_url="https://own.test/"),
        limits=Limits(total_s=1.0),
        line=LineSettings(proxy="http://p.test"),
        user_agent="mine",
    )

    assert call.base_url == "https://own.test"
    assert call.limits == Limits(total_s=1.0)
    assert call.line.proxy == "http://p.test"
    assert call.user_agent == "mine"


def test_only_a_public_site_that_is_gone_needs_a_hint() -> None:
    class Alive(Toy):
        working = True

    gone = Toy().hint(Toy().call(CHAT, Account()))
    assert gone is not None
    assert "The public site of toy is gone" in gone
    assert Toy().hint(Toy().call(CHAT, Account.of(base_url="https://own.test"))) is None
    assert Alive().hint(Alive().call(CHAT, Account())) is None


def test_by_default_a_refresh_is_the_handshake_and_a_chat_needs_no_preparation() -> None:
    toy, facts = Toy(), Facts()
    call = toy.call(CHAT, Account())

    assert toy.prepare(call, facts) is None
    assert list(toy.refresh(call, facts, StaleSession(ResponseError("dead")), True)) == []
    assert toy.failure(call, HttpReply(ReplyHead(200, {}, ""), b"")) is None
    assert isinstance(
        toy.failure(call, HttpReply(ReplyHead(404, {}, ""), b"")), ResponseStatusError
    )
    assert isinstance(toy, Provider)


async def test_texts_are_the_answer_and_nothing_is_checked_before_the_first_step() -> None:
    stream = Streaming.create_async_generator("small", HI, timeout=7)

    assert [text async for text in stream] == ["one", " 7"]
    assert await Streaming.create_async("small", HI) == "one 5"
    wrong = Streaming.create_async_generator("medium", HI)
    with pytest.raises(ModelNotSupportedError):
        await anext(wrong)


async def test_a_whole_answer_is_one_text() -> None:
    assert await Whole.create_async("", HI, None, timeout=2) == "one 2"


@pytest.mark.parametrize(
    ("model", "messages", "keywords", "error"),
    [
        (7, HI, {}, InputError),
        ("medium", HI, {}, ModelNotSupportedError),
        ("big", [], {}, InputError),
        ("big", HI, {"temperature": 9}, InputError),
        ("big", HI, {"proxi": 1}, TypeError),
    ],
)
async def test_what_is_wrong_is_said_before_anything_is_sent(
    model: Any, messages: Messages, keywords: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        await Whole.create_async(model, messages, **keywords)
    with pytest.raises(error):
        await Streaming.create_async(model, messages, **keywords)


@pytest.mark.parametrize("kind", [Whole, Streaming])
def test_the_synchronous_door_gives_one_piece(kind: type[Whole | Streaming]) -> None:
    assert list(kind.create_completion("big", HI, timeout=1)) == ["one 1"]


@pytest.mark.parametrize("kind", [Whole, Streaming])
async def test_inside_a_loop_the_synchronous_door_says_so(kind: type[Whole | Streaming]) -> None:
    with pytest.raises(InputError, match="inside a running event loop use create_async"):
        next(kind.create_completion("big", HI))


def test_an_instance_is_as_good_as_the_class() -> None:
    assert asyncio.run(Whole().create_async("big", HI)) == "one 5"
