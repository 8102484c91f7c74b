"""Every public name of `dragoman` as its users write it: type-checked, and never run."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from contextlib import aclosing
from decimal import Decimal
from pathlib import Path
from typing import Literal, assert_never, assert_type

import msgspec
from anthropic import AsyncAnthropic
from openai import AsyncOpenAI

import dragoman
from dragoman import (
    LEGAL_NEXT,
    Account,
    Aichat,
    AsyncGeneratorProvider,
    AsyncProvider,
    AsyncResult,
    Audio,
    AuthError,
    ChallengeError,
    ChatError,
    ChatgptFree,
    ChatGptt,
    ChatReply,
    ChatRequest,
    Client,
    Config,
    ContentFilterError,
    Document,
    EmbeddingReply,
    Event,
    EventStream,
    FakeGpt,
    Finished,
    Grammar,
    HandshakeError,
    HttpProvider,
    Image,
    InputError,
    JsonObject,
    JsonSchema,
    LogprobsReported,
    Message,
    Messages,
    MissingRequirementsError,
    ModelCard,
    ModelNotSupportedError,
    Native,
    NativeReported,
    OtherChoice,
    PaymentRequiredError,
    Provider,
    ProviderModelMixin,
    RateLimitError,
    Reasoning,
    ReasoningDelta,
    ReasoningSigned,
    Refusal,
    RefusalDelta,
    ResponseError,
    ResponseStatusError,
    Secret,
    Started,
    StreamSession,
    StreamTruncatedError,
    SyncClient,
    Text,
    TextDelta,
    TimeoutError,
    TokenLogprob,
    Tool,
    ToolCall,
    ToolCallDelta,
    ToolCallStarted,
    ToolChoice,
    ToolResult,
    ToolRun,
    TransportError,
    Usage,
    UsageReported,
    ValuedReply,
    collect,
    format_prompt,
    get_cookies,
    load_config,
    raise_for_status,
    set_cookies,
)

MAPPINGS: Messages = [
    {"role": "user", "content": "Hi"},
    {"role": "user", "content": [{"type": "text", "text": "Hi"}]},
]
VALUES: Messages = [
    Message("system", (Text("Be brief."),)),
    Message("user", (Text("Hi"), Image(url="https://x.test/i.png"), Audio(b"", "audio/wav"))),
    Message("user", (Document(content=b"%PDF-", name="a.pdf"), Native("gemini", {"x": 1}))),
    Message("assistant", (Refusal("No."),)),
    Message("assistant", (Reasoning("hm", signature="s"), ToolCall("1", "f", "{}"))),
    Message("tool", (ToolResult("1", (Text("42"),), is_error=False),)),
]


class City(msgspec.Struct):
    name: str


def add(a: int, b: int) -> int:
    return a + b


async def later(a: int) -> None:
    return None


async def the_newer_calls() -> None:
    async with Client() as client:
        reply = await client.complete("echo", "Hi", output=City)
        assert_type(reply, ValuedReply[City])
        assert_type(reply.value.name, str)
        assert_type(await client.complete("echo", "Hi", output="json"), ChatReply)
        assert_type(await client.complete("echo", "Hi", output=JsonObject()), ChatReply)
        schema = JsonSchema(schema={"type": "object"}, name="n", strict=True)
        assert_type(await client.complete("echo", "Hi", output=schema), ChatReply)
        run = await client.run_tools(
            "echo", "Hi", [add, later], max_rounds=3, on_event=the_events, tool_choice="add"
        )
        assert_type(run, ToolRun)
        assert_type(run.messages, tuple[Message, ...])
        for card in await client.cards("echo"):
            assert_type(card, ModelCard)
            assert_type(card.context, int | None)
            assert_type(card.tools, bool | None)
        assert_type(await client.price("echo", run.reply), Decimal | None)
        made = await client.embed("openai/m", ["one", "two"], dimensions=8)
        assert_type(made, EmbeddingReply)
        assert_type(made.vectors, tuple[tuple[float, ...], ...])
        assert_type(made.input_tokens, int | None)
        assert_type(await client.count_tokens("anthropic/m", "Hi", system="Be brief."), int)
        client.stream("echo", "Hi", output=City)
        await client.complete(
            "echo",
            "Hi",
            tools=[add, Tool(name="t"), {"type": "function"}, Native("gemini", {})],
            tool_choice=ToolChoice("required", ("t",)),
            parallel_tool_calls=False,
            top_k=3,
            n=2,
            logprobs=1,
            user="u",
            reasoning_effort="low",
            reasoning_budget=0,
            reasoning_summary="auto",
        )
        assert_type(reply.tool_calls, tuple[ToolCall, ...])
        assert_type(reply.others, tuple[ChatReply, ...])
        assert_type(reply.logprobs, tuple[TokenLogprob, ...])
        assert_type(reply.finish_reason, Literal["stop", "length", "tool_calls", "content_filter"])
        assert_type(reply.refusal, str)
        assert_type(reply.reasoning, str)
        assert_type(reply.events(), list[Event])


def the_newer_synchronous_calls() -> None:
    with SyncClient() as client:
        assert_type(client.complete("echo", "Hi", output=City), ValuedReply[City])
        assert_type(client.complete("echo", "Hi", output={"type": "object"}), ChatReply)
        assert_type(client.run_tools("echo", "Hi", [add]), ToolRun)
        assert_type(client.cards("echo"), list[ModelCard])
        assert_type(client.price("echo", client.complete("echo", "Hi")), Decimal | None)
        assert_type(client.embed(None, "one"), EmbeddingReply)
        assert_type(client.count_tokens(None, "Hi", tools=[add]), int)


async def the_client() -> None:
    async with Client() as client:
        assert_type(await client.config(), Config)
        assert_type(await client.models(), list[str])
        await client.models("echo")
        for step in await client.probe("fakegpt", timeout=5):
            print(step.name, step.seconds, step.status, step.error)  # noqa: T201 - never run
        assert_type(await client.complete("echo", "Hi"), ChatReply)
        async with client.stream(
            None,
            MAPPINGS,
            system="Be brief.",
            temperature=0.5,
            top_p=1,
            max_tokens=10,
            stop=["\n"],
            seed=1,
            presence_penalty=0,
            frequency_penalty=0,
            timeout=(5, 60),
            first_token_s=10,
            total_s=60,
            proxy="http://proxy.test:3128",
        ) as events:
            assert_type(events, EventStream)
            async for event in events:
                assert_type(event, Event)
            assert_type(events.text(), AsyncIterator[str])
            async for batch in events.batches():
                assert_type(batch, list[Event])
            assert_type(await events.reply(), ChatReply)
    await Client("dragoman.toml").close()
    await Client(load_config(Path("dragoman.toml"))).close()


def the_synchronous_client() -> None:
    with SyncClient(Config(model="echo")) as client:
        assert_type(client.config(), Config)
        assert_type(client.models("echo"), list[str])
        client.probe("echo", timeout=1)
        assert_type(client.complete("echo", VALUES, stop="x"), ChatReply)
        with client.stream("echo", "Hi", timeout=5) as events:
            for event in events:
                assert_type(event, Event)
            assert_type(events.text(), Iterator[str])
            assert_type(events.batches(), Iterator[list[Event]])
            assert_type(events.reply(), ChatReply)
    SyncClient().close()


async def the_official_sdks() -> None:
    async with dragoman.openai(Config(model="echo")) as sdk:
        assert_type(sdk, AsyncOpenAI)
    async with dragoman.anthropic("dragoman.toml") as claude:
        assert_type(claude, AsyncAnthropic)
    await dragoman.openai(Path("dragoman.toml")).close()
    await dragoman.anthropic().close()


def the_events(event: Event) -> str | None:  # noqa: C901 - a branch for each event, no more
    match event:
        case Started(model, answer_id, dropped):
            return f"{model} {answer_id} {dropped}"
        case TextDelta(text) | ReasoningDelta(text) | RefusalDelta(text):
            return text
        case ReasoningSigned(signature):
            return signature
        case LogprobsReported(tokens):
            return tokens[0].token
        case NativeReported(part):
            return part.dialect
        case OtherChoice(index, other):
            return f"{index} {the_events(other)}"
        case ToolCallStarted(index, call_id, name):
            return f"{index} {call_id} {name}"
        case ToolCallDelta(index, arguments):
            return f"{index} {arguments}"
        case UsageReported(usage):
            assert_type(usage, Usage)
            return f"{usage.input_tokens} {usage.output_tokens}"
        case Finished(reason):
            return reason
    assert_never(event)


async def a_stream_of_ones_own(events: AsyncIterator[Event]) -> ChatReply:
    grammar = Grammar()
    grammar.check([Started("m"), Finished()])
    assert_type(grammar.finished, bool)
    assert_type(LEGAL_NEXT, dict[type | None, frozenset[type]])
    reply = await collect(events)
    assert_type(reply.usage, Usage | None)
    return reply


async def the_four_classes() -> None:
    stream = FakeGpt.create_async_generator("gpt-3.5-turbo", MAPPINGS, proxy="http://p.test")
    async with aclosing(stream) as texts:
        async for text in texts:
            assert_type(text, str)
    free: AsyncGenerator[str, None] = ChatgptFree.create_async_generator(
        "gpt-4o-mini", MAPPINGS, None, 120, {"a": "b"}, base_url="https://own.test"
    )
    gptt: AsyncResult = ChatGptt.create_async_generator(model="gpt-4o", messages=MAPPINGS)
    await free.aclose()
    await gptt.aclose()
    assert_type(await Aichat.create_async("gpt-3.5-turbo", MAPPINGS, cookies={"a": "b"}), str)
    assert_type(await ChatGptt.create_async("gpt-4o", MAPPINGS), str)
    for answer in Aichat.create_completion("gpt-3.5-turbo", MAPPINGS):
        assert_type(answer, str)
    assert_type(ChatGptt.get_models(), list[str])
    assert_type(ChatGptt.get_model("gpt-4o"), str)
    assert_type(FakeGpt().working, bool)
    kinds: list[type] = [
        Provider, HttpProvider, AsyncProvider, AsyncGeneratorProvider, ProviderModelMixin,
    ]  # fmt: skip
    print(kinds)  # noqa: T201 - never run


async def the_seeds_functions() -> None:
    assert_type(format_prompt(MAPPINGS, add_special_tokens=True, do_continue=True), str)
    assert_type(format_prompt(VALUES, include_system=False), str)
    assert_type(get_cookies("own.test"), dict[str, str])
    set_cookies("own.test", {"a": "b"})
    set_cookies("own.test", None)
    async with (
        StreamSession(timeout=60, proxy="http://p.test", verify=True) as session,
        session.post("https://own.test", json={"a": 1}) as response,
    ):
        await raise_for_status(response)
        async for line in response.iter_lines():
            assert_type(line, bytes)


def the_errors(error: ChatError) -> float | None:
    assert_type(error.retryable, bool)
    assert_type(error.provider, str | None)
    assert_type(error.text, str)
    match error:
        case RateLimitError() | PaymentRequiredError() | ChallengeError() | ResponseStatusError():
            assert_type(error.status, int)
            assert_type(error.code, str | None)
            return error.retry_after
        case ContentFilterError() | StreamTruncatedError() | ResponseError():
            assert_type(error.final_text, str | None)
        case InputError() | ModelNotSupportedError() | MissingRequirementsError():
            pass
        case TimeoutError() | TransportError() | HandshakeError() | AuthError():
            pass
    return None


def the_accounts() -> Mapping[str, str]:
    account = Account.of(base_url="https://own.test", api_key="k", cookies={"a": "b"}, models=["m"])
    assert_type(account.api_key, Secret | None)
    assert_type(account.setting("x"), str | int | None)
    assert_type(account.with_cookies({}), Account)
    request = ChatRequest(model="m", messages=(Message("user", (Text(dragoman.__version__),)),))
    assert_type(request.given(), frozenset[str])
    return account.cookie_values()
