"""What who asks the page may."""

from dragoman.gateway_settings import GatewayKey
from dragoman.page.caller import Caller


def test_who_needs_no_key_may_ask_everything_and_is_an_operator() -> None:
    caller = Caller()

    assert caller.may("any/model")
    assert caller.is_operator


def test_a_key_may_ask_what_it_names() -> None:
    key = GatewayKey(name="guest", digest=b"", models=("a/*",))
    caller = Caller(name="guest", key=key, is_operator=False)

    assert caller.may("a/model")
    assert not caller.may("b/model")
