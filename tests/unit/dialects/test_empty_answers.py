"""Which answers may say nothing."""

import pytest

from dragoman.dialects.empty_answers import has_thought, refuse_empty
from dragoman.errors import ResponseError
from dragoman.events import FinishReason, Usage


@pytest.mark.parametrize(
    ("reason", "thought"), [("content_filter", False), ("content_filter", True), ("length", True)]
)
def test_a_refusal_and_a_limit_used_up_by_thoughts_are_answers(
    reason: FinishReason, thought: bool
) -> None:
    refuse_empty(reason, None, thought=thought)


@pytest.mark.parametrize(
    ("reason", "thought"),
    [("stop", False), ("stop", True), ("length", False), ("tool_calls", True)],
)
def test_any_other_end_is_an_error_that_another_try_may_mend(
    reason: FinishReason, thought: bool
) -> None:
    with pytest.raises(ResponseError, match=f"an empty answer .finish reason '{reason}'") as caught:
        refuse_empty(reason, None, thought=thought)

    assert caught.value.retryable


def test_the_services_own_word_is_told() -> None:
    with pytest.raises(ResponseError, match="'OTHER'"):
        refuse_empty("stop", "OTHER", thought=False)


@pytest.mark.parametrize(
    ("usage", "thought"),
    [
        (None, False),
        (Usage(1, 2), False),
        (Usage(1, 2, reasoning_tokens=0), False),
        (Usage(1, 2, reasoning_tokens=2), True),
    ],
)
def test_thoughts_that_are_only_counted_are_thoughts(usage: Usage | None, thought: bool) -> None:
    assert has_thought(usage) is thought
