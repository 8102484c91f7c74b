"""Ollama's embeddings: the request's form, and replies that are none."""

import msgspec
import pytest

from dragoman.dialects.ollama.embeddings import (
    decode_embedding_request,
    decode_embeddings,
    decode_prompt_request,
    encode_embedding_reply,
    encode_embeddings,
    encode_prompt_reply,
)
from dragoman.embeddings import EmbeddingReply, EmbeddingRequest
from dragoman.errors import InputError, ResponseError

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


def test_what_a_program_asks_is_read_and_its_engines_settings_are_hints() -> None:
    one = decode_embedding_request(b'{"model":"m","input":"a"}')
    all_of_it = decode_embedding_request(
        b'{"model":"m","input":["a","b"],"dimensions":8,"truncate":true,"options":{"num_ctx":1}}'
    )
    older = decode_prompt_request(b'{"model":"m","prompt":"a","keep_alive":"5m"}')

    assert one == EmbeddingRequest(model="m", inputs=("a",))
    assert all_of_it == EmbeddingRequest(
        model="m", inputs=("a", "b"), dimensions=8, hints=("truncate", "options")
    )
    assert older == EmbeddingRequest(model="m", inputs=("a",), hints=("keep_alive",))
    assert all_of_it.left_out() == ("truncate", "options")


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (b'{"model":"m"}', "input"),
        (b'{"model":"m","input":[]}', "input"),
        (b'{"model":"m","input":["a",""]}', "input[1]"),
        (b'{"model":"m","input":1}', "input"),
        (b'{"input":"a"}', "model"),
        (b'{"model":"m","input":"a","other":1}', "other"),
        (b'{"model":"m","input":"a","dimensions":0}', "dimensions"),
        (b"[]", None),
    ],
)
def test_what_is_wrong_is_named(body: bytes, place: str | None) -> None:
    with pytest.raises(InputError) as caught:
        decode_embedding_request(body)

    assert caught.value.place == place


def test_the_older_form_has_a_prompt_and_no_size() -> None:
    with pytest.raises(InputError, match="prompt: is missing"):
        decode_prompt_request(b'{"model":"m"}')
    with pytest.raises(InputError, match="dimensions: only Ollama has such a field"):
        decode_prompt_request(b'{"model":"m","prompt":"a","dimensions":8}')


def test_vectors_are_told_in_both_forms() -> None:
    reply = EmbeddingReply(model="m", vectors=((0.5,), (1.0,)), input_tokens=3)
    uncounted = EmbeddingReply(model="m", vectors=((0.5,),))

    told = [encode_embedding_reply(reply), encode_embedding_reply(uncounted)]
    assert [msgspec.json.decode(each) for each in told] == [
        {"model": "m", "embeddings": [[0.5], [1.0]], "prompt_eval_count": 3},
        {"model": "m", "embeddings": [[0.5]]},
    ]
    assert encode_prompt_reply(reply) == b'{"embedding":[0.5]}'
