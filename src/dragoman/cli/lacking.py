"""What a provider cannot be asked without, as far as the configuration and the environment tell."""

from dragoman.provider_entry import ProviderEntry
from dragoman.providers.api.dialect_provider import DialectProvider

__all__ = ["lacking"]


def lacking(entry: ProviderEntry) -> str:
    """The environment variable of a key that is missing, `base_url`, or empty: nothing is known."""
    provider, account = entry.provider, entry.account
    if provider.KEY_VARIABLE and provider.needs_auth and not entry.is_own:
        return "" if account.api_key is not None else provider.KEY_VARIABLE
    is_far = isinstance(provider, DialectProvider)
    return "base_url" if is_far and not provider.base_url(account) else ""
