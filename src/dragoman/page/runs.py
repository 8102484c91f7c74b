"""The answers that run."""

from dragoman.gateway.state import Gateway

__all__ = ["Runs"]


class Runs:
    """To be written."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def close(self, deadline_s: float) -> None:
        """End them."""
