"""Gemini's embeddings: the request's form, and replies that are none."""

import pytest

from dragoman.dialects.gemini.embeddings import decode_embeddings, encode_embeddings
from dragoman.embeddings import EmbeddingRequest
from dragoman.errors import ResponseError

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
