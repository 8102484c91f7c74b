"""The tables have a row for each feature, and agree with one another."""

from dragoman.chat import ChatRequest
from dragoman.dialects.ollama import DIALECT, GENERATE
from dragoman.dialects.ollama.tables import HINTS, OPTIONS, REASONS, THINK
from dragoman.dialects.table import load_dialect
from dragoman.features import FEATURES, REPLY_FEATURES, Refused
from dragoman.options import EFFORTS


def test_every_feature_has_a_row() -> None:
    for dialect in (DIALECT, GENERATE):
        assert set(dialect.says) == set(FEATURES)
        assert set(dialect.tells) == set(REPLY_FEATURES)


def test_generate_says_no_more_than_chat() -> None:
    for name, how in DIALECT.says.items():
        assert not isinstance(how, Refused) or isinstance(GENERATE.says[name], Refused)


def test_every_effort_has_a_word_and_every_reason_too() -> None:
    assert set(THINK) == set(EFFORTS)
    assert {"stop", "length", "content_filter"} == set(REASONS.values())


def test_options_are_those_of_a_chat() -> None:
    assert set(OPTIONS) <= set(ChatRequest.__struct_fields__)
    assert not set(OPTIONS.values()) & HINTS


def test_both_are_found_by_their_names() -> None:
    assert load_dialect("ollama") is DIALECT
    assert load_dialect("ollama_generate") is GENERATE
