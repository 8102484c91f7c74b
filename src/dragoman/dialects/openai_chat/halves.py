"""Both halves of OpenAI Chat Completions, put together."""

from dragoman.dialects.dialect import Dialect
from dragoman.dialects.openai_chat.failures import decode_failure, encode_failure
from dragoman.dialects.openai_chat.reply_decoder import decode_reply
from dragoman.dialects.openai_chat.reply_encoder import encode_reply
from dragoman.dialects.openai_chat.request_decoder import decode_request
from dragoman.dialects.openai_chat.request_encoder import encode_request
from dragoman.dialects.openai_chat.stream_decoder import Decoder
from dragoman.dialects.openai_chat.stream_encoder import Encoder
from dragoman.dialects.openai_chat.tables import NAME, SAYS, TELLS

__all__ = ["DIALECT"]

DIALECT = Dialect(
    name=NAME,
    about="OpenAI Chat Completions, as most services and local servers speak it",
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
