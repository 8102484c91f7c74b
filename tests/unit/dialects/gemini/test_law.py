"""The law of one dialect: what Gemini's server half says its client half hears, and back."""

from collections.abc import Callable

import msgspec
import pytest
from google.genai.types import GenerateContentResponse
from hypothesis import given
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

from dragoman.chat import ChatReply, ChatRequest
from dragoman.dialects.dialect import Stamp, StreamEncoder
from dragoman.dialects.gemini import DIALECT, ArrayEncoder
from dragoman.dialects.gemini.stream_encoder import Encoder
from dragoman.dialects.gemini.tables import NAME, SAYS, TELLS
from dragoman.events import Grammar
from dragoman.features import FEATURES, REPLY_FEATURES, fit
from dragoman.gathered import Gathered
from dragoman.messages import Message, Text

CHAT = ChatRequest(model="m", messages=(Message("user", (Text("hi"),)),))
STAMP = Stamp("made", 0.0)
# Refusals and later system messages come back as text; the others of those that are mapped are
# said as they are.
TEXTUAL = frozenset({"refusal", "system_later", "tool_strict", "json_schema_strict"})


def test_every_feature_has_its_row() -> None:
    assert set(SAYS) == set(FEATURES)
    assert set(TELLS) == set(REPLY_FEATURES)


@given(
    requests(
        SAYS,
        mapped=True,
        without=TEXTUAL,
        signer=NAME,
        any_order=True,
        several_names=True,
        signs_calls=True,
        efforts=("none", "minimal", "low", "medium", "high", "xhigh"),
        summaries=("none", "auto"),
    )
)
def test_a_request_comes_as_it_was_said(chat: ChatRequest) -> None:
    body = msgspec.json.encode(DIALECT.encode_request(chat))

    found = DIALECT.decode_request(body, model=f"models/{chat.model}", stream=chat.stream)

    if chat.reasoning_effort == "none":
        # It is said as a budget of nothing.
        chat = msgspec.structs.replace(chat, reasoning_effort=None, reasoning_budget=0)
    assert normal_request(found) == normal_request(chat)


@given(requests(SAYS, mapped=True, signer=NAME, any_order=True, several_names=True))
def test_a_request_that_was_heard_is_said_to_the_letter(chat: ChatRequest) -> None:
    body = DIALECT.encode_request(fit(chat, "Gemini", SAYS, NAME)[0])

    found = DIALECT.decode_request(msgspec.json.encode(body), model=chat.model)

    assert DIALECT.encode_request(found) == body


@given(replies(TELLS, mapped=True, without=frozenset({"refusal"}), signer=NAME))
def test_a_whole_answer_comes_as_it_was_said(reply: ChatReply) -> None:
    body = DIALECT.encode_reply(reply, CHAT, STAMP)

    GenerateContentResponse.model_validate_json(body)
    found = DIALECT.decode_reply(body, "other")

    assert normal_reply(found, TELLS) == normal_reply(told(reply), TELLS)


@pytest.mark.parametrize("encoder", [Encoder, ArrayEncoder])
@given(data=st.data())
def test_a_stream_comes_as_it_was_said(
    encoder: Callable[[ChatRequest, Stamp], StreamEncoder], data: st.DataObject
) -> None:
    events = data.draw(
        event_streams(TELLS, mapped=True, without=frozenset({"refusal"}), signer=NAME)
    )
    body = told_in_two(data, encoder(CHAT, STAMP), events)

    found = heard(DIALECT.decoder("other"), *cuts(data, body))

    Grammar().check(found)
    gathered = Gathered()
    gathered.add(events)
    wanted = told(gathered.reply())
    assert normal_events(found, TELLS) == normal_reply(wanted, TELLS).events()


def told(reply: ChatReply) -> ChatReply:
    """With the name that an answer without one is given."""
    return msgspec.structs.replace(reply, id=reply.id or STAMP.id)
