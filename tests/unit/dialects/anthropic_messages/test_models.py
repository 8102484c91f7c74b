import pytest

from dragoman.dialects.anthropic_messages.models import takes_adaptive_thinking, takes_system_turns

# model, takes a system turn, takes adaptive thinking
MODELS = [
    ("claude-3-7-sonnet-20250219", False, False),
    ("claude-opus-4-20250514", False, False),
    ("claude-opus-4-5", False, False),
    ("claude-haiku-4-5-20251001", False, False),
    ("anthropic.claude-sonnet-4-5@20250929", False, False),
    ("claude-sonnet-4-6", False, True),
    ("claude-opus-4-7", False, True),
    ("claude-opus-4-8", True, True),
    ("claude-opus-5-5", True, True),
    ("claude-haiku-5-5", True, True),
    ("mock-model", True, True),
]


@pytest.mark.parametrize(("model", "system", "adaptive"), MODELS)
def test_only_older_models_lack_something(model: str, system: bool, adaptive: bool) -> None:
    assert takes_system_turns(model) is system
    assert takes_adaptive_thinking(model) is adaptive
