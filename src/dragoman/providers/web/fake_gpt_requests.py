"""The chat request of FakeGPT's three dialects, and the list of models.

`station` and `token` are the same request, with a token from a login or from the caller; `talk` is
open Pandora's own. A call always begins a new conversation: earlier turns are in the prompt.
Source: requests of public clients of chat-shared2.zhile.io, the source of Pandora-ChatGPT 1.3.5
and its web client's, read 2026-11-21.
"""

from collections.abc import Mapping
from uuid import uuid4

from dragoman.providers.call import Call
from dragoman.providers.web.fake_gpt_station import Login
from dragoman.wire.http import HttpRequest, json_request

__all__ = ["conversation", "model_list", "talk"]


def conversation(call: Call, login: Login) -> HttpRequest:
    """A new turn of a new conversation."""
    prompt = call.prompt
    body = {
        "action": "next",
        "messages": [
            {
                "id": str(uuid4()),
                "author": {"role": "user"},
                "content": {"content_type": "text", "parts": [prompt]},
                "metadata": {},
            }
        ],
        "parent_message_id": str(uuid4()),
        "model": call.chat.model,
        "timezone_offset_min": 0,
        "history_and_training_disabled": True,
        "arkose_token": "",
        "plugin_ids": [],
        "suggestions": [],
        "force_paragen": False,
    }
    return _sent(call, login, json_request(f"{_api(call)}/conversation", body))


def talk(call: Call, login: Login) -> HttpRequest:
    """A new turn of a new conversation, for open Pandora."""
    body = {
        "prompt": call.prompt,
        "model": call.chat.model,
        "message_id": str(uuid4()),
        "parent_message_id": str(uuid4()),
        "stream": True,
    }
    return _sent(call, login, json_request(f"{_api(call)}/conversation/talk", body))


def model_list(call: Call, login: Login) -> HttpRequest:
    """The question which models the account has."""
    url = f"{_api(call)}/models?history_and_training_disabled=false"
    return _sent(call, login, HttpRequest("GET", url), accept="application/json")


def _api(call: Call) -> str:
    prefix = (call.setting("api_prefix") or "/api").strip("/")
    return f"{call.base_url}/{prefix}" if prefix else call.base_url


def _sent(
    call: Call, login: Login, request: HttpRequest, accept: str = "text/event-stream"
) -> HttpRequest:
    """The request with who we are."""
    headers = {**request.headers, "Accept": accept, **_identity(call, login)}
    cookies = {**call.account.cookie_values(), **login.cookies}
    return HttpRequest(request.method, request.url, headers, request.body, cookies)


def _identity(call: Call, login: Login) -> Mapping[str, str]:
    if login.token:
        bare = call.setting("token_scheme") == "none"
        bearer = login.token if bare else f"Bearer {login.token}"
        # Stations read the first; a service that takes the caller's token may read the second only.
        return {"X-Authorization": bearer} | ({} if login.tried else {"Authorization": bearer})
    name = call.setting("token_name")
    return {"X-Use-Token": name} if name else {}
