"""What a model is answered when it calls a function: a result, or why there is none."""

import asyncio
import dataclasses
import threading
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.test_functions import Counter, bare, three, traced, weather

from dragoman.errors import InputError
from dragoman.functions import MAX_RESULT_CHARS, Function, Functions
from dragoman.messages import Text, ToolCall, ToolResult


@dataclasses.dataclass
class Spot:
    x: float


async def answered(function: Callable[..., Any], arguments: str) -> ToolResult:
    tool = Function(function)
    return await tool.answer(ToolCall("c", tool.tool.name, arguments))


async def test_arguments_are_converted_before_the_function_sees_them() -> None:
    result = await answered(
        weather, '{"city": "Kyoto", "unit": "f", "near": {"name": "Uji"}, "tags": ["a"]}'
    )

    assert result == ToolResult(
        "c",
        (Text('{"city":"Kyoto","days":1,"unit":"f","near":{"name":"Uji"},"tags":["a"]}'),),
    )


async def slow_double(number: int) -> int:
    """An answer that comes later."""
    await asyncio.sleep(0)
    return number * 2


def later_double(number: int) -> Awaitable[int]:
    return slow_double(number)


@pytest.mark.parametrize(
    ("function", "arguments", "said"),
    [
        (bare, "", "null"),
        (bare, "{}", "null"),
        (slow_double, '{"number": 2}', "4"),
        (later_double, '{"number": 2}', "4"),
        (Counter(), '{"number": 2}', "2"),
        (Counter().add, '{"number": 2}', "2"),
        (partial(three, 1, third=9), '{"second": 2}', "129"),
        (partial(slow_double, 4), "", "8"),
        (traced(slow_double), '{"number": 2}', "4"),
    ],
    ids=range(9),
)
async def test_a_result_is_told_as_json(
    function: Callable[..., Any], arguments: str, said: str
) -> None:
    assert await answered(function, arguments) == ToolResult("c", (Text(said),))


def text() -> str:
    return 'plain "text"'


def half() -> str:
    return "a\ud800b"


async def test_text_is_told_as_it_is_and_can_always_be_sent() -> None:
    assert (await answered(text, "")).text == 'plain "text"'
    assert (await answered(half, "")).text == "a?b"


def spot() -> Spot:
    return Spot(1.5)


async def test_values_of_classes_are_told_as_objects() -> None:
    assert (await answered(spot, "")).text == '{"x":1.5}'


@pytest.mark.parametrize(
    "arguments",
    ["{", "[]", "7", '{"number": "2"}', "{}", '{"number": 1, "other": 2}', "[" * 100_000, "\ud800"],
    ids=range(8),
)
async def test_arguments_that_do_not_fit_are_told_to_the_model(arguments: str) -> None:
    """It may then try again; the function is not called."""
    counter = Counter()

    result = await answered(counter.add, arguments)

    assert result.is_error
    assert result.text.startswith("the arguments do not fit: ")
    assert counter.count == 0


def failing() -> None:
    raise LookupError("no such city")


async def failing_later() -> None:
    raise LookupError("no such city")


def unsayable() -> object:
    return object()


def half_inside() -> list[str]:
    return ["\ud800"]


def half_failing() -> None:
    raise OSError("a\ud800b")


def exhausted() -> int:
    return next(iter(()))


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (failing, "LookupError: no such city"),
        (failing_later, "LookupError: no such city"),
        (unsayable, "TypeError: Encoding objects of type object is unsupported"),
        (half_inside, "UnicodeEncodeError: "),
        (half_failing, "OSError: a?b"),
        (exhausted, "RuntimeError: StopIteration"),
    ],
)
async def test_whatever_a_function_raises_is_told_to_the_model(
    function: Callable[..., Any], words: str
) -> None:
    result = await answered(function, "")

    assert result.is_error
    assert result.text.startswith(words)


def huge() -> str:
    return "x" * (MAX_RESULT_CHARS + 5)


async def test_a_huge_result_is_cut_and_says_so() -> None:
    result = await answered(huge, "")

    assert result.text == f"{'x' * MAX_RESULT_CHARS}\n[cut here: it has 1000005 characters]"
    assert not result.is_error


async def test_two_tools_cannot_have_one_name() -> None:
    with pytest.raises(InputError, match="two tools are called add"):
        Functions([Counter().add, Counter().add])


async def test_calls_are_answered_side_by_side_and_in_their_order() -> None:
    first, second = asyncio.Event(), threading.Event()

    async def waits() -> str:
        await first.wait()
        return "waits"

    def sets() -> str:
        second.wait(10)
        return "sets"

    async def frees() -> str:
        first.set()
        second.set()
        return "frees"

    functions = Functions([waits, sets, frees])
    names = ("waits", "sets", "frees", "frees")

    results = await functions.answer([ToolCall(str(n), name, "") for n, name in enumerate(names)])

    assert [tool.name for tool in functions.tools] == ["waits", "sets", "frees"]
    assert [(result.call_id, result.text) for result in results] == [
        ("0", "waits"),
        ("1", "sets"),
        ("2", "frees"),
        ("3", "frees"),
    ]


async def test_a_tool_that_there_is_not_is_told_to_the_model() -> None:
    (result,) = await Functions([bare, text]).answer([ToolCall("c", "nope", "{}")])

    assert result == ToolResult(
        "c", (Text("there is no tool nope; known: bare, text"),), is_error=True
    )


async def test_cancelling_does_not_wait_for_a_function_in_a_thread() -> None:
    """Nothing can interrupt the thread; whoever waits for it is set free at once."""
    begun, go_on, ended = threading.Event(), threading.Event(), threading.Event()

    def stubborn() -> None:
        begun.set()
        go_on.wait(10)
        ended.set()

    task = asyncio.create_task(answered(stubborn, ""))
    await asyncio.to_thread(begun.wait, 10)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert not ended.is_set()
    go_on.set()
    assert await asyncio.to_thread(ended.wait, 10)


async def test_cancelling_ends_a_coroutine_function() -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def patient() -> None:
        try:
            begun.set()
            await asyncio.Event().wait()
        finally:
            ended.set()

    task = asyncio.create_task(answered(patient, ""))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert ended.is_set()


def typed(a: int, b: str = "", c: Literal["x", "y"] = "x") -> str:
    return f"{a}{b}{c}"


@given(st.text(st.characters(codec=None)) | st.from_regex(r'\{"a": .*\}', fullmatch=True))
def test_any_arguments_are_a_result_that_can_be_sent(arguments: str) -> None:
    tool = Function(typed)

    result = asyncio.run(tool.answer(ToolCall("c", "typed", arguments)))

    assert result.call_id == "c"
    result.text.encode()
