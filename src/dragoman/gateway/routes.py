"""What a gateway answers besides chats: a row for each, with the name of what answers it.

A row names its function as `module:name` below `dragoman.gateway`, so that the table can be read,
by `/openapi.json` too, without the functions.
"""

import importlib
import re
from collections.abc import Awaitable, Callable

import msgspec

__all__ = ["ROUTES", "Route", "find_route", "methods_at"]

Handler = Callable[..., Awaitable[None]]


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """One row. `path` is a pattern whose groups go to the function by name."""

    name: str
    method: str
    path: str
    handler: str
    about: str
    media_type: str = "application/json"
    open: bool = False
    """Whether it is answered without a key, too."""

    def load(self) -> Handler:
        """The function: `async def NAME(gateway, visit, **groups) -> None`."""
        module, _, name = self.handler.partition(":")
        handler: Handler = getattr(importlib.import_module(f"dragoman.gateway.{module}"), name)
        return handler


ROUTES: tuple[Route, ...] = (
    Route(
        name="live",
        method="GET",
        path="/health/live",
        handler="operations:live",
        about="Whether the process answers at all.",
        open=True,
    ),
    Route(
        name="ready",
        method="GET",
        path="/health/ready",
        handler="operations:ready",
        about="Whether it has a configuration and can take requests.",
        open=True,
    ),
    Route(
        name="providers",
        method="GET",
        path="/health/providers",
        handler="operations:providers",
        about="What was measured of each provider and model, and when.",
    ),
    Route(
        name="metrics",
        method="GET",
        path="/metrics",
        handler="operations:metrics",
        about="What was counted, in the text format of Prometheus.",
        media_type="text/plain",
    ),
    Route(
        name="openapi",
        method="GET",
        path="/openapi.json",
        handler="operations:openapi",
        about="This gateway's addresses, as OpenAPI 3.1.",
    ),
    Route(
        name="models",
        method="GET",
        path="/v1/models",
        handler="model_lists:list_models",
        about="The models of all providers, in the shape that the caller's headers ask for.",
    ),
    Route(
        name="model",
        method="GET",
        path="/v1/models/(?P<model>.+)",
        handler="model_lists:show_model",
        about="One model, in the shape that the caller's headers ask for.",
    ),
    Route(
        name="gemini_models",
        method="GET",
        path="/v1beta/models",
        handler="model_lists:list_gemini_models",
        about="The models of all providers, in Gemini's shape.",
    ),
    Route(
        name="gemini_model",
        method="GET",
        path="/v1beta/models/(?P<model>.+)",
        handler="model_lists:show_gemini_model",
        about="One model, in Gemini's shape.",
    ),
    Route(
        name="count_tokens",
        method="POST",
        path="/v1/messages/count_tokens",
        handler="token_counts:count_tokens",
        about="How many tokens a request has, as its service counts them.",
    ),
    Route(
        name="input_tokens",
        method="POST",
        path="/v1/responses/input_tokens",
        handler="token_counts:count_input_tokens",
        about="The same in the form of OpenAI's Responses.",
    ),
    Route(
        name="gemini_count_tokens",
        method="POST",
        path=r"/v1(?:beta)?/models/(?P<model>.+):countTokens",
        handler="token_counts:count_gemini_tokens",
        about="The same in Gemini's form.",
    ),
    Route(
        name="embeddings",
        method="POST",
        path="/v1/embeddings",
        handler="embeddings:embed",
        about="Embeddings, where the provider has them.",
    ),
    Route(
        name="embed_content",
        method="POST",
        path=r"/v1(?:beta)?/models/(?P<model>.+):embedContent",
        handler="embeddings:embed_content",
        about="The embedding of one text, in Gemini's form.",
    ),
    Route(
        name="batch_embed_contents",
        method="POST",
        path=r"/v1(?:beta)?/models/(?P<model>.+):batchEmbedContents",
        handler="embeddings:embed_batch",
        about="Embeddings, in Gemini's form.",
    ),
    Route(
        name="embed",
        method="POST",
        path="/api/embed",
        handler="embeddings:embed_texts",
        about="Embeddings, in Ollama's form.",
    ),
    Route(
        name="embed_prompt",
        method="POST",
        path="/api/embeddings",
        handler="embeddings:embed_prompt",
        about="The embedding of one text, in Ollama's older form.",
    ),
    Route(
        name="tags",
        method="GET",
        path="/api/tags",
        handler="ollama_extras:list_tags",
        about="The models of all providers, in Ollama's shape.",
    ),
    Route(
        name="show",
        method="POST",
        path="/api/show",
        handler="ollama_extras:show_tag",
        about="One model, in Ollama's shape.",
    ),
    Route(
        name="ps",
        method="GET",
        path="/api/ps",
        handler="ollama_extras:list_running",
        about="No model: nothing is loaded or unloaded here.",
    ),
    Route(
        name="version",
        method="GET",
        path="/api/version",
        handler="ollama_extras:tell_version",
        about="The version of Ollama whose API is spoken.",
        open=True,
    ),
    Route(
        name="hello",
        method="GET",
        path="/",
        handler="ollama_extras:say_hello",
        about="Whether anybody is here.",
        media_type="text/plain",
        open=True,
    ),
)
"""Every address that is not a face; printed in the docs."""

_PATTERNS = tuple((re.compile(route.path, re.DOTALL), route) for route in ROUTES)


def find_route(method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """The row for a request and the groups of its path; HEAD is asked like GET."""
    asked = "GET" if method == "HEAD" else method
    for route, groups in _rows(path):
        if route.method == asked:
            return route, groups
    return None


def methods_at(path: str) -> tuple[str, ...]:
    """The methods that are answered at a path besides the faces' own; none if nothing is there.

    Behind a model's name a verb may stand that we do not know: there nothing is promised.
    """
    found = {route.method for route, _ in _rows(path) if not route.path.endswith(".+)")}
    return tuple(sorted(found | {"HEAD"} if "GET" in found else found))


def _rows(path: str) -> list[tuple[Route, dict[str, str]]]:
    found = [
        (route, match.groupdict())
        for pattern, route in _PATTERNS
        if (match := pattern.fullmatch(path)) is not None
    ]
    # A verb behind a model's name is no part of the name.
    said = [
        row for row in found if row[0].method == "POST" and ":" in row[0].path.rpartition(")")[2]
    ]
    return said or found
