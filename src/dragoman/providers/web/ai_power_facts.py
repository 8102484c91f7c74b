"""What a site with AI Power told us, and who we are there: values for the requests.

Pure but for one salt of the process, so that one account is one visitor of the site for as long
as the process lives: the site counts its token quota by that name, and a new name for each
request would dodge it.
"""

import hashlib
import hmac
import secrets
import uuid
from urllib.parse import urljoin, urlsplit

import msgspec

from dragoman.account import Secret
from dragoman.providers.call import Call
from dragoman.providers.keywords import check_url
from dragoman.providers.web.ai_power_page import Kind
from dragoman.sessions.store import Facts
from dragoman.wire.http import origin

__all__ = [
    "ModernChat",
    "SiteFacts",
    "account_cookies",
    "ajax_address",
    "chat_label",
    "client_id",
    "message_id",
    "page_address",
    "session_id",
]

AJAX_PATH = "/wp-admin/admin-ajax.php"

_SALT = secrets.token_bytes(32)
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


class ModernChat(msgspec.Struct, frozen=True):
    """One message that plugin 2.3 or later holds ready to be streamed, once, for 60 s."""

    cache_key: Secret
    conversation: str


class SiteFacts(Facts, frozen=True, kw_only=True):
    """A nonce and what belongs to it. `cookies` are those that the page set."""

    kind: Kind
    nonce: Secret
    ajax_url: str
    site_url: str
    post_id: str
    bot_id: str
    cookies: tuple[tuple[str, Secret], ...] = ()
    chat: ModernChat | None = None


def page_address(call: Call, *, cache_buster: str = "") -> str:
    """The page with the chat box; `cache_buster` goes into its query."""
    address = f"{call.base_url}/{(call.setting('page_path') or '/').lstrip('/')}"
    if cache_buster:
        address += f"{'&' if '?' in address else '?'}_={cache_buster}"
    return address


def ajax_address(call: Call, page_url: str, said: str) -> str:
    """Where the chat goes: the setting, else what the page says if it is of one origin with it."""
    setting = call.setting("ajax_url")
    if setting is not None:
        if "://" not in setting:
            setting = f"{call.base_url}/{setting.lstrip('/')}"
        return check_url("ajax_url", setting)
    try:
        address = urljoin(page_url, said)
        if said and origin(address) == origin(page_url):
            return address
    except ValueError:
        pass
    # The page may have moved to another host, or from http to https.
    parts = urlsplit(page_url)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{urlsplit(call.base_url).path}{AJAX_PATH}"


def account_cookies(call: Call, url: str) -> dict[str, str]:
    """The account's cookies if this address may see them: their own origin, or its https twin."""
    home, target = urlsplit(call.base_url), urlsplit(url)
    is_twin = (
        (home.scheme, target.scheme) == ("http", "https")
        and home.hostname == target.hostname
        and home.port in {None, 80}
        and target.port in {None, 443}
    )
    return call.account.cookie_values() if is_twin or origin(url) == origin(call.base_url) else {}


def client_id(call: Call) -> str:
    """The visitor's name: the caller's, or ten letters that stay the same for an account."""
    named = call.setting("client_id")
    if named:
        return named
    return "".join(_LETTERS[byte % len(_LETTERS)] for byte in _digest("client", *_who(call))[:10])


def session_id(call: Call) -> str:
    """The visitor's name for plugin 2.3 and later: the caller's, or a UUID that stays the same."""
    named = call.setting("client_id")
    return named or str(uuid.UUID(bytes=_digest("session", *_who(call))[:16], version=4))


def chat_label(call: Call) -> str:
    """A number from 1 to 100000 for the site's log: the same for both attempts of one call."""
    return str(int.from_bytes(_call_digest("chat", call)[:8]) % 100_000 + 1)


def message_id(call: Call) -> str:
    """A UUID for the message, by plugin 2.3 and later: the same for both attempts of one call."""
    return str(uuid.UUID(bytes=_call_digest("message", call)[:16], version=4))


def _call_digest(kind: str, call: Call) -> bytes:
    return _digest(kind, repr(call.now), *(message.text for message in call.chat.messages))


def _who(call: Call) -> list[str]:
    cookies = [f"{name}={value.reveal()}" for name, value in call.account.cookies]
    settings = [f"{name}={call.setting(name)}" for name, _ in call.account.settings]
    return [call.base_url, *cookies, *settings]


def _digest(*texts: str) -> bytes:
    text = "\0".join(texts).encode("utf-8", "surrogatepass")
    return hmac.digest(_SALT, text, hashlib.sha256)
