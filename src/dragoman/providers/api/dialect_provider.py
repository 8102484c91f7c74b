"""A provider whose wire is one of the dialects: nothing but an address, a key and quirks."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from http import HTTPStatus
from typing import Any, ClassVar

from dragoman.account import Account
from dragoman.catalog import ModelCard
from dragoman.dialects.dialect import Dialect
from dragoman.dialects.table import load_dialect
from dragoman.embeddings import EmbeddingReply, EmbeddingRequest
from dragoman.errors import ChatError, InputError, ResponseStatusError
from dragoman.events import Event
from dragoman.features import CARRIED, How, Mapped
from dragoman.messages import Messages
from dragoman.providers.api.counts import decode_count
from dragoman.providers.api.model_list import decode_cards
from dragoman.providers.api.quirks import shaped
from dragoman.providers.api.service import Service
from dragoman.providers.api.whole import PageDecoder, WholeDecoder
from dragoman.providers.base import AsyncGeneratorProvider, AsyncResult
from dragoman.providers.call import Call, Decoder, Handshake, StaleSession, Step, Steps
from dragoman.providers.exchange import fetch
from dragoman.sessions.store import Facts
from dragoman.transport.line import Line
from dragoman.wire.http import HttpReply, HttpRequest, ReplyHead, json_request
from dragoman.wire.status import status_error

__all__ = ["DialectProvider", "unsupported"]

_NOTHING = Facts()
_NO_LIST = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED})


class DialectProvider(AsyncGeneratorProvider[Facts]):
    """A service that speaks a dialect; `SERVICE` is its row."""

    working = True
    supports_message_history = True
    supports_system_message = True
    SERVICE: ClassVar[Service]
    CHAT_PATH: ClassVar[str] = "/chat/completions"
    EMBED_PATH: ClassVar[str] = ""
    """Where embeddings in OpenAI's form are asked for; empty if nowhere."""
    COUNT_PATH: ClassVar[str] = ""
    """Where a request of its own dialect has its tokens counted; empty if nowhere."""
    COUNTED: ClassVar[frozenset[str]] = frozenset()
    """The fields of such a request that may be sent there."""

    @classmethod
    async def create_async_generator(
        cls, model: str, messages: Messages, proxy: str | None = None, **kwargs: Any
    ) -> AsyncResult:
        """The answer's deltas; see the base class."""
        async with aclosing(cls._texts(model, messages, {"proxy": proxy, **kwargs})) as texts:
            async for text in texts:
                yield text

    @property
    def dialect(self) -> Dialect:
        """The dialect that it speaks."""
        return load_dialect(self.DIALECT)

    @property
    def says(self) -> Mapping[str, How]:
        """What its dialect can say, with its own differences."""
        return _says(self.SERVICE)

    def resolve_model(self, model: str | None, account: Account) -> str:
        """The name as it is: the service knows its models. Empty is the first configured one.

        Without one it stays empty: whoever asks for the list of models knows none yet.
        """
        return model or next(iter(account.models), "")

    def known_models(self, account: Account) -> list[str]:
        """Those of the configuration; the service's own are asked for with `list_models`."""
        return list(account.models)

    def handshake(self, call: Call) -> Handshake[Facts]:
        """No step; but without an address or a key nothing is sent."""
        self.check(call)
        yield from ()
        return _NOTHING

    def check(self, call: Call) -> None:
        """Refuse a call without an address, or without the key that the service demands."""
        if not call.base_url:
            raise InputError(
                f"{self.name} has no address of its own: set base_url under "
                f"[providers.{self.name}], or DRAGOMAN_{_shouted(self.name)}_BASE_URL"
            )
        if self.needs_auth and not call.account.base_url and call.account.api_key is None:
            raise InputError(
                f"{self.name} needs a key: set {self.KEY_VARIABLE}, or api_key under "
                f"[providers.{self.name}] in dragoman.toml"
            )

    def events(self, call: Call, line: Line) -> AsyncGenerator[list[Event], None]:
        """One answer's events; a chat has to name its model."""
        self.need_model(call)
        return super().events(call, line)

    def need_model(self, call: Call) -> None:
        """Refuse a call without a model's name."""
        if not call.chat.model:
            raise InputError(
                f"{self.name} has no default model: name one, as {self.name}/MODEL; "
                f"`dragoman models {self.name}` lists them"
            )

    def reach_steps(self, call: Call) -> Steps[None]:
        """One request for the list of models: a wrong key shows; who has no list is there, too."""
        reply = yield self.ask(call, f"{call.base_url}{self.SERVICE.models_path}")
        if reply.head.status not in _NO_LIST:
            self.cards(call, reply)

    def headers(self, call: Call) -> dict[str, str]:
        """What every request carries: the key, and the service's own headers."""
        headers = dict(self.SERVICE.headers)
        if call.account.api_key is not None:
            key, place = call.account.api_key.reveal(), self.SERVICE.key_place
            headers[place] = f"Bearer {key}" if place == "Authorization" else key
        return headers

    def chat_url(self, call: Call) -> str:
        """Where the chat goes."""
        return f"{call.base_url}{self.CHAT_PATH}"

    def request(self, call: Call, facts: Facts) -> HttpRequest:
        """The chat, as the service wants it."""
        body = shaped(self.SERVICE, call.chat, self.dialect.encode_request)
        return json_request(self.chat_url(call), body, self.headers(call))

    def failure(self, call: Call, reply: HttpReply) -> ChatError | StaleSession | None:
        """What the dialect's error bodies mean."""
        return self.dialect.decode_failure(reply, call.now) or status_error(reply, call.now)

    def decoder(self, call: Call, head: ReplyHead) -> Decoder:
        """The dialect's decoder; an answer in one piece is read as such, and so is a page."""
        dialect, media_type = self.dialect, head.media_type
        if media_type == "application/json" and dialect.media_type != "application/json":
            return WholeDecoder(dialect.decode_reply, call)
        decoder = dialect.decoder(call.chat.model, dropped=call.dropped)
        return PageDecoder(decoder, head) if media_type == "text/html" else decoder

    def model_steps(self, call: Call, facts: Facts) -> Steps[list[str]]:
        """The names of `card_steps`."""
        cards = yield from self.card_steps(call, facts)
        return [card.name for card in cards]

    def card_steps(self, call: Call, facts: Facts) -> Steps[list[ModelCard]]:
        """One request for the list of models, in OpenAI's form or a likeness of it."""
        path = self.SERVICE.models_path
        if not path:
            return [ModelCard(name=name) for name in self.known_models(call.account)]
        return self.cards(call, (yield self.ask(call, f"{call.base_url}{path}")))

    def cards(self, call: Call, reply: HttpReply) -> list[ModelCard]:
        """The models that a reply lists, or the error that it is."""
        error = self.dialect.decode_failure(reply, call.now) or status_error(reply, call.now)
        if error is not None:
            raise error
        return decode_cards(reply)

    def ask(self, call: Call, url: str) -> Step:
        """A step that asks the service about its models."""
        return Step("models", HttpRequest("GET", url, self.headers(call)))

    def embed_steps(self, call: Call, asked: EmbeddingRequest) -> Steps[EmbeddingReply]:
        """How to have texts embedded; by default the service has no such thing."""
        raise unsupported(self.name, "embeddings")

    def count_steps(self, call: Call) -> Steps[int]:
        """How to have a chat's tokens counted: by one request, the chat's own without the rest."""
        if not self.COUNT_PATH:
            raise unsupported(self.name, "way to count tokens")
        body = shaped(self.SERVICE, call.chat, self.dialect.encode_request)
        counted = {name: value for name, value in body.items() if name in self.COUNTED}
        request = json_request(f"{call.base_url}{self.COUNT_PATH}", counted, self.headers(call))
        return self._counted(call, request)

    def _counted(self, call: Call, request: HttpRequest) -> Steps[int]:
        reply = yield from self.post_steps(call, Step("count_tokens", request))
        return decode_count(reply.body)

    def post_steps(self, call: Call, step: Step) -> Steps[HttpReply]:
        """One step and its reply, or the error that the reply is."""
        reply = yield step
        error = self.dialect.decode_failure(reply, call.now) or status_error(reply, call.now)
        if error is not None:
            raise error
        return reply

    async def list_cards(self, call: Call, line: Line) -> list[ModelCard]:
        """The models that the service lists, with what it tells of each."""
        return await fetch(self, self.card_steps, call, line)


def unsupported(provider: str, what: str) -> ResponseStatusError:
    """The error for what a service does not have: status 501, and asking again is no help."""
    error = ResponseStatusError(f"{provider} has no {what}", status=501, code="not_supported")
    error.retryable = False
    return error


def _says(service: Service) -> Mapping[str, How]:
    own = {
        name: Mapped(f"as `{service.renames[name]}`") if name in service.renames else CARRIED
        for name in service.takes
    }
    return {**load_dialect(service.dialect).says, **own, **service.says}


def _shouted(name: str) -> str:
    return name.upper().replace("-", "_")
