"""The table of services: every row is whole, and says nothing that is not so."""

from collections import Counter
from urllib.parse import urlsplit

import pytest
from genai_prices import data_snapshot

from dragoman.chat import ChatRequest
from dragoman.dialects.table import DIALECTS
from dragoman.features import FEATURES, Mapped
from dragoman.options import OPTIONS
from dragoman.providers.api.rows import FAMILIES
from dragoman.providers.api.service import Service
from dragoman.providers.api.services import SERVICES
from dragoman.providers.api.services_hosts import HOSTS
from dragoman.providers.api.services_makers import MAKERS
from dragoman.providers.api.services_servers import SERVERS
from dragoman.providers.table import PROVIDERS, load_provider

each = pytest.mark.parametrize("service", SERVICES, ids=[service.name for service in SERVICES])


def test_names_are_unique_also_among_the_other_providers() -> None:
    counted = Counter(service.name for service in SERVICES)
    classes = {name for name, row in PROVIDERS.items() if row}

    assert [name for name, times in counted.items() if times > 1] == []
    assert classes & counted.keys() == set()


@pytest.mark.parametrize("table", [MAKERS, HOSTS, SERVERS])
def test_a_table_is_in_the_order_of_names(table: tuple[Service, ...]) -> None:
    names = [service.name for service in table]

    assert names == sorted(names)


@each
def test_an_address_is_one_over_tls_or_on_this_machine(service: Service) -> None:
    parts = urlsplit(service.base_url)

    assert not service.base_url.endswith("/")
    if service in SERVERS:
        assert (parts.scheme, parts.hostname) == ("http", "127.0.0.1")
    elif service.base_url:
        assert parts.scheme == "https"
    else:
        assert "base_url" in service.note


@each
def test_a_row_says_where_it_is_from_and_what_to_know(service: Service) -> None:
    assert service.title
    assert service.docs.startswith("https://")
    assert service.note == "" or service.note.endswith(".")
    assert service.dialect in DIALECTS
    assert service.dialect in FAMILIES


@each
def test_a_key_has_a_variable_and_servers_need_none(service: Service) -> None:
    variable = service.key_variable

    assert variable == variable.upper()
    assert variable.isidentifier() or not variable
    assert not (service in SERVERS and service.key_variable and service.key_needed)
    assert load_provider(service.name).needs_auth is (bool(variable) and service.key_needed)


@each
def test_quirks_name_features_and_fields_that_there_are(service: Service) -> None:
    assert service.says.keys() <= FEATURES.keys()
    assert service.takes <= OPTIONS.keys()
    assert service.words.keys() <= set(ChatRequest.__struct_fields__)
    assert not service.leaves_out & service.renames.keys()


@each
def test_a_word_that_is_said_in_another_way_is_in_what_the_service_says(service: Service) -> None:
    """The docs print `says`; whoever reads them must see it."""
    for name, words in service.words.items():
        for ours, fields in words.items():
            assert fields
            nearest = fields.get(name)
            assert nearest != ours
            if nearest is not None:
                assert isinstance(service.says[name], Mapped)


@each
def test_prices_are_listed_under_the_name_that_the_row_gives(service: Service) -> None:
    listed = {provider.id for provider in data_snapshot.get_snapshot().providers}

    assert service.prices == "" or service.prices in listed
