"""Every dialect by its name, and what each of them must have."""

import subprocess
import sys

import pytest

from dragoman.dialects.table import DIALECTS, load_dialect
from dragoman.errors import InputError
from dragoman.features import FEATURES, REPLY_FEATURES


@pytest.mark.parametrize("name", DIALECTS)
def test_a_dialect_has_its_name_and_a_row_for_every_feature(name: str) -> None:
    dialect = load_dialect(name)

    assert dialect.name == name
    assert dialect.about
    assert sorted(dialect.says) == sorted(FEATURES)
    assert sorted(dialect.tells) == sorted(REPLY_FEATURES)


@pytest.mark.parametrize("name", ["openai", "", "__init__", "table", "../x"])
def test_an_unknown_dialect_is_named_with_those_that_there_are(name: str) -> None:
    with pytest.raises(InputError, match=r"unknown dialect .*; known: openai_chat, openai_resp"):
        load_dialect(name)


def test_a_program_pays_only_for_the_dialects_that_it_uses() -> None:
    program = (
        "import sys\n"
        "from dragoman.dialects.table import load_dialect\n"
        "load_dialect('gemini')\n"
        "print([name for name in sys.modules if name.startswith('dragoman.dialects.oll')])"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"
