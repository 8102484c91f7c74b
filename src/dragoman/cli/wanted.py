"""What `--schema` says that an answer must be, and whether it is.

A Python type is checked whole. Of a plain JSON schema the service is told; here the answer must be
JSON, and nothing more is looked at.
"""

from pathlib import Path
from typing import Any

import msgspec

from dragoman.chat import ChatReply
from dragoman.cli.attached import read_bounded
from dragoman.cli.named import load_named
from dragoman.errors import ContentFilterError, InputError, ResponseError, excerpt
from dragoman.structured import decode_output, valued
from dragoman.tools import Output

__all__ = ["Wanted", "decode_schema"]

MAX_SCHEMA_BYTES = 1_000_000
_DAMAGED = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class Wanted(msgspec.Struct, frozen=True):
    """The form of an answer: what a request says of it, and the Python type, if it is one."""

    output: Output
    kind: Any = None

    def check(self, reply: ChatReply) -> None:
        """`ResponseError` if the answer, or one of several, is something else."""
        for one in (reply, *reply.others):
            self._check(one)

    def _check(self, reply: ChatReply) -> None:
        try:
            if not reply.text and reply.refusal:
                raise ContentFilterError("the model declined to answer")
            if self.kind is not None:
                valued(reply, self.kind)
            else:
                _check_json(reply)
        except ContentFilterError:
            raise
        except ResponseError as error:
            error.hint = "Ask again, or another model with -m"
            raise


def decode_schema(given: str) -> Wanted:
    """What the option says: JSON, a file with JSON, or `MODULE:NAME`; `InputError` otherwise."""
    if given.lstrip().startswith("{"):
        return Wanted(decode_output(_schema("--schema", given)))
    path = Path(given).expanduser()
    if path.is_file():
        return Wanted(decode_output(_schema(str(path), read_bounded(path, MAX_SCHEMA_BYTES))))
    if ":" not in given:
        raise InputError(
            f"--schema {given}: there is no such file; give one, a JSON schema, or MODULE:TYPE"
        )
    named = load_named("--schema", given)
    return Wanted(decode_output(named), None if isinstance(named, dict) else named)


def _schema(place: str, text: str | bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except _DAMAGED as exc:
        raise InputError(f"{place}: expected a JSON schema, which is an object: {exc}") from exc


def _check_json(reply: ChatReply) -> None:
    try:
        msgspec.json.decode(reply.text)
    except _DAMAGED as exc:
        raise ResponseError(f"the answer is no JSON: {exc}: {excerpt(reply.text)!r}") from exc
