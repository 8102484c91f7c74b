"""What older models do not take, by name: the dialect has words for it, they refuse them.

The lists are closed: every model that is not named here, of this service or another, takes both.
Sources: Claude API docs "What's new in Claude Opus 4.8" and "Adaptive thinking", read 2026-11-21.
"""

import re

__all__ = ["takes_adaptive_thinking", "takes_system_turns"]

# Up to Claude Opus 4.7, and the Sonnet and Haiku of the fourth generation.
_NO_SYSTEM_TURNS = re.compile(
    r"claude-(?:instant|[23]\b|(?:sonnet|haiku)-4\b|opus-4\b(?!-[89](?!\d)))"
)
# Up to the models 4.5.
_NO_ADAPTIVE = re.compile(r"claude-(?:instant|[23]\b|(?:opus|sonnet|haiku)-4\b(?!-[6-9](?!\d)))")


def takes_system_turns(model: str) -> bool:
    """Whether a system message may stand between the turns."""
    return _NO_SYSTEM_TURNS.search(model) is None


def takes_adaptive_thinking(model: str) -> bool:
    """Whether the model may be left to choose how much it thinks."""
    return _NO_ADAPTIVE.search(model) is None
