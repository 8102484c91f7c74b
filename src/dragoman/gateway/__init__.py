"""The gateway: any dialect in, any provider out, over HTTP; needs the extra `serve`."""

from dragoman.gateway.app import create_app

__all__ = ["create_app"]
