"""ChatgptFree, a public chat page that ran AI Power; for one's own WordPress site today.

The site closed in November 2024: `working` is False, and `base_url` points to another one.
Source: the documentation of the class; AI Power plugin behaviour, observed
2026-11-21.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, ClassVar

from dragoman.messages import Messages
from dragoman.providers.web.ai_power import AiPower

__all__ = ["ChatgptFree"]


class ChatgptFree(AiPower):
    """A WordPress site with AI Power, usually streaming."""

    name = "chatgptfree"
    url = "https://chatgptfree.ai"
    working = False
    default_model = "gpt-4o-mini-2024-07-18"
    models: ClassVar[list[str]] = [default_model]
    model_aliases: ClassVar[dict[str, str]] = {"gpt-4o-mini": default_model}
    # For code that looks at them; the session store keeps what they held.
    _post_id: ClassVar[str | None] = None
    _nonce: ClassVar[str | None] = None

    @classmethod
    async def create_async_generator(
        cls,
        model: str,
        messages: Messages,
        proxy: str | None = None,
        timeout: int = 120,  # noqa: ASYNC109  # the documented signature; a limit on silence
        cookies: dict[str, str] | None = None,
        **kwargs: Any,
    ) -> AsyncGenerator[str, None]:
        """The answer's deltas; see the base class.

        `timeout` limits silence and connecting, in seconds, not the whole answer. Other keywords
        are those of `KEYWORDS` and `SETTINGS`; the options of a chat are accepted and not sent.
        """
        keywords = {"proxy": proxy, "timeout": timeout, "cookies": cookies, **kwargs}
        async with aclosing(cls._texts(model, messages, keywords)) as texts:
            async for text in texts:
                yield text
