"""One call as values."""

from dragoman.account import Account, Secret
from dragoman.chat import ChatRequest
from dragoman.errors import ResponseError
from dragoman.messages import Message, Text
from dragoman.providers.call import Call, StaleSession


def test_a_calls_settings_are_texts() -> None:
    account = Account.of(settings={"bot_id": 3, "token": Secret("t"), "page_path": "/"})
    chat = ChatRequest(model="m", messages=(Message("user", (Text("hi"),)),))
    call = Call(chat=chat, account=account, base_url="", now=0.0)

    assert [call.setting(name) for name in ("bot_id", "token", "page_path", "other")] == [
        "3", "t", "/", None,
    ]  # fmt: skip


def test_a_stale_session_brings_the_error_that_stands_in_its_place() -> None:
    """It is no `ChatError`: nobody but the exchange may catch it."""
    error = ResponseError("dead")

    signal = StaleSession(error)

    assert signal.error is error
    assert str(signal) == ""
