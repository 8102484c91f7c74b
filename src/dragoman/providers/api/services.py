"""Every service that speaks a dialect of another: one row each, and no other code.

A new one is one row in the table of its kind. All of it is walked by the docs, which have a page of
each, and by the tests, which ask each through an emulator.

    services_makers    those who make models
    services_hosts     those who serve the models of others, and gateways
    services_servers   programs that serve models on a machine of one's own
"""

from dragoman.providers.api.service import Service
from dragoman.providers.api.services_hosts import HOSTS
from dragoman.providers.api.services_makers import MAKERS
from dragoman.providers.api.services_servers import SERVERS

__all__ = ["SERVICES"]

SERVICES: tuple[Service, ...] = (*MAKERS, *HOSTS, *SERVERS)
