"""The Anthropic Messages API, both halves.

Source: Claude API docs, API version 2023-06-01, and the types of the official SDK 2.12.0, read
2026-11-21. `POST /v1/messages/count_tokens` takes the same request, without a limit.
"""

from dragoman.dialects.anthropic_messages.failures import decode_failure, encode_failure
from dragoman.dialects.anthropic_messages.reply_decoder import decode_reply
from dragoman.dialects.anthropic_messages.reply_encoder import encode_reply
from dragoman.dialects.anthropic_messages.request_decoder import decode_request
from dragoman.dialects.anthropic_messages.request_encoder import encode_request
from dragoman.dialects.anthropic_messages.stream_decoder import StreamDecoder
from dragoman.dialects.anthropic_messages.stream_encoder import StreamEncoder
from dragoman.dialects.anthropic_messages.tables import NAME, SAYS, TELLS
from dragoman.dialects.dialect import Dialect

__all__ = ["DIALECT"]

DIALECT = Dialect(
    name=NAME,
    about="Anthropic Messages, POST /v1/messages",
    says=SAYS,
    tells=TELLS,
    encode_request=encode_request,
    decode_reply=decode_reply,
    decoder=StreamDecoder,
    decode_failure=decode_failure,
    decode_request=decode_request,
    encode_reply=encode_reply,
    encoder=StreamEncoder,
    encode_failure=encode_failure,
)
