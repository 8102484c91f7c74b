"""The emulators of ChatgptFree and ChatGptt: WordPress with the plugin AI Power, set in two ways.

Rule: `/` and `/chat` are the page, `/wp-admin/admin-ajax.php` hands a request to the plugin by its
field `action`, the rest is a 404; any cookies are believed. ChatgptFree is dialect D2 and streams,
ChatGptt is D4 and does not, unless the scenario says otherwise.
Source: WordPress 6.1.9 with AI Power 1.8.79-2.4.71, behaviour observed 2026-11-21.
"""

from typing import ClassVar

from dragoman.emulators.ai_power_chat import fragment
from dragoman.emulators.ai_power_form import read_form
from dragoman.emulators.ai_power_modern import ModernPlugin
from dragoman.emulators.ai_power_modern_replies import error_events
from dragoman.emulators.ai_power_nonces import Salt
from dragoman.emulators.ai_power_plugin import Plugin
from dragoman.emulators.ai_power_prompt import Dialect
from dragoman.emulators.ai_power_stream import error_object
from dragoman.emulators.fault_shapes import ErrorEvent
from dragoman.emulators.service import Reply, Request, Service, html_reply
from dragoman.emulators.wordpress_knobs import WordPressKnobs

__all__ = ["ChatGptt", "ChatgptFree", "WordPress"]

_PAGES = {"/", "/chat", "/chat/"}
_AJAX = "/wp-admin/admin-ajax.php"


class WordPress(Service[WordPressKnobs]):
    """A site with AI Power; its name stands for a usual dialect and a usual stream option."""

    knobs_type = WordPressKnobs
    usual_dialect: ClassVar[Dialect]
    usually_streams: ClassVar[bool]

    def __init__(self) -> None:
        self._salt = Salt()

    def reset(self, knobs: WordPressKnobs) -> None:
        """A new scenario: quotas and talks start anew; a nonce that was good stays good."""
        dialect = knobs.dialect or self.usual_dialect
        streams = self.usually_streams if knobs.stream is None else knobs.stream
        self._plugin: Plugin | ModernPlugin
        if dialect in {Dialect.D5_FIRST, Dialect.D5, Dialect.D5_LATEST}:
            self._plugin = ModernPlugin(self._salt, knobs, dialect)
        else:
            self._plugin = Plugin(self._salt, dialect, streams=streams, knobs=knobs)

    def step(self, request: Request) -> str:
        """`page`, `chat`, `nonce` and `cache` (D5), `ajax` for another action, "" for the rest."""
        if request.path in _PAGES:
            return "page"
        if request.path != _AJAX:
            return ""
        return self._plugin.actions.get(read_form(request).request.get("action", ""), "ajax")

    def client_id(self, request: Request) -> str:
        """The visitor's client id, which D5 calls his session."""
        fields = read_form(request).request
        return fields.get("wpaicg_chat_client_id", fields.get("session_id", ""))

    def answer(self, request: Request, knobs: WordPressKnobs) -> Reply:
        """The page, what the plugin answers, or a 404."""
        match request.step:
            case "page":
                page = self._plugin.page(_site_url(request), request, knobs)
                return html_reply(page, chunked=True)
            case "":
                return self.error(404, "Page not found")
            case _ if request.method == "OPTIONS":
                foreign = request.headers.get("origin", _site_url(request)) != _site_url(request)
                return fragment(403 if foreign else 200, b"")
            case "ajax":
                return fragment(400, b"0")
            case _ if knobs.site_fault == "plugin_off":
                return fragment(400, b"0")
            case _:
                return self._plugin.answer(request, read_form(request), knobs)

    def error(self, status: int, message: str, code: str = "") -> Reply:
        """A page of the web server in front: WordPress has no form for an error status."""
        body = f"<h1>{status}</h1><p>{message}</p>"
        return html_reply(f"<!DOCTYPE html><html><body>{body}</body></html>", status)

    def error_event(self, error: ErrorEvent) -> bytes:
        """An upstream error inside its stream."""
        if isinstance(self._plugin, ModernPlugin):
            return error_events(error.message)[0]
        return error_object(error.message, str(error.code))


class ChatgptFree(WordPress):
    """The far side of the provider ChatgptFree."""

    name = "chatgptfree"
    usual_dialect = Dialect.D2
    usually_streams = True


class ChatGptt(WordPress):
    """The far side of the provider ChatGptt."""

    name = "chatgptt"
    usual_dialect = Dialect.D4
    usually_streams = False


def _site_url(request: Request) -> str:
    """The origin that the visitor used, as WordPress writes it into its pages."""
    scheme, _, origin = request.origin.partition("://")
    return f"{scheme}://{request.headers.get('host', origin)}"
