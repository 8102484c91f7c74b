"""The tables have a row for each feature, and their words are of the middle's."""

from typing import get_args

import pytest

from dragoman.dialects import openai_chat
from dragoman.dialects.openai_chat import DIALECT
from dragoman.dialects.openai_chat.tables import FINISH_REASONS, FINISH_WORDS, NAME
from dragoman.dialects.table import load_dialect
from dragoman.events import FinishReason
from dragoman.features import FEATURES, REPLY_FEATURES, Hint, Refused


def test_every_feature_has_a_row() -> None:
    assert DIALECT.says.keys() == FEATURES.keys()
    assert DIALECT.tells.keys() == REPLY_FEATURES.keys()


@pytest.mark.parametrize("name", ["stop", "max_tokens", "n", "logprobs", "tools", "tool_choice"])
def test_what_changes_the_answer_is_never_left_out(name: str) -> None:
    assert not isinstance(DIALECT.says[name], Hint)


def test_a_refusal_says_why() -> None:
    refusals = [how for how in DIALECT.says.values() if isinstance(how, Refused)]

    assert refusals
    assert all(how.why for how in refusals)


def test_every_reason_has_its_word() -> None:
    assert FINISH_WORDS.keys() == set(get_args(FinishReason))
    assert all(reason in words for reason, words in FINISH_WORDS.items())
    assert all(FINISH_REASONS[reason] == reason for reason in FINISH_WORDS)


def test_the_dialect_is_found_by_its_name() -> None:
    assert load_dialect(NAME) is DIALECT


def test_the_package_has_no_other_name() -> None:
    with pytest.raises(AttributeError, match="no attribute 'DIALEKT'"):
        getattr(openai_chat, "DIALEKT")  # noqa: B009 - the claim
