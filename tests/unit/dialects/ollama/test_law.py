"""The law: what the server half says, the client half hears, and back."""

import msgspec
import ollama
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.law.strategies import (
    event_streams,
    normal_events,
    normal_reply,
    normal_request,
    replies,
    requests,
)
from tests.unit.dialects.kit import cuts, heard, told_in_two

from dragoman.chat import ChatRequest
from dragoman.dialects.dialect import Dialect, Stamp
from dragoman.dialects.ollama import DIALECT, GENERATE
from dragoman.errors import InputError
from dragoman.events import Grammar
from dragoman.features import fit
from dragoman.messages import Message, Text

STAMP = Stamp("7", 0.0)
ASKED = ChatRequest(model="m", messages=(Message("user", (Text("hi"),)),))
BOTH = pytest.mark.parametrize("dialect", [DIALECT, GENERATE], ids=["chat", "generate"])
# What is said in another way comes back so: a refusal as text, a summary with an effort. The
# others of those that are mapped are said as they are.
CHANGED = frozenset(
    {
        *("refusal", "tool_choice", "tool_choice_names", "json_schema_strict"),
        *("reasoning_budget", "reasoning_summary"),
    }
)


def spoken(dialect: Dialect, chat: ChatRequest) -> bytes:
    fitted, dropped = fit(chat, dialect.name, dialect.says, dialect.name)
    assert not dropped
    return msgspec.json.encode(dialect.encode_request(fitted))


def plain(chat: ChatRequest) -> ChatRequest:
    """To ask for thoughts is to ask to see them."""
    return normal_request(msgspec.structs.replace(chat, reasoning_summary=None), texts_first=True)


@given(requests(DIALECT.says))
def test_a_chat_that_the_tables_carry_comes_back_as_it_was(chat: ChatRequest) -> None:
    found = DIALECT.decode_request(spoken(DIALECT, chat))

    assert normal_request(found) == normal_request(chat)


@given(
    requests(
        DIALECT.says,
        mapped=True,
        without=CHANGED,
        efforts=("none", "low", "medium", "high", "max"),
    )
)
def test_a_chat_that_is_said_in_another_way_comes_back_as_it_was(chat: ChatRequest) -> None:
    found = DIALECT.decode_request(spoken(DIALECT, chat))

    assert plain(found) == plain(chat)


@given(requests(DIALECT.says, mapped=True, without=frozenset({"tool_choice", "tool_choice_names"})))
def test_what_was_heard_is_said_to_the_letter(chat: ChatRequest) -> None:
    once = spoken(DIALECT, chat)

    assert spoken(DIALECT, DIALECT.decode_request(once)) == once


def one_turn(chat: ChatRequest) -> ChatRequest:
    """The same with a user's turn alone, and the system texts before it."""
    messages = chat.messages
    first = next(at for at, message in enumerate(messages) if message.role == "user")
    return msgspec.structs.replace(chat, messages=messages[: first + 1])


@given(
    requests(
        GENERATE.says,
        mapped=True,
        without=CHANGED | {"system"},
        efforts=("none", "low", "medium", "high", "max"),
    ).map(one_turn)
)
def test_a_prompt_comes_back_as_it_was(chat: ChatRequest) -> None:
    found = GENERATE.decode_request(spoken(GENERATE, chat))

    assert plain(found) == plain(chat)


@BOTH
@given(data=st.data())
def test_a_whole_answer_comes_back_as_it_was(dialect: Dialect, data: st.DataObject) -> None:
    reply = data.draw(replies(dialect.tells, mapped=True, without=frozenset({"refusal"})))

    body = dialect.encode_reply(reply, ASKED, STAMP)

    kind = ollama.ChatResponse if dialect is DIALECT else ollama.GenerateResponse
    kind.model_validate_json(body)
    found = dialect.decode_reply(body, "other")
    assert normal_reply(found, dialect.tells) == normal_reply(reply, dialect.tells)


@BOTH
@given(data=st.data())
def test_a_stream_comes_back_as_it_was_however_it_is_fed_and_cut(
    dialect: Dialect, data: st.DataObject
) -> None:
    events = data.draw(event_streams(dialect.tells, mapped=True, without=frozenset({"refusal"})))
    encoder = dialect.encoder(ASKED, STAMP)
    body = told_in_two(data, encoder, events)

    found = heard(dialect.decoder("other"), *cuts(data, body))

    Grammar().check(found)
    assert normal_events(found, dialect.tells) == normal_events(events, dialect.tells)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)
FIELDS = (
    *("messages", "prompt", "system", "images", "tools", "stream", "think", "format"),
    *("options", "logprobs", "top_logprobs", "keep_alive", "context"),
)
MESSAGE = st.fixed_dictionaries(
    {"role": st.sampled_from(["user", "assistant", "tool", "system"]) | JSON},
    optional={
        "content": st.text(max_size=4) | JSON,
        "images": JSON | st.lists(st.sampled_from(["iVBORw0KGgo=", "/9j/"])),
        "tool_name": st.sampled_from(["f", "g"]) | JSON,
        "tool_call_id": st.sampled_from(["a", "b"]) | JSON,
        "tool_calls": st.lists(
            st.fixed_dictionaries({}, optional={"id": st.sampled_from(["a", "b"]) | JSON,
                                                "function": st.just({"name": "f"}) | JSON})
        ) | JSON,
    },
)  # fmt: skip
REQUEST = st.fixed_dictionaries(
    {"model": st.just("m")},
    optional={**dict.fromkeys(FIELDS, JSON), "messages": st.lists(MESSAGE, max_size=4)},
)


@BOTH
@given(body=REQUEST.map(msgspec.json.encode) | st.binary(max_size=32))
@example(body=b'{"model":' + b"[" * 5000)
@example(body=b"[" * 5000 + b"]" * 5000)
def test_anything_is_a_chat_or_an_input_error(dialect: Dialect, body: bytes) -> None:
    try:
        chat = dialect.decode_request(body)
    except InputError:
        return

    assert chat.messages
    assert dialect.decode_request(spoken(dialect, chat)) is not None
