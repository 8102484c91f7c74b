"""What one service is, as data: where it is, its key, and how it differs from its dialect.

A quirk is a field of the row, so a new service needs no code.
"""

from collections.abc import Mapping
from typing import Literal

import msgspec

from dragoman.account import Setting
from dragoman.features import How

__all__ = ["KeyPlace", "Service"]

KeyPlace = Literal["Authorization", "api-key", "x-api-key", "x-goog-api-key"]


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """One row.

    Attributes:
        name: as callers write it before the slash.
        title: as its makers write it.
        base_url: what its official SDK takes, with the version in its path; empty if each
            installation has its own.
        docs: the page that this row was made from.
        key_variable: the environment variable that by convention holds its key; empty if there
            is none.
        key_needed: whether it answers no one without a key; of `key_variable`, if that is set.
        key_place: the header that the key goes into; `Authorization` is `Bearer KEY`.
        dialect: what it speaks.
        says: what it can say otherwise than its dialect. With `reasoning` as a hint the thoughts
            of earlier turns are not sent back.
        takes: options of a chat that it has a field for and its dialect has not; they go there as
            they are.
        renames: fields of the dialect's request, and options that it `takes`, that have another
            name here; a dot leads into an object.
        words: values of such a field that are said in other fields here: for each the fields that
            stand for it.
        leaves_out: fields of the dialect's request that it does not bear.
        adds: fields that every request has besides; what the caller says wins.
        prefill_mark: the field that tells of an assistant's last message that the answer goes on
            with it; empty if it is understood without.
        headers: headers that every request has besides.
        models_path: where its models are listed, below `base_url`; empty if it does not tell.
        prices: what `genai-prices` calls it; empty if it is not there.
        settings: what an installation has to say besides.
        note: what a user should know, in one or two sentences.
    """

    name: str
    title: str
    base_url: str
    docs: str
    key_variable: str = ""
    key_needed: bool = True
    key_place: KeyPlace = "Authorization"
    dialect: str = "openai_chat"
    says: Mapping[str, How] = {}
    takes: frozenset[str] = frozenset()
    renames: Mapping[str, str] = {}
    words: Mapping[str, Mapping[str, Mapping[str, object]]] = {}
    leaves_out: frozenset[str] = frozenset()
    adds: Mapping[str, object] = {}
    prefill_mark: str = ""
    headers: Mapping[str, str] = {}
    models_path: str = "/models"
    prices: str = ""
    settings: Mapping[str, Setting] = {}
    note: str = ""
