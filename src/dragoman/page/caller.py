"""Who asks the page."""

import msgspec

from dragoman.gateway_settings import GatewayKey

__all__ = ["Caller"]


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks; `name` owns conversations, and is empty where no key is asked for.

    An operator sees what every key used, and may probe: it is whoever needs no key, or has one
    of the configuration. See decision 0017.
    """

    name: str = ""
    key: GatewayKey | None = None
    is_operator: bool = True

    def may(self, model: str) -> bool:
        """Whether it may ask a model, `provider/model-id`, or a route."""
        return self.key is None or self.key.allows(model)
