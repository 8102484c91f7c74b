"""Python functions as tools: the signature is the schema, and a call is checked against it.

The parameters' annotations say what a model must give, the docstring's first paragraph what the
tool is for; `Annotated[str, "the city's name"]` describes a parameter. What a model sends is
converted before the function sees it, and what does not fit is told to the model as the tool's
error, so that it can try again.
"""

import asyncio
import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Annotated, Any, get_args, get_origin

import msgspec

from dragoman.errors import InputError, excerpt
from dragoman.messages import Text, ToolCall, ToolResult
from dragoman.tools import Tool

__all__ = ["Function", "Functions"]

MAX_RESULT_CHARS = 1_000_000
_BY_NAME = {inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY}
_UNFIT = (msgspec.ValidationError, msgspec.DecodeError, UnicodeError, RecursionError)
# What every service takes as the name of a tool.
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")


class Function:
    """One function as a tool: a coroutine function, a method, a `partial` or a callable object too.

    What a `partial` has bound is not the model's to give. `InputError` if a parameter has no
    annotation, or one that no JSON can have.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        inner, bound = _unbound(function)
        name = getattr(inner, "__name__", type(inner).__name__)
        if not _NAME.fullmatch(name):
            raise InputError(f"a tool cannot be called {name}: give it a name of its own with def")
        try:
            self._arguments = _arguments(name, function, bound)
            self._decoder = msgspec.json.Decoder(self._arguments)
            schema = msgspec.json.schema(self._arguments)
        except TypeError as exc:
            raise InputError(f"the tool {name}: {excerpt(str(exc))}") from exc
        about = inspect.getdoc(inner) or ""
        self.tool = Tool(
            name=name,
            description=" ".join(about.partition("\n\n")[0].split()) or None,
            parameters=_inlined(schema),
        )

    async def answer(self, call: ToolCall) -> ToolResult:
        """The result of a call; an argument that does not fit, or an exception, is an error in it.

        A result that is no text is told as JSON. A function that is no coroutine function runs in
        a thread, which no cancellation can interrupt: who waits for it is set free, and the
        function goes on to its end.
        """
        try:
            given = self._decoder.decode(call.arguments or "{}")
        except _UNFIT as exc:
            return _failed(call, f"the arguments do not fit: {exc}")
        try:
            value = await self._value({name: getattr(given, name) for name in _fields(given)})
            said = value if isinstance(value, str) else msgspec.json.encode(value).decode()
        except Exception as exc:
            # Whatever a tool raises is for the model to read, and no end of the conversation.
            return _failed(call, f"{type(exc).__name__}: {exc}")
        return ToolResult(call.id, (Text(_sendable(said)),))

    async def _value(self, arguments: Mapping[str, object]) -> object:
        if inspect.iscoroutinefunction(self._function):
            return await self._function(**arguments)
        value = await asyncio.to_thread(self._called, arguments)
        return await value if inspect.isawaitable(value) else value

    def _called(self, arguments: Mapping[str, object]) -> object:
        try:
            return self._function(**arguments)
        except StopIteration as exc:
            # A future cannot hold it, and whoever awaits the thread would wait for ever.
            raise RuntimeError("StopIteration") from exc


class Functions:
    """Several functions, by the names under which a model calls them."""

    def __init__(self, functions: Iterable[Callable[..., Any]]) -> None:
        self._functions: dict[str, Function] = {}
        for function in functions:
            known = Function(function)
            if known.tool.name in self._functions:
                raise InputError(f"two tools are called {known.tool.name}")
            self._functions[known.tool.name] = known

    @property
    def tools(self) -> tuple[Tool, ...]:
        """What a request says of them."""
        return tuple(function.tool for function in self._functions.values())

    async def answer(self, calls: Iterable[ToolCall]) -> tuple[ToolResult, ...]:
        """The results of these calls, made side by side, in their order."""
        return tuple(await asyncio.gather(*(self._one(call) for call in calls)))

    async def _one(self, call: ToolCall) -> ToolResult:
        function = self._functions.get(call.name)
        if function is None:
            return _failed(
                call, f"there is no tool {call.name}; known: {', '.join(self._functions)}"
            )
        return await function.answer(call)


def _failed(call: ToolCall, why: str) -> ToolResult:
    return ToolResult(call.id, (Text(_sendable(why)),), is_error=True)


def _sendable(text: str) -> str:
    """The text as a wire can carry it: no half of a surrogate pair, and not without end."""
    text = text.encode("utf-8", "replace").decode()
    if len(text) <= MAX_RESULT_CHARS:
        return text
    return f"{text[:MAX_RESULT_CHARS]}\n[cut here: it has {len(text)} characters]"


def _unbound(function: Callable[..., Any]) -> tuple[Callable[..., Any], frozenset[str]]:
    """The function inside of partials, and the parameters that they bind by name."""
    bound: set[str] = set()
    while isinstance(function, partial):
        bound |= function.keywords.keys()
        function = function.func
    return function, frozenset(bound)


def _arguments(
    name: str, function: Callable[..., Any], bound: frozenset[str]
) -> type[msgspec.Struct]:
    """A struct of the function's parameters."""
    if not callable(function):
        raise InputError(f"a tool must be a function, not {type(function).__name__}")
    try:
        parameters = inspect.signature(function, eval_str=True).parameters.values()
    except Exception as exc:
        # Annotations are code, which may raise anything.
        raise InputError(f"the tool {name}: its signature cannot be read: {exc}") from exc
    fields = [_field(name, one) for one in parameters if one.name not in bound]
    return msgspec.defstruct(name, fields, kw_only=True, forbid_unknown_fields=True)


def _field(tool: str, parameter: inspect.Parameter) -> tuple[str, Any, Any]:
    if parameter.kind not in _BY_NAME:
        raise InputError(f"the tool {tool}: {parameter} cannot be given by name")
    if parameter.annotation is parameter.empty:
        raise InputError(f"the tool {tool}: its parameter {parameter.name} has no annotation")
    kind = _described(parameter.annotation)
    default = parameter.default
    if default is parameter.empty:
        return parameter.name, kind, msgspec.NODEFAULT
    if isinstance(default, str | int | float | None):
        return parameter.name, kind, default
    # A struct takes no other default as it is, and no schema could show it.
    return parameter.name, kind, msgspec.field(default_factory=lambda: default)


def _described(kind: Any) -> Any:
    """The annotation, a text in it as msgspec's description."""
    if get_origin(kind) is not Annotated:
        return kind
    texts = [said for said in get_args(kind)[1:] if isinstance(said, str)]
    return Annotated[kind, msgspec.Meta(description=" ".join(texts))] if texts else kind


def _fields(struct: msgspec.Struct) -> tuple[str, ...]:
    return struct.__struct_fields__


def _inlined(schema: Mapping[str, Any]) -> dict[str, object]:
    """The schema of the arguments themselves, with the others that it names beside it."""
    definitions = dict(schema["$defs"])
    top = dict(definitions.pop(schema["$ref"].rpartition("/")[2]))
    del top["title"]
    return {**top, "$defs": definitions} if definitions else top
