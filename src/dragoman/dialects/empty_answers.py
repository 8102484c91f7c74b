"""When an answer in which nothing is said is one all the same.

A refusal is the answer, though it has no words. And so are thoughts that used up all the tokens the
answer might have: the caller set that limit, and asking again would cost the same and end there.
Anything else that says nothing is an error: another try, or another provider, may help.
"""

from dragoman.errors import ResponseError, excerpt
from dragoman.events import FinishReason, Usage

__all__ = ["has_thought", "refuse_empty"]


def refuse_empty(reason: FinishReason, word: str | None, *, thought: bool) -> None:
    """Raise `ResponseError` for an end before anything was said; `word` is the service's own."""
    if reason == "content_filter" or (reason == "length" and thought):
        return
    raise ResponseError(f"an empty answer (finish reason {excerpt(word or reason)!r})")


def has_thought(usage: Usage | None) -> bool:
    """Whether the service counted thoughts, which it may keep to itself."""
    return usage is not None and bool(usage.reasoning_tokens)
