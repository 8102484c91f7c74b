"""Dragoman: any dialect in, any provider out, streaming, and honest about what happened.

Every public name can be imported from here. Names are looked up when they are first used
(PEP 562), so that `import dragoman` loads no HTTP client, no web framework and no command line.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dragoman.account import Account as Account
    from dragoman.account import Secret as Secret
    from dragoman.catalog import ModelCard as ModelCard
    from dragoman.chat import ChatReply as ChatReply
    from dragoman.chat import ChatRequest as ChatRequest
    from dragoman.client import Client as Client
    from dragoman.config import Config as Config
    from dragoman.config import load_config as load_config
    from dragoman.embeddings import EmbeddingReply as EmbeddingReply
    from dragoman.errors import (
        AuthError as AuthError,
    )
    from dragoman.errors import (
        ChallengeError as ChallengeError,
    )
    from dragoman.errors import (
        ChatError as ChatError,
    )
    from dragoman.errors import (
        ContentFilterError as ContentFilterError,
    )
    from dragoman.errors import (
        HandshakeError as HandshakeError,
    )
    from dragoman.errors import (
        InputError as InputError,
    )
    from dragoman.errors import (
        MissingRequirementsError as MissingRequirementsError,
    )
    from dragoman.errors import (
        ModelNotSupportedError as ModelNotSupportedError,
    )
    from dragoman.errors import (
        PaymentRequiredError as PaymentRequiredError,
    )
    from dragoman.errors import (
        RateLimitError as RateLimitError,
    )
    from dragoman.errors import (
        ResponseError as ResponseError,
    )
    from dragoman.errors import (
        ResponseStatusError as ResponseStatusError,
    )
    from dragoman.errors import (
        StreamTruncatedError as StreamTruncatedError,
    )
    from dragoman.errors import (
        TimeoutError as TimeoutError,
    )
    from dragoman.errors import (
        TransportError as TransportError,
    )
    from dragoman.event_stream import EventStream as EventStream
    from dragoman.events import (
        LEGAL_NEXT as LEGAL_NEXT,
    )
    from dragoman.events import (
        Event as Event,
    )
    from dragoman.events import (
        Finished as Finished,
    )
    from dragoman.events import (
        Grammar as Grammar,
    )
    from dragoman.events import (
        LogprobsReported as LogprobsReported,
    )
    from dragoman.events import (
        NativeReported as NativeReported,
    )
    from dragoman.events import (
        OtherChoice as OtherChoice,
    )
    from dragoman.events import (
        ReasoningDelta as ReasoningDelta,
    )
    from dragoman.events import (
        ReasoningSigned as ReasoningSigned,
    )
    from dragoman.events import (
        RefusalDelta as RefusalDelta,
    )
    from dragoman.events import (
        Started as Started,
    )
    from dragoman.events import (
        TextDelta as TextDelta,
    )
    from dragoman.events import (
        TokenLogprob as TokenLogprob,
    )
    from dragoman.events import (
        ToolCallDelta as ToolCallDelta,
    )
    from dragoman.events import (
        ToolCallStarted as ToolCallStarted,
    )
    from dragoman.events import (
        Usage as Usage,
    )
    from dragoman.events import (
        UsageReported as UsageReported,
    )
    from dragoman.gathered import collect as collect
    from dragoman.in_process import anthropic as anthropic
    from dragoman.in_process import openai as openai
    from dragoman.messages import (
        Audio as Audio,
    )
    from dragoman.messages import (
        Document as Document,
    )
    from dragoman.messages import (
        Image as Image,
    )
    from dragoman.messages import (
        Message as Message,
    )
    from dragoman.messages import (
        Messages as Messages,
    )
    from dragoman.messages import (
        Reasoning as Reasoning,
    )
    from dragoman.messages import (
        Refusal as Refusal,
    )
    from dragoman.messages import (
        Text as Text,
    )
    from dragoman.messages import (
        ToolCall as ToolCall,
    )
    from dragoman.messages import (
        ToolResult as ToolResult,
    )
    from dragoman.native import Native as Native
    from dragoman.providers.base import (
        AsyncGeneratorProvider as AsyncGeneratorProvider,
    )
    from dragoman.providers.base import (
        AsyncProvider as AsyncProvider,
    )
    from dragoman.providers.base import (
        AsyncResult as AsyncResult,
    )
    from dragoman.providers.base import (
        HttpProvider as HttpProvider,
    )
    from dragoman.providers.base import (
        Provider as Provider,
    )
    from dragoman.providers.base import (
        ProviderModelMixin as ProviderModelMixin,
    )
    from dragoman.providers.prompt import format_prompt as format_prompt
    from dragoman.providers.web.aichat import Aichat as Aichat
    from dragoman.providers.web.chat_gptt import ChatGptt as ChatGptt
    from dragoman.providers.web.chatgpt_free import ChatgptFree as ChatgptFree
    from dragoman.providers.web.fake_gpt import FakeGpt as FakeGpt
    from dragoman.sessions.cookies import get_cookies as get_cookies
    from dragoman.sessions.cookies import set_cookies as set_cookies
    from dragoman.structured import ValuedReply as ValuedReply
    from dragoman.sync import SyncClient as SyncClient
    from dragoman.tool_run import ToolRun as ToolRun
    from dragoman.tools import (
        JsonObject as JsonObject,
    )
    from dragoman.tools import (
        JsonSchema as JsonSchema,
    )
    from dragoman.tools import (
        Tool as Tool,
    )
    from dragoman.tools import (
        ToolChoice as ToolChoice,
    )
    from dragoman.transport.stream_session import (
        StreamSession as StreamSession,
    )
    from dragoman.transport.stream_session import (
        raise_for_status as raise_for_status,
    )

__version__ = "0.1.0"

__all__ = [
    "LEGAL_NEXT",
    "Account",
    "Aichat",
    "AsyncGeneratorProvider",
    "AsyncProvider",
    "AsyncResult",
    "Audio",
    "AuthError",
    "ChallengeError",
    "ChatError",
    "ChatGptt",
    "ChatReply",
    "ChatRequest",
    "ChatgptFree",
    "Client",
    "Config",
    "ContentFilterError",
    "Document",
    "EmbeddingReply",
    "Event",
    "EventStream",
    "FakeGpt",
    "Finished",
    "Grammar",
    "HandshakeError",
    "HttpProvider",
    "Image",
    "InputError",
    "JsonObject",
    "JsonSchema",
    "LogprobsReported",
    "Message",
    "Messages",
    "MissingRequirementsError",
    "ModelCard",
    "ModelNotSupportedError",
    "Native",
    "NativeReported",
    "OtherChoice",
    "PaymentRequiredError",
    "Provider",
    "ProviderModelMixin",
    "RateLimitError",
    "Reasoning",
    "ReasoningDelta",
    "ReasoningSigned",
    "Refusal",
    "RefusalDelta",
    "ResponseError",
    "ResponseStatusError",
    "Secret",
    "Started",
    "StreamSession",
    "StreamTruncatedError",
    "SyncClient",
    "Text",
    "TextDelta",
    "TimeoutError",
    "TokenLogprob",
    "Tool",
    "ToolCall",
    "ToolCallDelta",
    "ToolCallStarted",
    "ToolChoice",
    "ToolResult",
    "ToolRun",
    "TransportError",
    "Usage",
    "UsageReported",
    "ValuedReply",
    "__version__",
    "anthropic",
    "collect",
    "format_prompt",
    "get_cookies",
    "load_config",
    "openai",
    "raise_for_status",
    "set_cookies",
]

_MODULES = {
    "dragoman.account": (
        "Account",
        "Secret",
    ),
    "dragoman.catalog": ("ModelCard",),
    "dragoman.chat": (
        "ChatReply",
        "ChatRequest",
    ),
    "dragoman.embeddings": ("EmbeddingReply",),
    "dragoman.gathered": ("collect",),
    "dragoman.native": ("Native",),
    "dragoman.tools": (
        "JsonObject",
        "JsonSchema",
        "Tool",
        "ToolChoice",
    ),
    "dragoman.client": ("Client",),
    "dragoman.event_stream": ("EventStream",),
    "dragoman.config": (
        "Config",
        "load_config",
    ),
    "dragoman.errors": (
        "AuthError",
        "ChallengeError",
        "ChatError",
        "ContentFilterError",
        "HandshakeError",
        "InputError",
        "MissingRequirementsError",
        "ModelNotSupportedError",
        "PaymentRequiredError",
        "RateLimitError",
        "ResponseError",
        "ResponseStatusError",
        "StreamTruncatedError",
        "TimeoutError",
        "TransportError",
    ),
    "dragoman.events": (
        "LEGAL_NEXT",
        "Event",
        "Finished",
        "Grammar",
        "LogprobsReported",
        "NativeReported",
        "OtherChoice",
        "ReasoningDelta",
        "ReasoningSigned",
        "RefusalDelta",
        "Started",
        "TextDelta",
        "TokenLogprob",
        "ToolCallDelta",
        "ToolCallStarted",
        "Usage",
        "UsageReported",
    ),
    "dragoman.in_process": (
        "anthropic",
        "openai",
    ),
    "dragoman.messages": (
        "Audio",
        "Document",
        "Image",
        "Message",
        "Messages",
        "Reasoning",
        "Refusal",
        "Text",
        "ToolCall",
        "ToolResult",
    ),
    "dragoman.providers.base": (
        "AsyncGeneratorProvider",
        "AsyncProvider",
        "AsyncResult",
        "HttpProvider",
        "Provider",
        "ProviderModelMixin",
    ),
    "dragoman.providers.prompt": ("format_prompt",),
    "dragoman.providers.web.aichat": ("Aichat",),
    "dragoman.providers.web.chat_gptt": ("ChatGptt",),
    "dragoman.providers.web.chatgpt_free": ("ChatgptFree",),
    "dragoman.providers.web.fake_gpt": ("FakeGpt",),
    "dragoman.sessions.cookies": (
        "get_cookies",
        "set_cookies",
    ),
    "dragoman.structured": ("ValuedReply",),
    "dragoman.sync": ("SyncClient",),
    "dragoman.tool_run": ("ToolRun",),
    "dragoman.transport.stream_session": (
        "StreamSession",
        "raise_for_status",
    ),
}
_HOME = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> object:
    module = _HOME.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(importlib.import_module(module), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
