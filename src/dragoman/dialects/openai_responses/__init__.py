"""OpenAI Responses: both halves.

A conversation is items: messages, thoughts, calls and results, each on its own. The client half
asks the service to keep nothing, so that every request tells the whole conversation.
Source: OpenAI API reference, "Responses", and the types of the package openai 3.54.0,
read 2026-11-21.
"""

from dragoman.dialects.dialect import Dialect
from dragoman.dialects.openai_responses.failures import decode_failure, encode_failure
from dragoman.dialects.openai_responses.reply_decoder import decode_reply
from dragoman.dialects.openai_responses.reply_encoder import encode_reply
from dragoman.dialects.openai_responses.request_decoder import decode_request
from dragoman.dialects.openai_responses.request_encoder import encode_request
from dragoman.dialects.openai_responses.stream_decoder import Decoder
from dragoman.dialects.openai_responses.stream_encoder import Encoder
from dragoman.dialects.openai_responses.tables import NAME, SAYS, TELLS

__all__ = ["DIALECT"]

DIALECT = Dialect(
    name=NAME,
    about="OpenAI's newer API: items of input and output, and thoughts that come back encrypted",
    says=SAYS,
    tells=TELLS,
    encode_request=encode_request,
    decode_reply=decode_reply,
    decoder=Decoder,
    decode_failure=decode_failure,
    decode_request=decode_request,
    encode_reply=encode_reply,
    encoder=Encoder,
    encode_failure=encode_failure,
)
