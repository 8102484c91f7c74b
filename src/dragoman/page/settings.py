"""What a conversation is held with: its model, its system text, its options."""

from typing import Annotated, Any, Literal

import msgspec

from dragoman.page.asked import check_options
from dragoman.store.rows import Conversation

__all__ = ["Changes", "Settings", "merged", "settings_of"]

_Json = dict[str, Any]
_Models = Annotated[list[str], msgspec.Meta(max_length=4)]


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of a conversation."""

    model: str = ""
    system: str = ""
    options: _Json = {}
    kind: Literal["chat", "compare"] = "chat"
    models: _Models = []


class Changes(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What of them is to be another; the rest stays."""

    model: str | msgspec.UnsetType = msgspec.UNSET
    system: str | msgspec.UnsetType = msgspec.UNSET
    options: _Json | msgspec.UnsetType = msgspec.UNSET
    kind: Literal["chat", "compare"] | msgspec.UnsetType = msgspec.UNSET
    models: _Models | msgspec.UnsetType = msgspec.UNSET


def settings_of(conversation: Conversation) -> Settings:
    """Those that it was kept with."""
    return msgspec.convert(conversation.settings, Settings)


def merged(kept: _Json, changes: Changes) -> _Json:
    """The settings with these changes; `InputError` names an option that is wrong."""
    changed: _Json = msgspec.to_builtins(changes)
    if "options" in changed:
        changed["options"] = check_options(changed["options"])
    settings = msgspec.convert(kept | changed, Settings)
    return {name: getattr(settings, name) for name in Settings.__struct_fields__}
