from typing import get_args

from anthropic.types import RefusalStopDetails, StopReason

import dragoman.dialects.anthropic_messages as package
from dragoman.dialects.anthropic_messages.tables import CATEGORIES, REASONS, SAYS, TELLS
from dragoman.dialects.table import load_dialect
from dragoman.features import FEATURES, REPLY_FEATURES, Hint


def test_every_feature_of_a_chat_and_of_an_answer_has_a_row() -> None:
    assert SAYS.keys() == FEATURES.keys()
    assert TELLS.keys() == REPLY_FEATURES.keys()


def test_only_what_changes_no_question_is_a_hint() -> None:
    hints = {name for name, how in SAYS.items() if isinstance(how, Hint)}

    assert hints == {
        "image_detail",
        "seed",
        "presence_penalty",
        "frequency_penalty",
        "json_schema_name",
    }


def test_the_words_are_those_of_the_official_types() -> None:
    category = RefusalStopDetails.model_fields["category"].annotation

    assert frozenset(REASONS) == frozenset(get_args(StopReason))
    assert frozenset(get_args(get_args(category)[0])) == CATEGORIES


def test_the_dialect_is_found_by_its_name() -> None:
    assert load_dialect("anthropic_messages") is package.DIALECT
