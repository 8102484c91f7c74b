"""Whatever a client sends, OpenAI's emulator answers or refuses; it never breaks down."""

import json
from typing import Any

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import given

from dragoman.emulators.knob import ApiKnobs
from dragoman.emulators.openai_api import OpenAI
from dragoman.emulators.openai_chat_request import ChatBody
from dragoman.emulators.openai_embeddings import EmbeddingsBody
from dragoman.emulators.openai_responses_request import ResponsesBody
from dragoman.emulators.service import Request

NAMES = st.sampled_from([
    "type", "role", "content", "text", "function", "name", "parameters", "image_url", "url", "file",
    "input", "output", "call_id", "id", "summary", "format", "json_schema", "schema", "strict",
    "tools", "mode", "encrypted_content",
])  # fmt: skip
WORDS = st.sampled_from([
    "user", "assistant", "tool", "function", "message", "json_schema", "auto", "required", "object",
    "reasoning", "text", "input_text", "input_image", "function_call", "function_call_output",
    "item_reference", "allowed_tools", "a", "call_1", "gAAAA=",
])  # fmt: skip
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 30) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=10,
)
GOOD: dict[str, Any] = {
    "/v1/chat/completions": {"model": "m", "messages": [{"role": "user", "content": "a b"}]},
    "/v1/responses": {"model": "m", "input": "a b"},
    "/v1/embeddings": {"model": "m", "input": "a b"},
}


def answered(path: str, body: Any) -> int:
    """The status of the answer to a body, after all of its events are made."""
    request = Request(
        method="POST",
        path=path,
        query={},
        headers={"authorization": "Bearer any", "content-type": "application/json"},
        cookies={},
        body=body,
        raw=b"",
        origin="",
        now=0.0,
        complaints=[],
        notes={},
    )
    reply = OpenAI().answer(request, ApiKnobs())
    assert b"".join(reply.events)
    return reply.status


@pytest.mark.parametrize(
    ("path", "shape"),
    list(zip(GOOD, (ChatBody, ResponsesBody, EmbeddingsBody), strict=True)),
    ids=["chat", "responses", "embeddings"],
)
def test_any_field_with_any_value_is_answered_or_refused(
    path: str, shape: type[msgspec.Struct]
) -> None:
    fields = st.sampled_from(shape.__struct_encode_fields__)

    @given(st.dictionaries(fields, VALUES, max_size=3))
    def holds(changed: dict[str, Any]) -> None:
        assert answered(path, {**GOOD[path], **changed}) in (200, 400, 404)

    holds()


@given(st.sampled_from(sorted(GOOD)), VALUES)
def test_any_body_is_answered_or_refused(path: str, body: Any) -> None:
    assert answered(path, json.loads(json.dumps(body))) in (200, 400, 404)
