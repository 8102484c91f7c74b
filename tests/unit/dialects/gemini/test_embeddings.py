"""Gemini's embeddings: the request's form, and replies that are none."""

from typing import Any

import msgspec
import pytest

from dragoman.dialects.gemini.embeddings import (
    decode_batch_request,
    decode_embedding_request,
    decode_embeddings,
    encode_batch_reply,
    encode_embedding_reply,
    encode_embeddings,
)
from dragoman.embeddings import EmbeddingReply, EmbeddingRequest
from dragoman.errors import InputError, ResponseError

ASKED = EmbeddingRequest(model="m", inputs=("a",))


def test_each_text_is_a_request_with_the_model_in_it() -> None:
    sized = EmbeddingRequest(model="m", inputs=("a",), dimensions=8)
    one = {"model": "models/m", "content": {"parts": [{"text": "a"}]}}

    assert encode_embeddings(ASKED, "models/m", ["a"]) == {"requests": [one]}
    assert encode_embeddings(sized, "models/m", ["a"]) == {
        "requests": [{**one, "outputDimensionality": 8}]
    }


@pytest.mark.parametrize(
    ("usage", "tokens"),
    [(b"", None), (b',"usageMetadata":{"promptTokenCount":3}', 3), (b',"usageMetadata":{}', None)],
)
def test_vectors_and_what_was_counted(usage: bytes, tokens: int | None) -> None:
    reply = decode_embeddings(b'{"embeddings":[{"values":[0.5,1]}]' + usage + b"}", ["a"])

    assert [vector.values for vector in reply.embeddings] == [(0.5, 1.0)]
    assert reply.tokens == tokens


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b'{"embeddings":[]}', b'{"embeddings":[{}]}', b'{"embeddings":[{"values":[]}]}'],
)
def test_what_is_no_list_of_embeddings_is_an_error(body: bytes) -> None:
    with pytest.raises(ResponseError):
        decode_embeddings(body, ["a"])


def one(*texts: str, **more: object) -> dict[str, Any]:
    return {"content": {"parts": [{"text": text} for text in texts]}, **more}


def batch(*requests: object) -> EmbeddingRequest:
    return decode_batch_request(msgspec.json.encode({"requests": requests}), "m")


def test_what_a_program_asks_is_read_in_both_spellings() -> None:
    single = decode_embedding_request(
        msgspec.json.encode(one("a", "b", output_dimensionality=8)), "models/m"
    )
    many = batch(
        one("a", model="models/other", taskType="RETRIEVAL_QUERY"),
        one("b", task_type="RETRIEVAL_DOCUMENT", title="T"),
    )

    assert single == EmbeddingRequest(model="m", inputs=("ab",), dimensions=8)
    assert many == EmbeddingRequest(model="m", inputs=("a", "b"), hints=("taskType", "title"))


@pytest.mark.parametrize(
    ("requests", "place"),
    [
        ([], "requests"),
        ([one("a"), {}], "requests[1].content"),
        ([one("a"), one("")], "requests[1].content.parts"),
        ([{"content": {"parts": [{"inlineData": {}}]}}], "requests[0].content.parts[0].text"),
        ([one("a"), one("b", outputDimensionality=8)], "requests[1]"),
        ([one("a", embedContentConfig={})], "requests[0].embedContentConfig"),
    ],
)
def test_what_is_wrong_is_named(requests: list[object], place: str) -> None:
    with pytest.raises(InputError) as caught:
        batch(*requests)

    assert caught.value.place == place


def test_vectors_are_told_in_both_forms() -> None:
    reply = EmbeddingReply(model="m", vectors=((0.5,), (1.0,)), input_tokens=3)
    uncounted = EmbeddingReply(model="m", vectors=((0.5,),))

    assert msgspec.json.decode(encode_batch_reply(reply)) == {
        "embeddings": [{"values": [0.5]}, {"values": [1.0]}],
        "usageMetadata": {"promptTokenCount": 3},
    }
    assert encode_embedding_reply(uncounted) == b'{"embedding":{"values":[0.5]}}'
