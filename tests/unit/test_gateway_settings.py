"""`[gateway]`: every field has a default, is checked with file and line, and holds no key."""

import hashlib
from io import StringIO
from pathlib import Path
from typing import Any

import msgspec
import pytest
from rich.console import Console

from dragoman.config import Config, load_config
from dragoman.errors import InputError
from dragoman.gateway_settings import (
    FIELDS,
    KEY_FIELDS,
    GatewayKey,
    GatewaySettings,
    digest_of,
)

KEY = "sk-a-made-up-key"
DIGEST = hashlib.sha256(KEY.encode()).hexdigest()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def gateway(text: str) -> GatewaySettings:
    Path("dragoman.toml").write_text(text, "utf-8")
    return load_config().gateway


def test_every_field_is_described() -> None:
    assert tuple(FIELDS) == GatewaySettings.__struct_fields__
    assert set(KEY_FIELDS) == {*GatewayKey.__struct_fields__, "key"} - {"digest"}


def test_without_a_table_the_gateway_is_for_this_machine_only() -> None:
    assert load_config().gateway == Config().gateway == gateway("") == GatewaySettings()
    assert GatewaySettings().host == "127.0.0.1"
    assert GatewaySettings().keys == ()


def test_a_table_says_everything() -> None:
    found = gateway(
        """
        [gateway]
        host = "::"
        port = 0
        hosts = ["llm.test"]
        origins = ["https://chat.example:8443", "null"]
        head_limit_bytes = 2000
        body_limit_bytes = 1000
        read_s = 5
        concurrency = 64
        ping_s = 2
        drain_s = 0
        log = false
        usage_days = 0
        health_days = 7
        redis_url = ""
        database_url = ""
        """
    )

    assert found == GatewaySettings(
        host="::",
        port=0,
        hosts=("llm.test",),
        origins=("https://chat.example:8443", "null"),
        head_limit_bytes=2000,
        body_limit_bytes=1000,
        read_s=5.0,
        concurrency=64,
        ping_s=2.0,
        drain_s=0.0,
        log=False,
        usage_days=0,
        health_days=7,
    )


def test_a_key_is_a_text_or_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUR_KEY", "sk-of-the-environment")
    Path("key.txt").write_text("sk-of-a-file\n")

    found = gateway(
        f"""
        [[gateway.keys]]
        key = "file:key.txt"
        [[gateway.keys]]
        name = "team@example.org"
        key = "sha256:{DIGEST.upper()}"
        models = ["openai/*"]
        requests_per_minute = 60
        tokens_per_minute = 1000
        concurrency = 4
        """
    )
    mixed = gateway("gateway.keys = ['env:OUR_KEY', { name = 'two', key = 'file:key.txt' }]")

    assert mixed.keys == (
        GatewayKey(name="key-1", digest=digest_of("sk-of-the-environment")),
        GatewayKey(name="two", digest=digest_of("sk-of-a-file")),
    )
    assert found.keys == (
        GatewayKey(name="key-1", digest=digest_of("sk-of-a-file")),
        GatewayKey(
            name="team@example.org",
            digest=bytes.fromhex(DIGEST),
            models=("openai/*",),
            requests_per_minute=60,
            tokens_per_minute=1000,
            concurrency=4,
        ),
    )


def test_a_program_may_say_in_a_mapping_what_a_file_says() -> None:
    config = Config.of({}, gateway={"port": 0, "keys": [KEY]})

    assert config.gateway.port == 0
    assert config.gateway.keys == (GatewayKey(name="key-1", digest=digest_of(KEY)),)


def test_no_key_is_in_what_is_shown() -> None:
    """Neither the key nor its digest, from which a weak one could be guessed."""
    settings = Config.of({}, gateway={"keys": [KEY]}).gateway
    rich = StringIO()

    Console(file=rich, width=200).print(settings, settings.keys[0])
    shown = repr(settings) + str(settings.keys) + rich.getvalue()

    assert "GatewayKey('key-1')" in shown
    assert KEY not in shown
    assert DIGEST not in shown
    assert repr(settings.keys[0].digest) not in shown
    assert KEY.encode() not in msgspec.msgpack.encode(settings)


@pytest.mark.parametrize(
    ("models", "model", "allowed"),
    [
        ((), "openai/gpt-4o", True),
        (("openai/gpt-4o",), "openai/gpt-4o", True),
        (("openai/gpt-4o",), "openai/gpt-4o-mini", False),
        (("openai/*",), "openai/a/b", True),
        (("openai/*",), "azure/openai/gpt-4o", False),
        (("openai/*",), "openai", False),
        (("local/*", "*/gpt-4?"), "azure/gpt-4o", True),
        (("openai/GPT*",), "openai/gpt-4o", False),
    ],
)
def test_a_key_is_for_the_models_that_its_patterns_fit(
    models: tuple[str, ...], model: str, allowed: bool
) -> None:
    assert GatewayKey(name="k", digest=b"", models=models).allows(model) is allowed


HOST = ":2: gateway.host: expected an address or a name: where to listen"
COUNT = "expected a whole number above 0"
NAME = "expected up to 64 letters, digits, `.`, `_`, `@` and `-`"

WRONG = {
    "no table": ("gateway = 7", ":1: gateway: expected a table, as [gateway]"),
    "an unknown field": ("[gateway]\nprt = 1", ":2: gateway.prt: unknown; known: host, port, "),
    "shared state": (
        "[gateway]\n\nredis_url = 'redis://s3cr3t@h'",
        ":3: gateway.redis_url: not built yet; leave it out",
    ),
    "a database": (
        "[gateway]\ndatabase_url = false",
        ":2: gateway.database_url: expected `sqlite:///PATH`",
    ),
    "days below none": (
        "[gateway]\nusage_days = -1",
        ":2: gateway.usage_days: expected a whole number from 0 to 36500",
    ),
    "half a day": (
        "[gateway]\nhealth_days = 0.5",
        ":2: gateway.health_days: expected a whole number from 0 to 36500",
    ),
    "an empty host": ("[gateway]\nhost = ''", HOST),
    "a host of two lines": ('[gateway]\nhost = "a\\n"', HOST),
    "a host that is an address": ("[gateway]\nhost = 'http://a'", HOST),
    "a port as text": (
        "[gateway]\nport = '80'",
        ":2: gateway.port: expected a whole number from 0 to 65535",
    ),
    "a port too high": ("[gateway]\nport = 65536", ":2: gateway.port: expected a whole number"),
    "a port that is true": ("[gateway]\nport = true", ":2: gateway.port: expected a whole number"),
    "a host of the list": ("[gateway]\nhosts = ['http://a']", ":2: gateway.hosts: expected a list"),
    "an origin with a path": (
        "[gateway]\norigins = ['https://a/']",
        ":2: gateway.origins: expected a list of texts as `https://chat.example`",
    ),
    "an origin without http": ("[gateway]\norigins = ['a']", ":2: gateway.origins: expected"),
    "an origin in capitals": ("[gateway]\norigins = ['https://A']", ":2: gateway.origins: exp"),
    "no head": ("[gateway]\nhead_limit_bytes = 0", f":2: gateway.head_limit_bytes: {COUNT}"),
    "no time": ("[gateway]\nread_s = 0", ":2: gateway.read_s: expected a number above 0"),
    "no body": ("[gateway]\nbody_limit_bytes = 0", f":2: gateway.body_limit_bytes: {COUNT}"),
    "less than none": ("[gateway]\nconcurrency = -1", ":2: gateway.concurrency: expected a whole"),
    "no silence": ("[gateway]\nping_s = 0", ":2: gateway.ping_s: expected a number above 0"),
    "an endless stop": ("[gateway]\ndrain_s = inf", ":2: gateway.drain_s: expected a number from"),
    "no number": ("[gateway]\ndrain_s = nan", ":2: gateway.drain_s: expected a number from"),
    "a log as text": ("[gateway]\nlog = 'yes'", ":2: gateway.log: expected true or false"),
    "one key": ("[gateway]\nkeys = 'k'", ":2: gateway.keys: expected a list of texts and tables"),
    "a key as a number": ("[gateway]\nkeys = [7]", ":2: gateway.keys: expected a list of texts"),
    "an empty key": ("[gateway]\nkeys = ['']", ":2: gateway.keys.1.key: expected visible ASCII"),
    "a key with a space": (
        "[gateway]\nkeys = ['s3cr3t key']",
        ":2: gateway.keys.1.key: expected visible ASCII without spaces",
    ),
    "a key that no header holds": (
        "[gateway]\nkeys = ['s3cr3t-ключ']",
        ":2: gateway.keys.1.key: expected visible ASCII without spaces",
    ),
    "half a digest": (
        "[gateway]\nkeys = ['sha256:0123']",
        ":2: gateway.keys.1.key: expected 64 hexadecimal digits after sha256:",
    ),
    "no digest": (
        f"[gateway]\nkeys = ['sha256:{'٣' * 64}']",
        ":2: gateway.keys.1.key: expected 64 hexadecimal digits after sha256:",
    ),
    "a variable that is not set": (
        "[gateway]\nkeys = ['env:NOT_SET_KEY']",
        ":2: gateway.keys.1.key: the environment variable NOT_SET_KEY is not set",
    ),
    "an empty file": (
        "[gateway]\nkeys = ['file:empty']",
        ":2: gateway.keys.1.key: expected visible ASCII",
    ),
    "the same key": ("[gateway]\nkeys = ['a', 'a']", ":2: gateway.keys.2: the same key as key-1"),
    "the same name": (
        "[gateway]\nkeys = [{ name = 'key-2', key = 'a' }, 'b']",
        ":2: gateway.keys.2: a second key of the name key-2",
    ),
    "a key without one": (
        "[gateway]\n[[gateway.keys]]\nname = 'a'",
        ":2: gateway.keys.1: expected key: the key, as",
    ),
    "a name for no label": (
        "[gateway]\n[[gateway.keys]]\nkey = 'a'\n[[gateway.keys]]\nkey = 'b'\nname = 'a b'",
        f":6: gateway.keys.2.name: {NAME}",
    ),
    "a name with a line's end": (
        '[[gateway.keys]]\nkey = "a"\nname = "a\\n"',
        f":3: gateway.keys.1.name: {NAME}",
    ),
    "a key that may do nothing": (
        "[[gateway.keys]]\nkey = 'a'\nrequests_per_minute = 0",
        f":3: gateway.keys.1.requests_per_minute: {COUNT}",
    ),
    "no model at all": (
        "[[gateway.keys]]\nkey = 'a'\nmodels = []",
        ":3: gateway.keys.1.models: expected a list of at least one text",
    ),
    "an unknown field of a key": (
        "[[gateway.keys]]\nkey = 'a'\nrpm = 1",
        ":3: gateway.keys.1.rpm: unknown; known: key, name, models, ",
    ),
}


@pytest.mark.parametrize(("text", "complaint"), WRONG.values(), ids=WRONG)
def test_a_complaint_names_file_line_and_what_was_expected(text: str, complaint: str) -> None:
    Path("empty").write_text("\n")

    with pytest.raises(InputError) as caught:
        gateway(text)

    assert str(caught.value).startswith(f"dragoman.toml{complaint}")
    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize("table", [7, {"port": 80000}, {"keys": [{"name": "x"}]}])
def test_what_is_wrong_in_a_mapping_is_named(table: Any) -> None:
    with pytest.raises(InputError, match=r"^gateway"):
        Config.of({}, gateway=table)


def test_where_usage_and_keys_are_kept_begins_beside_the_file(tmp_path: Path) -> None:
    absolute = gateway('[gateway]\ndatabase_url = "sqlite:////var/lib/kept.db"')
    relative = gateway('[gateway]\nusage = false\ndatabase_url = "sqlite:///here/kept.db"')

    assert (absolute.usage, absolute.database_url) == (True, "sqlite:////var/lib/kept.db")
    assert relative.database_url == f"sqlite:///{tmp_path}/here/kept.db"
    assert not relative.usage


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://me:s3cr3t@db.example/dragoman", "PostgreSQL is not built yet"),
        ("postgres://me:s3cr3t@db.example/dragoman", "PostgreSQL is not built yet"),
        ("postgresql+psycopg://me:s3cr3t@db.example/dragoman", "PostgreSQL is not built yet"),
        ("mysql://me:s3cr3t@db.example/dragoman", "expected `sqlite:///PATH`"),
        ("sqlite:///", "expected `sqlite:///PATH`"),
        ("kept.db", "expected `sqlite:///PATH`"),
    ],
)
def test_another_database_is_refused_by_its_name_and_without_its_password(
    url: str, said: str
) -> None:
    with pytest.raises(InputError, match=f":2: gateway.database_url: {said}") as caught:
        gateway(f'[gateway]\ndatabase_url = "{url}"')

    assert "s3cr3t" not in str(caught.value)
