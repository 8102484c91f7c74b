"""What every provider is: its attributes, the classes to build one on, and their entry points.

    Provider                       attributes, models, `events`
    └── HttpProvider               three pure methods; `exchange` does the rest
        ├── AsyncProvider          one call, one whole answer: `create_async`
        └── AsyncGeneratorProvider deltas as they come: `create_async_generator`

An instance holds no state: `FakeGpt()` and the class itself do the same.
"""

import asyncio
import contextlib
import functools
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import aclosing
from typing import Any, ClassVar, Generic, TypeVar

import msgspec

from dragoman.account import Account, Setting
from dragoman.catalog import ModelCard
from dragoman.chat import ChatRequest
from dragoman.dialects.openai_chat.message_decoder import decode_messages
from dragoman.errors import ChatError, InputError, ModelNotSupportedError
from dragoman.events import Event, TextDelta
from dragoman.features import CARRIED, HINT, How, Mapped, fit
from dragoman.gathered import collect
from dragoman.messages import Messages
from dragoman.providers.call import Call, Decoder, Handshake, StaleSession, Step, Steps
from dragoman.providers.exchange import exchange, fetch
from dragoman.providers.handshake import StepOutcome, shake_hands
from dragoman.providers.keywords import decode_keywords
from dragoman.providers.prompt import join_turns
from dragoman.sessions.store import Facts
from dragoman.transport.base import Limits
from dragoman.transport.line import Line, LineSettings
from dragoman.wire.http import HttpReply, HttpRequest, ReplyHead
from dragoman.wire.status import status_error

__all__ = [
    "AsyncGeneratorProvider",
    "AsyncProvider",
    "AsyncResult",
    "HttpProvider",
    "Provider",
    "ProviderModelMixin",
]

FactsT = TypeVar("FactsT", bound=Facts)

AsyncResult = AsyncGenerator[str, None]
"""What `create_async_generator` returns: texts that are not empty; close it with `aclosing`."""


class Provider(ABC):
    """A service, site or local engine that answers chats.

    `working` says whether the *public* site answers; an installation of one's own is not judged
    by it. `EXPRESSES` names the options (`dragoman.options.OPTIONS`) that its wire can say; of a
    chat, what `says` has as a hint is left out and named in `Started.dropped`, and what it refuses
    is an error. `SETTINGS` are those of an installation, `LIMITS` what holds where neither caller
    nor configuration says otherwise.
    """

    name: ClassVar[str]
    url: ClassVar[str | None] = None
    working: ClassVar[bool] = False
    needs_auth: ClassVar[bool] = False
    supports_stream: ClassVar[bool] = False
    supports_message_history: ClassVar[bool] = False
    supports_system_message: ClassVar[bool] = False
    supports_gpt_35_turbo: ClassVar[bool] = False
    SPEAKS: ClassVar[str]
    """What its wire is, in a few words."""
    DIALECT: ClassVar[str] = ""
    """The dialect that it speaks, if it is one of `dragoman.dialects`."""
    KEY_VARIABLE: ClassVar[str] = ""
    """The environment variable that by convention holds its key."""
    SETTINGS: ClassVar[Mapping[str, Setting]] = {}
    EXPRESSES: ClassVar[frozenset[str]] = frozenset()
    LIMITS: ClassVar[Limits] = Limits()
    TAKES_PROMPT: ClassVar[bool] = False
    """Whether its wire takes a conversation as one text; what cannot be one is then refused."""

    @property
    def says(self) -> Mapping[str, How]:
        """What its wire can say of `features.FEATURES`; by default text in turns, and `EXPRESSES`.

        Of the options that it does not express those are left out without which the answer is
        still one to the same question.
        """
        return _text_in_turns(self.EXPRESSES)

    @abstractmethod
    def resolve_model(self, model: str | None, account: Account) -> str:
        """The model's name on the wire; empty or None is the default model.

        `ModelNotSupportedError` names those that there are.
        """

    @abstractmethod
    def known_models(self, account: Account) -> list[str]:
        """The models that can be asked for, the default one first, as far as is known here."""

    async def list_models(self, call: Call, line: Line) -> list[str]:
        """The models that can be asked for, from the service where it tells."""
        return self.known_models(call.account)

    async def list_cards(self, call: Call, line: Line) -> list[ModelCard]:
        """As `list_models`, with what the service tells of each."""
        return [ModelCard(name=name) for name in await self.list_models(call, line)]

    @abstractmethod
    def events(self, call: Call, line: Line) -> AsyncGenerator[list[Event], None]:
        """One answer's events in batches, ending in `Finished` or a `ChatError`."""

    @abstractmethod
    async def probe(self, call: Call, line: Line) -> list[StepOutcome]:
        """What can be measured without a chat, step by step; the last has the error, if any."""

    def base_url(self, account: Account) -> str:
        """The address under which the provider's paths are; empty if it has none."""
        return account.base_url or (self.url or "").rstrip("/")

    def call(
        self,
        chat: ChatRequest,
        account: Account,
        *,
        limits: Limits | None = None,
        line: LineSettings | None = None,
        user_agent: str | None = None,
    ) -> Call:
        """One call: its model resolved, and what cannot be expressed noted."""
        model = self.resolve_model(chat.model, account)
        chat, dropped = fit(chat, self.name, self.says, self.DIALECT)
        return Call(
            chat=chat if model == chat.model else msgspec.structs.replace(chat, model=model),
            account=account,
            base_url=self.base_url(account),
            now=time.time(),
            prompt=join_turns(chat.messages) if self.TAKES_PROMPT else "",
            limits=limits or self.LIMITS,
            line=line or LineSettings(),
            user_agent=user_agent,
            dropped=dropped,
        )


class HttpProvider(Provider, Generic[FactsT]):
    """A provider that is spoken to over HTTP: pure methods here, I/O in `exchange`."""

    @abstractmethod
    def handshake(self, call: Call) -> Handshake[FactsT]:
        """What must precede the first chat: yields steps, is sent replies, returns facts."""

    def prepare(self, call: Call, facts: FactsT) -> Handshake[FactsT] | None:
        """What this chat needs before `request`, and the facts for it alone; by default nothing."""
        return None

    @abstractmethod
    def request(self, call: Call, facts: FactsT) -> HttpRequest:
        """The chat itself."""

    def model_steps(self, call: Call, facts: FactsT) -> Steps[list[str]]:
        """How to ask which models there are; by default nothing is asked."""
        yield from ()
        return self.known_models(call.account)

    @abstractmethod
    def decoder(self, call: Call, head: ReplyHead) -> Decoder:
        """A decoder for a 2xx reply."""

    def refresh(
        self, call: Call, stale: FactsT, signal: StaleSession, fresh: bool
    ) -> Handshake[FactsT]:
        """The handshake in place of one that the service refused; by default the same again."""
        return self.handshake(call)

    def failure(self, call: Call, reply: HttpReply) -> ChatError | StaleSession | None:
        """What a whole reply means that is no answer; by default what its status says."""
        return status_error(reply, call.now)

    def hint(self, call: Call) -> str | None:
        """For a public site that is gone: how to use one's own installation."""
        if self.working or call.account.base_url:
            return None
        return (
            f"The public site of {self.name} is gone. Point it at your own installation: "
            f"-o base_url=https://your.site, or base_url under [providers.{self.name}] "
            f"in dragoman.toml; to try it without one: dragoman emulate {self.name}"
        )

    def check(self, call: Call) -> None:
        """Refuse what cannot be asked, before anything is sent; by default nothing."""

    def events(self, call: Call, line: Line) -> AsyncGenerator[list[Event], None]:
        """One answer's events in batches; see `exchange`."""
        self.check(call)
        return exchange(self, call, line)

    async def list_models(self, call: Call, line: Line) -> list[str]:
        """The models that the service lists; of a public site that is gone, those once known."""
        if self.url and not (self.working or call.account.base_url):
            return self.known_models(call.account)
        return await fetch(self, self.model_steps, call, line)

    async def probe(self, call: Call, line: Line) -> list[StepOutcome]:
        """The handshake's steps; where there are none, those of `reach_steps`."""
        outcomes: list[StepOutcome] = []
        transport = line.transport(call.line)
        with contextlib.suppress(ChatError):
            await shake_hands(self.handshake(call), call, transport, outcomes)
            if not outcomes:
                await shake_hands(self.reach_steps(call), call, transport, outcomes)
        return outcomes

    def reach_steps(self, call: Call) -> Steps[None]:
        """How to see whether a service without a handshake is there: by default any answer."""
        yield Step(
            "reach", HttpRequest("GET", f"{call.base_url}/", cookies=call.account.cookie_values())
        )

    @classmethod
    async def _stream(
        cls, model: str | None, messages: Messages, keywords: Mapping[str, object]
    ) -> AsyncGenerator[Event, None]:
        """The events of one call on the class, over a line of its own."""
        if model is not None and not isinstance(model, str):
            raise InputError(f"model must be text, not {type(model).__name__}")
        provider = cls()
        asked = decode_keywords(
            cls.name,
            cls.SETTINGS,
            keywords,
            key_variable=cls.KEY_VARIABLE,
            public_url=cls.url,
        )
        chat = ChatRequest(model=model or "", messages=decode_messages(messages))
        call = provider.call(
            msgspec.structs.replace(chat, **asked.options),
            asked.account,
            limits=asked.limits or provider.LIMITS,
            line=asked.line,
            user_agent=asked.user_agent,
        )
        async with Line() as line, aclosing(provider.events(call, line)) as batches:
            async for batch in batches:
                for event in batch:
                    yield event


class AsyncProvider(HttpProvider[FactsT]):
    """A service that gives its answer in one piece."""

    @classmethod
    @abstractmethod
    async def create_async(
        cls, model: str, messages: Messages, proxy: str | None = None, **kwargs: Any
    ) -> str:
        """The whole answer, never empty; or a `ChatError` and nothing."""

    @classmethod
    def create_completion(
        cls, model: str, messages: Messages, stream: bool = False, **kwargs: Any
    ) -> Iterator[str]:
        """The answer for synchronous callers, in one piece.

        Not inside a running event loop: there, `InputError` says to use `create_async`.
        """
        yield _outside_a_loop(cls.create_async(model, messages, **kwargs))

    @classmethod
    async def _whole(cls, model: str, messages: Messages, keywords: Mapping[str, object]) -> str:
        async with aclosing(cls._stream(model, messages, keywords)) as events:
            return (await collect(events)).text


class AsyncGeneratorProvider(HttpProvider[FactsT]):
    """A service that gives its answer in deltas."""

    supports_stream = True

    @classmethod
    @abstractmethod
    def create_async_generator(
        cls, model: str, messages: Messages, proxy: str | None = None, **kwargs: Any
    ) -> AsyncResult:
        """The answer's deltas.

        Nothing is sent, and nothing is checked, before the first step. The generator ends only
        after the service's own end sign; `aclose()` closes the connection, a bare `break` leaves
        that to the garbage collector: use `contextlib.aclosing`.
        """

    @classmethod
    async def create_async(cls, model: str, messages: Messages, **kwargs: Any) -> str:
        """The whole answer, never empty; or a `ChatError` and nothing."""
        async with aclosing(cls._stream(model, messages, kwargs)) as events:
            return (await collect(events)).text

    @classmethod
    def create_completion(
        cls, model: str, messages: Messages, stream: bool = False, **kwargs: Any
    ) -> Iterator[str]:
        """The answer for synchronous callers, in one piece; not inside a running event loop."""
        yield _outside_a_loop(cls.create_async(model, messages, **kwargs))

    @classmethod
    async def _texts(
        cls, model: str, messages: Messages, keywords: Mapping[str, object]
    ) -> AsyncGenerator[str, None]:
        async with aclosing(cls._stream(model, messages, keywords)) as events:
            async for event in events:
                if isinstance(event, TextDelta):
                    yield event.text


class ProviderModelMixin(Provider):
    """A list of models, a default one, and other names for them. Exact, case-sensitive."""

    default_model: ClassVar[str | None] = None
    models: ClassVar[list[str]] = []
    model_aliases: ClassVar[dict[str, str]] = {}

    @classmethod
    def get_models(cls, **kwargs: Any) -> list[str]:
        """The models' names; other names for them are not listed."""
        if cls.models:
            return list(cls.models)
        return [cls.default_model] if cls.default_model else []

    @classmethod
    def get_model(cls, model: str | None, **kwargs: Any) -> str:
        """The model that a name means; `ModelNotSupportedError` names those that there are."""
        if not model:
            if cls.default_model:
                return cls.default_model
            raise InputError(f"{cls.__name__} has no default model: name one")
        name = cls.model_aliases.get(model, model)
        if cls.models and name not in cls.models:
            raise ModelNotSupportedError(
                f"{cls.__name__} has no model {model!r}; it has: {', '.join(cls.get_models())}"
            )
        return name

    def resolve_model(self, model: str | None, account: Account) -> str:
        """As `get_model`; the installation's own models are known, too."""
        return model if model and model in account.models else self.get_model(model)

    def known_models(self, account: Account) -> list[str]:
        """The models of the class and those of the installation."""
        return [*self.get_models(), *account.models]


_LEFT_OUT = (
    *("temperature", "top_p", "top_k", "max_tokens", "stop", "seed"),
    *("presence_penalty", "frequency_penalty", "user", "parallel_tool_calls", "reasoning"),
    *("reasoning_effort", "reasoning_budget", "reasoning_summary"),
)


@functools.cache
def _text_in_turns(expresses: frozenset[str]) -> Mapping[str, How]:
    # see decision 0010
    says: dict[str, How] = dict.fromkeys(_LEFT_OUT, HINT)
    says |= dict.fromkeys(("system", "system_later", "prefill"), CARRIED)
    says |= dict.fromkeys(expresses, CARRIED)
    return {**says, "refusal": Mapped("as the assistant's text")}


def _outside_a_loop(work: Any) -> str:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        answer: str = asyncio.run(work)
        return answer
    work.close()
    raise InputError("create_completion blocks: inside a running event loop use create_async")
