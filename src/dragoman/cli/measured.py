"""When something was measured: what works now may be gone in an hour, and a list is kept longer."""

from datetime import UTC, datetime

from dragoman.cli.terminal import note

__all__ = ["tell_when", "time_now"]


def time_now() -> str:
    """The time in UTC, by ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def tell_when(at: str) -> None:
    """Say beside a table when it was true."""
    note(f"measured at {at}")
