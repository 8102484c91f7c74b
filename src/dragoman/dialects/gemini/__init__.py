"""Gemini: Google's Generative Language API, `generateContent` and `streamGenerateContent`.

The model and whether to stream stand in the address, and so does the form of a stream: server-sent
events with `alt=sse`, else a JSON list that comes in pieces, which is `ArrayEncoder`'s.
Sources: see `tables`.
"""

from dragoman.dialects.dialect import Dialect
from dragoman.dialects.gemini.failures import decode_failure, encode_failure
from dragoman.dialects.gemini.reply_encoder import encode_reply
from dragoman.dialects.gemini.request_decoder import decode_request
from dragoman.dialects.gemini.request_encoder import encode_request
from dragoman.dialects.gemini.stream_decoder import Decoder, decode_reply
from dragoman.dialects.gemini.stream_encoder import ArrayEncoder, Encoder
from dragoman.dialects.gemini.tables import ABOUT, NAME, SAYS, TELLS

__all__ = ["DIALECT", "ArrayEncoder"]

DIALECT = Dialect(
    name=NAME,
    about=ABOUT,
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
