"""Ollama: its chat, and its older format, generate; both are read and told in the same way.

Source: docs.ollama.com (API reference) and the types of the package ollama 0.6.3, read 2026-11-21.
"""

from functools import partial

from dragoman.dialects.dialect import Dialect
from dragoman.dialects.ollama.failures import decode_failure, encode_failure
from dragoman.dialects.ollama.generate import decode_generate, encode_generate
from dragoman.dialects.ollama.reply_decoder import Decoder, decode_reply
from dragoman.dialects.ollama.reply_encoder import (
    ChatEncoder,
    GenerateEncoder,
    encode_chat_reply,
    encode_generate_reply,
)
from dragoman.dialects.ollama.request_decoder import decode_request
from dragoman.dialects.ollama.request_encoder import encode_request
from dragoman.dialects.ollama.tables import (
    GENERATE_NAME,
    GENERATE_SAYS,
    GENERATE_TELLS,
    NAME,
    SAYS,
    TELLS,
)

__all__ = ["DIALECT", "GENERATE"]

DIALECT = Dialect(
    name=NAME,
    about="Ollama's chat: JSON objects one a line, tool calls whole, images as bytes.",
    says=SAYS,
    tells=TELLS,
    encode_request=encode_request,
    decode_reply=partial(decode_reply, NAME),
    decoder=partial(Decoder, NAME),
    decode_failure=decode_failure,
    decode_request=decode_request,
    encode_reply=encode_chat_reply,
    encoder=ChatEncoder,
    encode_failure=encode_failure,
    media_type="application/x-ndjson",
)

GENERATE = Dialect(
    name=GENERATE_NAME,
    about="Ollama's older format: one prompt, perhaps with a system text and images; no tools.",
    says=GENERATE_SAYS,
    tells=GENERATE_TELLS,
    encode_request=encode_generate,
    decode_reply=partial(decode_reply, GENERATE_NAME),
    decoder=partial(Decoder, GENERATE_NAME),
    decode_failure=decode_failure,
    decode_request=decode_generate,
    encode_reply=encode_generate_reply,
    encoder=GenerateEncoder,
    encode_failure=encode_failure,
    media_type="application/x-ndjson",
)
