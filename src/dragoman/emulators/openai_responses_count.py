"""How many tokens a request to OpenAI's Responses has; a token is a word here.

Source: OpenAI API reference, "Get input token counts", read 2026-11-21.
"""

from typing import Literal

from msgspec import Struct

from dragoman.emulators.openai_models import check_model
from dragoman.emulators.openai_responses_items import check_items, read_items, texts
from dragoman.emulators.openai_responses_request import RawItem, TextConfig, Thinking
from dragoman.emulators.openai_shape import read_body
from dragoman.emulators.service import Json, Request, words

__all__ = ["count_tokens"]


class CountBody(Struct, frozen=True, kw_only=True):
    """The whole request."""

    model: str | None = None
    input: str | tuple[RawItem, ...] | None = None
    conversation: Json = None
    instructions: str | None = None
    parallel_tool_calls: bool | None = None
    personality: str | None = None
    previous_response_id: str | None = None
    reasoning: Thinking | None = None
    text: TextConfig | None = None
    tool_choice: Literal["none", "auto", "required"] | RawItem | None = None
    tools: tuple[RawItem, ...] | None = None
    truncation: Literal["auto", "disabled"] | None = None


def count_tokens(request: Request) -> dict[str, Json]:
    """The answer; tools and what is stored are not counted.

    Raises:
        RefusedError: the service would not take the request.
    """
    body = read_body(request, CountBody)
    check_model(body.model or "")
    said = body.input or ()
    if not isinstance(said, str):
        items = read_items(request, said, "input")
        check_items((), items, {})
        said = " ".join(texts(items))
    tokens = len(words(said)) + len(words(body.instructions or ""))
    return {"object": "response.input_tokens", "input_tokens": tokens}
