"""A little of `scripts/fuzz` in every run, so that it never rots."""

import pytest

from tests import fuzz


def test_no_wound_makes_a_decoder_raise_what_it_must_not(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Any bytes give legal events or a `ChatError`; a million cases are for `scripts/fuzz`."""
    failed = fuzz.main(3000, seed=7)

    assert not failed, capsys.readouterr().out
