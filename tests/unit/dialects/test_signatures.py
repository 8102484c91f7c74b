"""Proofs keep the name of the dialect that made them, and come back to it unharmed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.dialects.signatures import foreign_or_own, own, sign
from dragoman.dialects.table import DIALECTS

NAMES = st.sampled_from(DIALECTS)
PROOFS = st.text(min_size=1)


@given(NAMES, PROOFS)
def test_a_proof_comes_back_as_its_service_gave_it(name: str, proof: str) -> None:
    assert own(name, sign(name, proof)) == proof


@given(NAMES, NAMES, PROOFS)
def test_a_proof_goes_through_another_dialect_as_one_text(
    maker: str, other: str, proof: str
) -> None:
    """Another face hands it out as it stands, and takes it back as such."""
    signed = sign(maker, proof)

    assert foreign_or_own(other, signed) == signed
    assert own(other, signed) == (proof if other == maker else None)


@pytest.mark.parametrize("signature", [None, "", "gemini", "gemini:", "ollama:x", ":x"])
def test_what_another_signed_or_nobody_is_not_sent(signature: str | None) -> None:
    assert own("gemini", signature) is None


@pytest.mark.parametrize("said", ["EqQB", "strange:EqQB", "ollama:", ":x", "ollama"])
def test_what_names_no_dialect_is_of_the_dialect_that_it_came_in(said: str) -> None:
    assert foreign_or_own("gemini", said) == f"gemini:{said}"
    assert own("gemini", foreign_or_own("gemini", said)) == said
