"""ChatGptt, a public chat page that ran AI Power; for one's own WordPress site today.

The site is gone: `working` is False, and `base_url` points to another one.
Source: the documentation of the class; AI Power plugin behaviour, observed
2026-11-21.
"""

from contextlib import aclosing
from typing import Any, ClassVar

from dragoman.messages import Messages
from dragoman.providers.base import AsyncResult
from dragoman.providers.web.ai_power import AiPower

__all__ = ["ChatGptt"]


class ChatGptt(AiPower):
    """A WordPress site with AI Power; it streams if its owner says so."""

    name = "chatgptt"
    url = "https://chatgptt.me"
    api_endpoint: ClassVar[str] = "https://chatgptt.me/wp-admin/admin-ajax.php"
    working = False
    supports_stream = True
    supports_system_message = True
    supports_message_history = True
    default_model = "gpt-4o"
    models: ClassVar[list[str]] = ["gpt-4", "gpt-4o", "gpt-4o-mini"]

    @classmethod
    async def create_async_generator(
        cls, model: str, messages: Messages, proxy: str | None = None, **kwargs: Any
    ) -> AsyncResult:
        """The answer's deltas; see the base class.

        Keywords are those of `KEYWORDS` and `SETTINGS`; the options of a chat are accepted and
        not sent.
        """
        async with aclosing(cls._texts(model, messages, {"proxy": proxy, **kwargs})) as texts:
            async for text in texts:
                yield text
