"""A TOML file whose complaints name file and line."""

from pathlib import Path

import pytest

from dragoman.config_file import ConfigFile
from dragoman.errors import InputError

TEXT = """\
model = "echo"  # 1

[providers.one]
api_key = "x"
cookies = { sid = "1", "odd.name" = "2" }

[ providers . "two words" ]  # 7
'base_url' = 7
limits.idle_s = 1
note = '''
key = not a key
'''

providers.three.idle_s = 3
[[list]]
a = 1
[[list]]
a = 2
"""


def file(tmp_path: Path, text: str | bytes = TEXT) -> ConfigFile:
    path = tmp_path / "dragoman.toml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return ConfigFile(path)


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        (("model",), 1),
        (("providers", "one"), 3),
        (("providers", "one", "api_key"), 4),
        (("providers", "one", "cookies"), 5),
        (("providers", "one", "cookies", "odd.name"), 5),
        (("providers", "one", "unknown"), 3),
        (("providers", "two words", "base_url"), 8),
        (("providers", "two words", "limits", "idle_s"), 9),
        (("list",), 15),
        (("list", "1", "a"), 16),
        (("list", "2", "a"), 18),
        (("list", "2", "b"), 17),
        (("nowhere",), 1),
        (("providers", "two words", "limits"), 9),
    ],
)
def test_a_complaint_names_the_line_of_its_key(
    tmp_path: Path, keys: tuple[str, ...], line: int
) -> None:
    error = file(tmp_path).error(keys, "expected more")

    assert str(error) == f"{tmp_path}/dragoman.toml:{line}: {'.'.join(keys)}: expected more"


def test_lines_are_counted_as_an_editor_does(tmp_path: Path) -> None:
    config = file(tmp_path, "# one\u2028line\u0085only\r\nmodel = 7\r\n")

    assert ":2: model" in str(config.error(("model",), "expected text"))


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    assert file(tmp_path, b"\xef\xbb\xbfmodel = 'x'").tables == {"model": "x"}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("model = \n", 1),
        ("a = 1\nb = = 2\n", 2),
        ("a = 1\n\n[unfinished", 3),
        ('a = """\nnever\nended', 3),
        ("a = 1\na = 2\n", 2),
        ("a = " + "[" * 5000, 1),
    ],
)
def test_what_is_no_toml_is_said_with_its_line(tmp_path: Path, text: str, line: int) -> None:
    with pytest.raises(InputError, match=f"dragoman.toml:{line}: not TOML: "):
        file(tmp_path, text)


def test_what_is_no_text_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read: it is not UTF-8"):
        file(tmp_path, b"model = '\xff'")


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.toml: cannot be read: No such file"):
        ConfigFile(tmp_path / "none.toml")
    with pytest.raises(InputError, match="cannot be read: Is a directory"):
        ConfigFile(tmp_path)
