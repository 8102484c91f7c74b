"""The gateway described as OpenAPI 3.1, made from the tables of its faces and its other addresses.

A request is described as far as this gateway looks at it: what else a dialect has goes on to the
provider and is that API's to describe.
Source: OpenAPI Specification 3.1.1, read 2026-11-21.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

import dragoman
from dragoman.gateway.faces import Address, Face
from dragoman.gateway.routes import Route

__all__ = ["document", "paths_of"]

Json: TypeAlias = dict[str, object]

_TEXT: Json = {"type": "string"}
_NAME: Json = {"type": "string", "minLength": 1}
_FLAG: Json = {"type": "boolean"}
_OBJECT: Json = {"type": "object"}
_INPUT: Json = {"type": ["string", "array"], "items": _OBJECT}


def _object(required: Sequence[str], **fields: Json) -> Json:
    return {"type": "object", "required": list(required), "properties": fields}


def _list(item: Json) -> Json:
    return {"type": "array", "minItems": 1, "items": item}


def _turn(*roles: str) -> Json:
    return _object(["role"], role={"enum": list(roles)}, content=_INPUT)


_CHAT_TURN = _turn("system", "developer", "user", "assistant", "tool")

_REQUESTS: Mapping[str, Json] = {
    "openai_chat": _object(
        ["model", "messages"], model=_NAME, messages=_list(_CHAT_TURN), stream=_FLAG
    ),
    "openai_responses": _object(["model", "input"], model=_NAME, input=_INPUT, stream=_FLAG),
    "anthropic_messages": _object(
        ["model", "messages", "max_tokens"],
        model=_NAME,
        messages=_list(_turn("user", "assistant")),
        max_tokens={"type": "integer", "minimum": 1},
        stream=_FLAG,
    ),
    "gemini": _object(
        ["contents"],
        contents=_list(_object(["parts"], role={"enum": ["user", "model"]}, parts=_list(_OBJECT))),
    ),
    "ollama": _object(
        ["model", "messages"],
        model=_NAME,
        messages=_list(_object(["role"], role=_TEXT, content=_TEXT)),
        stream=_FLAG,
    ),
    "ollama_generate": _object(["model", "prompt"], model=_NAME, prompt=_TEXT, stream=_FLAG),
}

_KEYS: Mapping[str, Json] = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "x_api_key": {"type": "apiKey", "in": "header", "name": "x-api-key"},
    "x_goog_api_key": {"type": "apiKey", "in": "header", "name": "x-goog-api-key"},
    "query_key": {"type": "apiKey", "in": "query", "name": "key"},
}

_OPTIONAL = re.compile(r"\(\?:(\w+)\)\?")
_CHOICE = re.compile(r"\(\?P<\w+>(\w+(?:\|\w+)+)\)")
_GROUP = re.compile(r"\(\?P<(\w+)>[^()]*\)")


def document(faces: Iterable[Face], routes: Iterable[Route], *, keys: bool) -> Json:
    """The whole description; `keys`: whether this gateway asks for one."""
    paths: dict[str, Json] = {}
    for face in faces:
        for path in paths_of(face.path):
            paths.setdefault(path, {})["post"] = _chat(face, path)
    for route in routes:
        for path in paths_of(route.path):
            paths.setdefault(path, {})[route.method.lower()] = _other(route, path)
    described: Json = {
        "openapi": "3.1.1",
        "info": {"title": "Dragoman", "version": dragoman.__version__},
        "servers": [{"url": "/"}],
        "paths": paths,
    }
    if keys:
        described["components"] = {"securitySchemes": dict(_KEYS)}
        described["security"] = [{name: []} for name in _KEYS]
    return described


def paths_of(pattern: str) -> Iterator[str]:
    """The path templates that a pattern stands for: one for each of its choices.

    Understood are `(?:text)?`, `(?P<name>one|other)` and `(?P<name>anything)`.
    """
    found = _OPTIONAL.search(pattern) or _CHOICE.search(pattern)
    if found is None:
        yield _GROUP.sub(r"{\1}", pattern).replace("\\", "")
        return
    variants = ["", found[1]] if found.re is _OPTIONAL else found[1].split("|")
    for variant in variants:
        yield from paths_of(pattern[: found.start()] + variant + pattern[found.end() :])


def _chat(face: Face, path: str) -> Json:
    whole: Json = {"schema": {"type": ["object", "array"]}}
    answer: Json = {face.media_type(Address()): {}, "application/json": whole}
    return {
        "operationId": _id(face.name, path),
        "summary": face.speech.about,
        "tags": [face.dialect],
        **_parameters(path),
        "requestBody": _body(_REQUESTS[face.dialect]),
        "responses": {
            "200": {"description": "The answer, whole or as a stream.", "content": answer},
            "default": _failure(),
        },
    }


def _other(route: Route, path: str) -> Json:
    described: Json = {
        "operationId": _id(route.name, path),
        "summary": route.about,
        **_parameters(path),
        **({"requestBody": _body(_OBJECT)} if route.method == "POST" else {}),
        "responses": {
            "200": {"description": route.about, "content": {route.media_type: {}}},
            "default": _failure(),
        },
    }
    return {**described, "security": []} if route.open else described


def _body(schema: Json) -> Json:
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _failure() -> Json:
    content = {"application/json": {"schema": {"type": ["object", "array"]}}}
    return {"description": "An error, as this address words it.", "content": content}


def _id(name: str, path: str) -> str:
    """A name for what is done there, of its own for each path of a pattern."""
    words = re.findall(r"\w+", re.sub(r"\{\w+\}", "", path))
    return "_".join([name, *words])


def _parameters(path: str) -> Json:
    names = re.findall(r"\{(\w+)\}", path)
    rows = [{"name": name, "in": "path", "required": True, "schema": _NAME} for name in names]
    if path.endswith(":streamGenerateContent"):
        rows.append({"name": "alt", "in": "query", "required": False, "schema": {"enum": ["sse"]}})
    return {"parameters": rows} if rows else {}
