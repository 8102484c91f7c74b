"""OpenAI: Chat Completions, and Responses for the models that think.

Source: OpenAI API reference and `openai` 3.54 (types), read 2026-11-21.
"""

from typing import ClassVar

from dragoman.dialects.openai_chat.embeddings import (
    decode_embedding_reply,
    encode_embedding_request,
)
from dragoman.embeddings import MAX_EMBEDDINGS_BYTES, EmbeddingReply, EmbeddingRequest
from dragoman.features import Hint
from dragoman.providers.api.dialect_provider import DialectProvider
from dragoman.providers.api.service import Service
from dragoman.providers.call import Call, Step, Steps
from dragoman.wire.http import json_request

__all__ = ["OpenAI", "OpenAIResponses"]

_CHAT = Service(
    name="openai",
    title="OpenAI",
    base_url="https://api.openai.com/v1",
    docs="https://platform.openai.com/docs/api-reference/chat",
    key_variable="OPENAI_API_KEY",
    says={"reasoning": Hint("its messages have no place for thoughts")},
    # The models that think refuse the older name.
    renames={"max_tokens": "max_completion_tokens"},
    prices="openai",
    note="Chat Completions; `openai-responses` is the same service over its newer API.",
)
_RESPONSES = Service(
    name="openai-responses",
    title="OpenAIResponses",
    base_url=_CHAT.base_url,
    docs="https://platform.openai.com/docs/api-reference/responses",
    key_variable=_CHAT.key_variable,
    dialect="openai_responses",
    prices="openai",
    note="The Responses API, stateless: summaries of the reasoning, and its encrypted content.",
)


class OpenAI(DialectProvider):
    """OpenAI's Chat Completions."""

    SERVICE = _CHAT
    name = _CHAT.name
    url = _CHAT.base_url
    needs_auth = True
    DIALECT = _CHAT.dialect
    KEY_VARIABLE = _CHAT.key_variable
    SPEAKS = "OpenAI Chat Completions"
    EMBED_PATH = "/embeddings"

    def embed_steps(self, call: Call, asked: EmbeddingRequest) -> Steps[EmbeddingReply]:
        """One request."""
        url = f"{call.base_url}{self.EMBED_PATH}"
        request = json_request(url, encode_embedding_request(asked), self.headers(call))
        reply = yield from self.post_steps(call, Step("embeddings", request, MAX_EMBEDDINGS_BYTES))
        return decode_embedding_reply(reply.body, asked)


class OpenAIResponses(DialectProvider):
    """OpenAI's Responses."""

    SERVICE = _RESPONSES
    name = _RESPONSES.name
    url = _RESPONSES.base_url
    needs_auth = True
    DIALECT = _RESPONSES.dialect
    KEY_VARIABLE = _RESPONSES.key_variable
    SPEAKS = "OpenAI Responses"
    CHAT_PATH: ClassVar[str] = "/responses"
    COUNT_PATH = "/responses/input_tokens"
    COUNTED = frozenset(
        {"conversation", "input", "instructions", "model", "parallel_tool_calls", "personality"}
        | {"previous_response_id", "reasoning", "text", "tool_choice", "tools", "truncation"}
    )
