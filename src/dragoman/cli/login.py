"""`dragoman login`: keep the cookies of a provider's site on this machine, or forget them."""

from typing import Annotated
from urllib.parse import urlsplit

import typer

from dragoman.cli.shared import ConfigFile, Debug
from dragoman.cli.terminal import note
from dragoman.config import load_config
from dragoman.errors import InputError
from dragoman.sessions.cookie_files import read_cookie_file
from dragoman.sessions.cookie_rules import Cookie, host_matches
from dragoman.sessions.cookie_store import CookieStore

__all__ = ["run"]


def run(
    provider: Annotated[
        str, typer.Argument(metavar="PROVIDER", help="Whose site the cookies are for.")
    ],
    *,
    cookies: Annotated[
        str,
        typer.Option(
            "--cookies",
            help="A file that only you can read: JSON or Netscape cookies.txt.",
            metavar="FILE",
        ),
    ] = "",
    remove: Annotated[bool, typer.Option("--remove", help="Forget them.")] = False,
    config: ConfigFile = None,
    debug: Debug = False,
) -> None:
    """Keep the cookies of a provider's site, as a browser exports them, for later chats."""
    entry = load_config(config).providers.get(provider)
    if entry is None:
        known = ", ".join(load_config(config).providers)
        raise InputError(f"unknown provider {provider!r}; known: {known}")
    host = (urlsplit(entry.provider.base_url(entry.account)).hostname or "").lower()
    if not host:
        raise InputError(f"{provider} has no site: it needs no cookies")
    if remove == bool(cookies):
        raise InputError("give --cookies FILE, or --remove")
    if remove:
        _remove(provider)
    else:
        _keep(provider, host, cookies)


def _keep(provider: str, host: str, path: str) -> None:
    found = read_cookie_file(path, domain=host)
    fitting = [cookie for cookie in found if _is_of(cookie, host)]
    if not fitting:
        raise InputError(f"{path}: none of its {len(found)} cookies is for {host}")
    CookieStore().save(provider, fitting)
    note(f"kept {len(fitting)} cookies for {host}; dragoman login {provider} --remove forgets them")


def _is_of(cookie: Cookie, host: str) -> bool:
    return bool(cookie.domain) and host_matches(host, cookie)


def _remove(provider: str) -> None:
    if not CookieStore().remove(provider):
        raise InputError(f"there are no cookies of {provider}")
    note(f"forgot the cookies of {provider}")
