"""The head of a GGUF file: what is read of it, and that no file can do harm."""

import struct
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dragoman.errors import InputError
from dragoman.providers.local.gguf import GgufHead, read_head

STRING, ARRAY, UINT32, FLOAT32, BOOL, UINT64 = 8, 9, 4, 6, 7, 10


class Case(msgspec.Struct):
    name: str
    content: bytes
    words: str


def text(value: str) -> bytes:
    raw = value.encode()
    return struct.pack("<Q", len(raw)) + raw


def pair(key: str, kind: int, value: bytes) -> bytes:
    return text(key) + struct.pack("<I", kind) + value


def gguf(*pairs: bytes, version: int = 3, count: int | None = None) -> bytes:
    number = len(pairs) if count is None else count
    return b"GGUF" + struct.pack("<IQQ", version, 1, number) + b"".join(pairs)


def array(kind: int, count: int, values: bytes) -> bytes:
    return struct.pack("<IQ", kind, count) + values


NAMED = pair("general.architecture", STRING, text("llama"))
CONTEXT = pair("llama.context_length", UINT32, struct.pack("<I", 2048))
TEMPLATE = pair("tokenizer.chat_template", STRING, text("{{ messages }}"))
TOKENS = pair("tokenizer.tokens", ARRAY, array(STRING, 2, text("a") + text("bc")))
SCORES = pair("tokenizer.scores", ARRAY, array(FLOAT32, 2, bytes(8)))
FLAG = pair("some.flag", BOOL, b"\1")

REFUSALS = [
    Case("an empty file", b"", "not a GGUF file"),
    Case("a text", b"hello, world", "not a GGUF file"),
    Case("an older version", gguf(version=1), "unknown version 1"),
    Case("the other byte order", b"GGUF" + struct.pack(">IQQ", 3, 0, 0), "unknown version"),
    Case("only the magic", b"GGUF", "breaks off"),
    Case("a head that breaks off", gguf(NAMED, CONTEXT)[:-2], "breaks off"),
    Case("too many pairs", gguf(count=2**40), "too long"),
    Case("a key without end", gguf(struct.pack("<Q", 2**60), count=1), "key is too long"),
    Case("a text without end", gguf(pair("k", STRING, struct.pack("<Q", 2**60))), "more than"),
    Case("an array without end", gguf(pair("k", ARRAY, array(STRING, 2**60, b""))), "more than"),
    Case("an array of arrays", gguf(pair("k", ARRAY, array(ARRAY, 1, b""))), "unknown type 9"),
    Case("a type of the future", gguf(pair("k", 77, b"")), "unknown type 77"),
]


def test_the_head_says_what_the_model_is(tmp_path: Path) -> None:
    name = pair("general.name", STRING, text("Tiny"))
    path = tmp_path / "tiny.gguf"
    path.write_bytes(gguf(NAMED, name, FLAG, TOKENS, SCORES, CONTEXT, TEMPLATE))

    head = read_head(path)

    assert head == GgufHead(3, "llama", "Tiny", 2048, template="{{ messages }}")


def test_a_file_without_a_template_is_known(tmp_path: Path) -> None:
    path = tmp_path / "tiny.gguf"
    long_context = pair("llama.context_length", UINT64, struct.pack("<Q", 131072))
    path.write_bytes(gguf(NAMED, long_context, version=2))

    head = read_head(path)

    assert head == GgufHead(2, "llama", "", 131072)


@pytest.mark.parametrize("case", REFUSALS, ids=lambda case: case.name)
def test_what_is_no_model_is_said_in_one_line(case: Case, tmp_path: Path) -> None:
    path = tmp_path / "x.gguf"
    path.write_bytes(case.content)

    with pytest.raises(InputError) as caught:
        read_head(path)

    assert case.words in str(caught.value)
    assert str(path) in str(caught.value)
    assert caught.value.hint is not None


def test_a_file_that_is_not_there_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        read_head(tmp_path / "nothing.gguf")


@given(st.binary(max_size=200))
@example(b"\xff" * 64)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_give_a_head_or_an_input_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.gguf"
    path.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 0, 3) + content)

    try:
        head = read_head(path)
    except InputError:
        return

    assert head.version == 3
