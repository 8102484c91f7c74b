"""Embeddings in OpenAI's form: what a request may say, and replies in numbers and in base64."""

import base64
import struct
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.dialects.openai_chat.embeddings import (
    decode_embedding_reply,
    decode_embedding_request,
    encode_embedding_reply,
    encode_embedding_request,
)
from dragoman.embeddings import EmbeddingReply, EmbeddingRequest
from dragoman.errors import ChatError, InputError, ResponseError

VECTORS = ((0.5, -0.25), (1.0, 0.0))
TWO = EmbeddingRequest(model="m", inputs=("a", "b"))


def decode(**fields: object) -> EmbeddingRequest:
    return decode_embedding_request(msgspec.json.encode({"model": "m", "input": "a", **fields}))


@pytest.mark.parametrize(
    ("given", "inputs"),
    [
        ("one", ("one",)),
        (["one", "two"], ("one", "two")),
        ([1, 2, 3], ((1, 2, 3),)),
        ([[1], [2, 3]], ((1,), (2, 3))),
    ],
)
def test_an_input_is_a_text_or_tokens_or_a_list_of_them(given: object, inputs: object) -> None:
    assert decode(input=given).inputs == inputs


def test_every_field_is_read_and_others_are_kept() -> None:
    found = decode(dimensions=8, encoding_format="base64", user="u", input_type="query")

    assert found == EmbeddingRequest(
        model="m",
        inputs=("a",),
        dimensions=8,
        encoding="base64",
        user="u",
        native={"input_type": "query"},
    )


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"input": ""}, "input"),
        ({"input": None}, "input"),
        ({"input": []}, "input"),
        ({"input": {}}, "input"),
        ({"input": ["a", ""]}, "input[1]"),
        ({"input": ["a", 3]}, "input[1]"),
        ({"input": [3, "a"]}, "input[1]"),
        ({"input": [[]]}, "input[0]"),
        ({"input": [[-1]]}, "input[0][0]"),
        ({"model": ""}, "model"),
        ({"dimensions": 0}, "dimensions"),
        ({"encoding_format": "int8"}, "encoding_format"),
        ({"user": 3}, "user"),
    ],
)
def test_what_is_wrong_is_named(fields: dict[str, object], place: str) -> None:
    with pytest.raises(InputError) as caught:
        decode(**fields)

    assert caught.value.place == place


def test_a_request_asks_for_numbers() -> None:
    full = decode(dimensions=8, encoding_format="base64", user="u", input_type="query")

    assert encode_embedding_request(TWO) == {
        "model": "m",
        "input": ("a", "b"),
        "encoding_format": "float",
    }
    assert encode_embedding_request(full) == {
        "input_type": "query",
        "model": "m",
        "input": ("a",),
        "encoding_format": "float",
        "dimensions": 8,
        "user": "u",
    }


@pytest.mark.parametrize("encoding", ["float", "base64"])
def test_a_reply_that_we_make_is_read_again(encoding: Any) -> None:
    asked = msgspec.structs.replace(TWO, encoding=encoding)
    reply = EmbeddingReply(model="m", vectors=VECTORS, input_tokens=2)

    assert decode_embedding_reply(encode_embedding_reply(reply, asked), asked) == reply


def test_base64_is_that_of_32_bit_floats() -> None:
    asked = msgspec.structs.replace(TWO, encoding="base64")
    body = encode_embedding_reply(EmbeddingReply(model="m", vectors=VECTORS), asked)

    found = msgspec.json.decode(body)
    assert (
        found["data"][0]["embedding"] == base64.b64encode(struct.pack("<2f", 0.5, -0.25)).decode()
    )
    assert found["usage"] == {"prompt_tokens": 0, "total_tokens": 0}


def test_a_number_too_large_for_base64_is_an_error() -> None:
    asked = msgspec.structs.replace(TWO, encoding="base64")

    with pytest.raises(ResponseError, match="32 bits"):
        encode_embedding_reply(EmbeddingReply(model="m", vectors=((1e300,),)), asked)


def test_the_index_gives_the_order_where_every_row_has_one() -> None:
    rows = [{"index": 1, "embedding": [2]}, {"index": 0, "embedding": [1]}]
    without = [{"embedding": [2]}, {"index": 0, "embedding": [1]}]

    ordered = decode_embedding_reply(msgspec.json.encode({"data": rows}), TWO)
    as_it_came = decode_embedding_reply(msgspec.json.encode({"data": without}), TWO)

    assert (ordered.model, ordered.vectors) == ("m", ((1.0,), (2.0,)))
    assert as_it_came.vectors == ((2.0,), (1.0,))


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        b"{}",
        b'{"data": []}',
        b'{"data": [{"embedding": "*"}, {"embedding": "*"}]}',
        b'{"data": [{"embedding": "AAA="}, {"embedding": "AAA="}]}',
        b'{"data": [{"embedding": "\xff"}, {"embedding": []}]}',
    ],
)
def test_what_is_no_list_of_embeddings_is_an_error(body: bytes) -> None:
    with pytest.raises(ResponseError):
        decode_embedding_reply(body, TWO)


@given(st.binary(max_size=60) | st.sampled_from([b"[" * 9000, b'{"data":' + b"[" * 9000]))
def test_any_bytes_are_a_value_or_a_chat_error(body: bytes) -> None:
    for decode_any in (
        lambda: decode_embedding_request(body),
        lambda: decode_embedding_reply(body, TWO),
    ):
        try:
            decode_any()
        except ChatError:
            continue
