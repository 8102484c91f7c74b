"""Ollama's embeddings: the request's form, and replies that are none."""

import pytest

from dragoman.dialects.ollama.embeddings import decode_embeddings, encode_embeddings
from dragoman.embeddings import EmbeddingReply, EmbeddingRequest
from dragoman.errors import ResponseError

ASKED = EmbeddingRequest(model="m", inputs=("a",), user="u")


def test_a_text_that_is_too_long_is_not_cut_in_silence() -> None:
    sized = EmbeddingRequest(model="m", inputs=("a",), dimensions=8)
    plain = {"model": "m", "input": ["a"], "truncate": False}

    assert encode_embeddings(ASKED, ["a"]) == plain
    assert encode_embeddings(sized, ["a"]) == {**plain, "dimensions": 8}


def test_vectors_what_was_counted_and_what_was_left_out() -> None:
    counted = decode_embeddings(b'{"model":"n","embeddings":[[1]],"prompt_eval_count":3}', ASKED)
    bare = decode_embeddings(b'{"embeddings":[[1]]}', ASKED)

    assert counted == EmbeddingReply(
        model="n", vectors=((1.0,),), input_tokens=3, dropped=("user",)
    )
    assert (bare.model, bare.input_tokens) == ("m", None)


@pytest.mark.parametrize("body", [b"", b"{}", b'{"embeddings":[]}', b'{"embeddings":[["x"]]}'])
def test_what_is_no_list_of_embeddings_is_an_error(body: bytes) -> None:
    with pytest.raises(ResponseError):
        decode_embeddings(body, ASKED)
