"""One file and the environment, checked whole; every complaint names file, line and a remedy."""

import re
from pathlib import Path
from typing import Any

import pytest

from dragoman.account import Account
from dragoman.config import DEFAULT_MODEL, Config, load_config
from dragoman.config_tables import override
from dragoman.errors import InputError
from dragoman.provider_entry import FIELDS, ProviderEntry, ProviderFields
from dragoman.providers.table import PROVIDERS
from dragoman.transport.base import Limits
from dragoman.transport.line import LineSettings

SECRET = "s3cr3t"  # noqa: S105 - a made-up one


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(text: str, path: str = "dragoman.toml") -> Path:
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, "utf-8")
    return target.absolute()


def test_every_field_is_described() -> None:
    assert set(FIELDS) == set(ProviderFields.__struct_fields__)


def test_without_a_file_every_built_in_provider_is_there() -> None:
    config = load_config()

    assert list(config.providers) == list(PROVIDERS)
    assert config.model == DEFAULT_MODEL
    assert config.providers["fakegpt"].account == Account()


def test_only_what_can_be_expected_to_answer_is_usable(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_config().usable() == ["local", "echo"]

    monkeypatch.setenv("DRAGOMAN_AICHAT_BASE_URL", "http://own.test")

    assert load_config().usable() == ["local", "echo", "aichat"]


def test_a_file_says_everything(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_PROXY", "http://me:pw@proxy.test:3128")
    write(f"{SECRET}\n", "key.txt")
    write(
        """
        model = "mine"
        [providers.mine]
        service = "fakegpt"
        base_url = "https://own.test/"
        api_key = "file:key.txt"
        cookies = { sid = "1", other = "env:MY_PROXY" }
        cookies_file = "cookies.json"
        models = ["big"]
        proxy = "env:MY_PROXY"
        verify = "ca.pem"
        user_agent = "mine/1.0"
        connect_s = 1
        first_token_s = 2.5
        """
    )

    config = load_config()
    entry = config.providers["mine"]

    assert config.model == "mine"
    assert entry.service == "fakegpt"
    assert entry.provider.name == "fakegpt"
    assert entry.is_own
    assert entry.account == Account.of(
        base_url="https://own.test",
        api_key=SECRET,
        cookies={"sid": "1", "other": "http://me:pw@proxy.test:3128"},
        models=["big"],
    )
    assert entry.fields.cookies_file == "cookies.json"
    assert entry.fields.user_agent == "mine/1.0"
    assert entry.line == LineSettings(proxy="http://me:pw@proxy.test:3128", verify="ca.pem")
    assert entry.limits == Limits(connect_s=1.0, first_token_s=2.5)
    assert "big" in entry.known_models()
    assert set(PROVIDERS) < set(config.providers)


def test_no_secret_is_in_a_repr() -> None:
    write(
        f"[providers.fakegpt]\napi_key = '{SECRET}'\ncookies = {{ a = '{SECRET}' }}\n"
        f"proxy = 'http://me:{SECRET}@p.test'\n"
    )

    entry = load_config().providers["fakegpt"]

    shown = repr([entry, entry.fields, entry.account, entry.line])
    assert SECRET not in shown
    assert "ProviderEntry('fakegpt', service='fakegpt')" in shown


def test_paths_are_from_the_files_folder(folder: Path) -> None:
    path = write(
        "[providers.aichat]\ncookies_file = 'c.json'\nverify = 'ca.pem'\napi_key = 'file:k'\n",
        "deep/dragoman.toml",
    )
    write(" k3y \n", "deep/k")

    entry = load_config(path).providers["aichat"]

    assert entry.fields.cookies_file == str(folder / "deep" / "c.json")
    assert entry.fields.verify == str(folder / "deep" / "ca.pem")
    assert entry.fields.api_key == "k3y"


def test_the_places_are_looked_at_in_order(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = Path.home()
    named = write("model = 'echo/argument'", "argument.toml")
    environment = write("model = 'echo/environment'", "environment.toml")
    here = write("model = 'echo/here'")
    write("model = 'echo/home'", str(home / ".config/dragoman/dragoman.toml"))
    write("model = 'echo/xdg'", str(folder / "xdg/dragoman/dragoman.toml"))

    found = []
    monkeypatch.setenv("DRAGOMAN_CONFIG", str(environment))
    found += [load_config(str(named)).model, load_config().model]
    monkeypatch.delenv("DRAGOMAN_CONFIG")
    found += [load_config().model]
    here.unlink()
    found += [load_config().model]
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder / "xdg"))
    found += [load_config().model]
    monkeypatch.setenv("DRAGOMAN_MODEL", "echo/variable")
    found += [load_config().model, load_config(named).model]

    assert [model.removeprefix("echo/") for model in found] == [
        "argument", "environment", "here", "home", "xdg", "variable", "variable",
    ]  # fmt: skip


def test_a_variable_names_the_model_without_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAGOMAN_MODEL", "echo")

    assert load_config().model == "echo"


def test_a_named_file_that_is_not_there_is_an_error() -> None:
    with pytest.raises(InputError, match=r"none\.toml: cannot be read: No such file"):
        load_config("none.toml")


class Case:
    """A wrong file, and the complaint about it after its path."""

    def __init__(self, claim: str, text: str, complaint: str) -> None:
        self.claim = claim
        self.text = text
        self.complaint = complaint


CASES = [
    Case("no TOML", "model = 'x'\n[oops\n", ":2: not TOML: "),
    Case(
        "an unknown key",
        "\nmodle = 'x'",
        ":2: modle: unknown; known: model, [providers.NAME], [routes.NAME], [health], [gateway]",
    ),
    Case("a model that is no text", "model = 7", ":1: model: expected a model's name as text"),
    Case("no tables", "providers = 7", ":1: providers: expected tables, as [providers.NAME]"),
    Case("no table", "[providers]\nx = 7", ":2: providers.x: expected a table"),
    Case("a bad name", "[providers.'a/b']", ":1: providers.a/b: a provider's name has letters"),
    Case("an empty name", "[providers.'']", ":1: providers.: a provider's name has letters"),
    Case("no service", "[providers.x]", ":1: providers.x: no built-in provider: add dialect"),
    Case(
        "an unknown service",
        "[providers.x]\nbase_url = 'http://a'\nservice = 'gpt5'",
        ":3: providers.x.service: unknown service 'gpt5'",
    ),
    Case(
        "an unknown field",
        "[providers.echo]\nbase_ulr = 'x'",
        ":2: providers.echo.base_ulr: unknown; known: service, dialect, base_url",
    ),
    Case(
        "a field of the wrong type",
        "[providers.echo]\nmodels = 'x'",
        ":2: providers.echo.models: expected a list of texts: models that this installation",
    ),
    Case(
        "a cookie of the wrong type",
        "[providers.echo.cookies]\na = 1",
        ":1: providers.echo.cookies: expected a table of texts: a table of cookie",
    ),
    Case(
        "a dotted key",
        "providers.echo.idle_s = 'x'",
        ":1: providers.echo.idle_s: expected a number: seconds of silence",
    ),
    Case(
        "an inline table",
        "[providers]\necho = { idle_s = 0 }",
        ":2: providers.echo.idle_s: expected a number above 0: seconds of silence",
    ),
    *[
        Case(
            f"a limit of {value}",
            f"[providers.echo]\n\ntotal_s = {value}",
            ":3: providers.echo.total_s: expected a number above 0: seconds for the whole answer",
        )
        for value in ("0", "-1", "nan", "inf")
    ],
    Case(
        "an address that is none",
        "[providers.aichat]\nbase_url = 'own.test'",
        ":2: providers.aichat.base_url: must be an absolute http or https address",
    ),
    Case(
        "a key with a line's end",
        f'[providers.aichat]\napi_key = "{SECRET}\\n"',
        ":2: providers.aichat.api_key: must be one line of text in ASCII",
    ),
    Case(
        "a proxy with a line's end",
        f'[providers.aichat]\nproxy = "http://{SECRET}@p.test\\n"',
        ":2: providers.aichat.proxy: must be one line of text",
    ),
    Case(
        "a cookie with a line's end",
        f'[providers.aichat]\ncookies.sid = "{SECRET}\\n"',
        ":2: providers.aichat.cookies: the cookie sid must be one line",
    ),
    Case(
        "an agent with a line's end",
        '[providers.aichat]\nuser_agent = "a\\nb"',
        ":2: providers.aichat.user_agent: must be one line",
    ),
    Case(
        "a variable that is not set",
        "[providers.aichat]\napi_key = 'env:NOT_SET_KEY'",
        ":2: providers.aichat.api_key: the environment variable NOT_SET_KEY is not set",
    ),
    Case(
        "a cookie's variable",
        "[providers.aichat]\ncookies = { sid = 'env:NOT_SET' }",
        ":2: providers.aichat.cookies.sid: the environment variable NOT_SET is not set",
    ),
    Case(
        "a file that is not there",
        "[providers.aichat]\napi_key = 'file:none.txt'",
        ":2: providers.aichat.api_key: PATH/none.txt cannot be read",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.claim)
def test_a_complaint_names_file_line_and_what_was_expected(case: Case, folder: Path) -> None:
    path = write(case.text)

    with pytest.raises(InputError) as caught:
        load_config(path)

    assert str(caught.value).startswith(f"{path}{case.complaint}".replace("PATH", str(folder)))
    assert SECRET not in str(caught.value)


def test_a_setting_is_checked_by_its_services_table() -> None:
    service, name = next(
        (service, name)
        for service, entry in Config().providers.items()
        for name, setting in entry.provider.SETTINGS.items()
        if setting.type is str
    )
    path = write(f"[providers.{service}]\n{name} = 7")

    with pytest.raises(InputError) as caught:
        load_config(path)

    assert str(caught.value).startswith(f"{path}:2: providers.{service}.{name}: {name} must be str")


def test_a_secret_setting_may_stand_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    service, name = next(
        (service, name)
        for service, entry in Config().providers.items()
        for name, setting in entry.provider.SETTINGS.items()
        if setting.secret
    )
    monkeypatch.setenv("MY_SETTING", SECRET)
    path = write(f"[providers.{service}]\n{name} = 'env:MY_SETTING'")

    entry = load_config(path).providers[service]

    assert entry.account.setting(name) == SECRET
    assert SECRET not in repr(entry.account)


def test_a_program_may_bring_entries_of_its_own() -> None:
    mine = ProviderEntry("mine", ProviderFields(service="echo"), {})

    config = Config({"mine": mine}, model="mine")

    assert config.usable() == ["local", "echo", "mine"]
    assert config.providers["mine"].known_models() == ["echo"]


class CommandLine:
    """A place whose complaints name no file."""

    path = Path("here")

    def error(self, keys: tuple[str, ...], expected: str) -> InputError:
        return InputError(f"{keys[-1]}: {expected}")


def test_a_door_may_override_an_entry() -> None:
    entry = ProviderEntry("mine", ProviderFields(service="fakegpt", api_key="k", idle_s=1.0), {})
    settings = entry.provider.SETTINGS
    name = next(name for name, known in settings.items() if known.type is str)

    other = override(entry, {"idle_s": 2, "base_url": "http://own.test", name: "x"}, CommandLine())

    assert other.service == "fakegpt"
    assert other.limits.idle_s == 2.0
    assert other.account.base_url == "http://own.test"
    assert other.account.api_key == entry.account.api_key
    assert other.account.setting(name) == "x"
    assert entry.account.base_url is None


@pytest.mark.parametrize(
    ("given", "words"),
    [({"idle_s": 0}, "idle_s: expected a number above 0"), ({"idle": 1}, "idle: unknown; known: ")],
)
def test_a_wrong_override_is_said_by_the_place_it_came_from(
    given: dict[str, object], words: str
) -> None:
    entry = ProviderEntry("echo", ProviderFields(), {})

    with pytest.raises(InputError, match=words):
        override(entry, given, CommandLine())


def test_a_program_may_say_in_mappings_what_a_file_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEY", "k1")
    config = Config.of(
        {"mine": {"service": "fakegpt", "base_url": "https://a.test/", "api_key": "env:KEY"}},
        model="mine/gpt-4",
    )

    account = config.providers["mine"].account
    assert account == Account.of(base_url="https://a.test", api_key="k1")
    assert config.model == "mine/gpt-4"
    assert "echo" in config.providers


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"service": "nobody"}, "providers.mine.service: unknown service 'nobody'"),
        ({"service": "fakegpt", "base_url": 7}, "providers.mine.base_url: expected text"),
        ({"service": "fakegpt", "typo": 7}, "providers.mine.typo: unknown"),
        (7, "providers.mine: expected a table"),
    ],
)
def test_what_is_wrong_in_a_mapping_is_named(table: Any, words: str) -> None:
    with pytest.raises(InputError, match=re.escape(words)):
        Config.of({"mine": table})
