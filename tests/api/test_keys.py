"""Keys: each goes to the service that it is of, and to nobody else, and is never told."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from dragoman import emulators
from dragoman.account import Account
from dragoman.chat import ChatRequest
from dragoman.client import Client
from dragoman.config import Config
from dragoman.emulators.emulator import Emulator
from dragoman.errors import AuthError, ChatError, InputError
from dragoman.messages import Message, Text
from dragoman.providers.api.dialect_provider import DialectProvider
from dragoman.providers.table import PROVIDERS, load_provider
from dragoman.sessions.store import Facts
from dragoman.wire.http import HttpRequest
from tests.api.asking import KEY, SAID, client, without

DIALECT_PROVIDERS = [name for name in PROVIDERS if isinstance(load_provider(name), DialectProvider)]
NEEDING = [name for name in DIALECT_PROVIDERS if load_provider(name).needs_auth]
WITH_ADDRESS = [name for name in NEEDING if load_provider(name).url]


@pytest.fixture
async def openai() -> AsyncIterator[Emulator[Any]]:
    async with emulators.run("openai") as emulator:
        yield emulator


def request_of(name: str) -> HttpRequest:
    """What the built-in provider of that name would send, with no configuration at all."""
    entry = Config().providers[name]
    provider = entry.provider
    assert isinstance(provider, DialectProvider)
    chat = ChatRequest(model="m", messages=(Message("user", (Text("Hi"),)),))
    call = provider.call(chat, entry.account)
    provider.check(call)
    return provider.request(call, Facts())


@pytest.mark.parametrize("name", WITH_ADDRESS)
def test_the_key_of_the_environment_goes_to_its_own_service(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(load_provider(name).KEY_VARIABLE, KEY)

    request = request_of(name)

    assert request.url.startswith(f"{load_provider(name).url}/")
    assert [text for text in request.headers.values() if KEY in text] in (
        [KEY],
        [f"Bearer {KEY}"],
    )
    assert KEY not in request.url
    assert KEY.encode() not in request.body


@pytest.mark.parametrize("name", WITH_ADDRESS)
def test_keys_of_other_services_do_not(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    own = load_provider(name).KEY_VARIABLE
    for other in NEEDING:
        monkeypatch.setenv(load_provider(other).KEY_VARIABLE, "key-of-another")
    monkeypatch.setenv(own, KEY)

    request = request_of(name)

    assert "key-of-another" not in str(dict(request.headers))


async def test_the_key_of_the_environment_does_not_go_to_another_address(
    openai: Emulator[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROQ_API_KEY", KEY)

    async with client(openai, "groq", base_url=f"{openai.url}/v1", api_key="") as asker:
        with pytest.raises(AuthError):
            await asker.complete("mine/mock-model", SAID)

    (entry,) = openai.journal
    assert "authorization" not in entry["headers"]
    assert KEY not in without(entry, "none")


async def test_nor_does_it_by_a_call_on_the_class(
    openai: Emulator[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROQ_API_KEY", KEY)
    groq: Any = load_provider("groq")

    with pytest.raises(AuthError):
        await groq.create_async(
            "mock-model", [{"role": "user", "content": SAID}], base_url=f"{openai.url}/v1"
        )

    (entry,) = openai.journal
    assert KEY not in without(entry, "none")


async def test_an_address_of_the_environment_gets_no_key_of_the_environment(
    openai: Emulator[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROQ_API_KEY", KEY)
    monkeypatch.setenv("DRAGOMAN_GROQ_BASE_URL", f"{openai.url}/v1")

    async with Client(Config()) as asker:
        with pytest.raises(AuthError):
            await asker.complete("groq/mock-model", SAID)

    assert "authorization" not in openai.journal[0]["headers"]


@pytest.mark.parametrize("by", ["configuration", "environment", "class"])
async def test_where_each_installation_has_its_own_address_the_key_of_the_environment_goes_there(
    openai: Emulator[Any], monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", KEY)
    address = f"{openai.url}/v1"

    if by == "class":
        azure: Any = load_provider("azure")
        ask = [{"role": "user", "content": SAID}]
        await azure.create_async("mock-model", ask, base_url=address)
    else:
        table: dict[str, Any] = {"base_url": address} if by == "configuration" else {}
        if by == "environment":
            monkeypatch.setenv("DRAGOMAN_AZURE_BASE_URL", address)
        async with Client(Config.of({"azure": table})) as asker:
            await asker.complete("azure/mock-model", SAID)

    assert openai.journal[0]["headers"]["authorization"] == f"Bearer {KEY}"


def test_a_key_without_an_address_does_not_make_an_installation_usable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", KEY)
    monkeypatch.setenv("GROQ_API_KEY", KEY)

    usable = Config().usable()

    assert "groq" in usable
    assert "azure" not in usable


async def test_a_given_key_goes_to_the_given_address(
    openai: Emulator[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROQ_API_KEY", "key-of-the-public-service")

    async with client(openai, "groq", base_url=f"{openai.url}/v1") as asker:
        await asker.complete("mine/mock-model", SAID)

    assert openai.journal[0]["headers"]["authorization"] == f"Bearer {KEY}"


async def test_a_key_may_stand_in_a_variable_of_ones_own(
    openai: Emulator[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORK_KEY", KEY)

    async with client(openai, "groq", base_url=f"{openai.url}/v1", api_key="env:WORK_KEY") as asker:
        await asker.complete("mine/mock-model", SAID)

    assert openai.journal[0]["headers"]["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("name", WITH_ADDRESS)
async def test_without_its_key_a_service_is_not_asked_and_its_variable_is_named(name: str) -> None:
    variable = load_provider(name).KEY_VARIABLE

    async with Client(Config()) as asker:
        with pytest.raises(InputError, match=rf"{name} needs a key: set {variable}"):
            await asker.complete(f"{name}/m", SAID)
        with pytest.raises(InputError, match=variable):
            await asker.models(name)
        (outcome,) = await asker.probe(name)

    assert variable in str(outcome.error)


async def test_without_its_address_an_installation_is_not_asked() -> None:
    async with Client(Config()) as asker:
        with pytest.raises(InputError, match="azure has no address of its own"):
            await asker.complete("azure/my-deployment", SAID)


@pytest.mark.parametrize("name", ["vllm", "llamacpp", "lmstudio", "litellm", "sglang", "dragoman"])
def test_a_server_on_this_machine_is_asked_without_a_key(name: str) -> None:
    request = request_of(name)

    assert request.url.startswith("http://127.0.0.1:")
    assert set(request.headers) == {"Content-Type"}


def test_a_server_on_this_machine_gets_its_key_if_there_is_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("VLLM_API_KEY", KEY)

    assert request_of("vllm").headers["Authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize(
    ("key", "why"), [("two\nlines", "line"), ("schlüssel", "ASCII"), ("nul\0", "line")]
)
def test_a_key_that_no_header_can_hold_is_refused_and_not_quoted(
    key: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "\0" not in key:
        monkeypatch.setenv("GROQ_API_KEY", key)
        with pytest.raises(InputError, match=why) as caught:
            request_of("groq")
        assert key not in caught.value.message
    with pytest.raises(InputError, match=why) as caught:
        Config.of({"groq": {"api_key": key}})
    assert key not in caught.value.message


class TestSecretsAreNotTold:
    """Not in an error, a repr or a string of anything that a program may print."""

    @pytest.mark.parametrize(
        "scenario",
        [
            {"status": 401},
            {"status": 500, "status_body": "text"},
            {"html_instead": True},
            {"cut": {"after_events": 1}},
            {"connection": "reset"},
        ],
        ids=str,
    )
    async def test_in_an_error(self, openai: Emulator[Any], scenario: dict[str, Any]) -> None:
        openai.scenario(scenario)

        async with client(openai, "groq", base_url=f"{openai.url}/v1") as asker:
            with pytest.raises(ChatError) as caught:
                await asker.complete("mine/mock-model", SAID)

        told = [caught.value, *_causes(caught.value)]
        assert not [error for error in told if KEY in f"{error!r} {error} {vars(error)}"]

    async def test_by_a_service_that_repeats_what_it_was_sent(self, openai: Emulator[Any]) -> None:
        openai.scenario(error_event={"message": f"no access for {KEY}", "after_events": 0})

        async with client(openai, "groq", base_url=f"{openai.url}/v1") as asker:
            with pytest.raises(ChatError) as caught:
                await asker.complete("mine/mock-model", SAID)

        assert KEY not in f"{caught.value!r} {caught.value}"

    def test_by_a_value(self) -> None:
        config = Config.of({"groq": {"api_key": KEY}})
        entry = config.providers["groq"]
        provider = entry.provider
        assert isinstance(provider, DialectProvider)
        chat = ChatRequest(model="m", messages=(Message("user", (Text("Hi"),)),))
        call = provider.call(chat, entry.account)
        request = provider.request(call, Facts())

        told = [config, entry, entry.fields, entry.account, call, request, Account.of(api_key=KEY)]

        assert not [value for value in told if KEY in f"{value!r} {value}"]


def _causes(error: BaseException) -> list[BaseException]:
    found = []
    while (cause := error.__cause__ or error.__context__) is not None:
        found.append(cause)
        error = cause
    return found
