"""Settings: the environment, the file, and every problem at once."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho import setting_console, settings
from sekisho.settings import SettingsError, load

PRODUCTION = {
    "SEKISHO_REDIS_URL": "rediss://sekisho:hunter2@cache:6379/0",
    "SEKISHO_DATABASE_URL": "postgresql://sekisho:hunter2@db/ledger",
}


def problems_of(environ: dict[str, str], file: Path | None = None) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        load(environ, file)
    return caught.value.problems


def test_without_any_setting_everything_has_a_default_that_works() -> None:
    found = load({"HOME": "/home/me"})
    assert str(found.listen) == settings.DEFAULT_LISTEN
    assert found.listen.loopback
    assert not found.tls
    assert found.embedded_redis
    assert found.data_dir == Path("/home/me/.local/state/sekisho")
    assert found.database_url == "sqlite:////home/me/.local/state/sekisho/ledger.db"


def test_the_data_folder_follows_xdg_and_the_ledger_follows_the_data_folder(tmp_path: Path) -> None:
    assert load({"XDG_STATE_HOME": "/state"}).data_dir == Path("/state/sekisho")
    found = load({"SEKISHO_DATA_DIR": str(tmp_path)})
    assert found.database_url == f"sqlite:///{tmp_path}/ledger.db"


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "sekisho.toml"
    file.write_text('attempts = 5\nredis_budget_ms = "20"\nlog_level = "debug"\n')
    found = load({"SEKISHO_SETTINGS": str(file), "SEKISHO_ATTEMPTS": "4"})
    assert (found.attempts, found.redis_budget_ms, found.log_level) == (4, 20, "debug")


def test_true_and_false_are_written_as_toml_has_them(tmp_path: Path) -> None:
    file = tmp_path / "sekisho.toml"
    file.write_text("migrate = true\n")
    assert load({}, file).migrate
    assert not load({"SEKISHO_MIGRATE": "false"}, file).migrate
    file.write_text("migrate = 1\nattempts = true\n")
    assert len(problems_of({}, file)) == 2


def test_relative_paths_in_a_file_start_where_the_file_is(tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text("")
    file = tmp_path / "sekisho.toml"
    file.write_text('policy_file = "policy.toml"\ndata_dir = "data"\n')
    found = load({}, file)
    assert found.policy_file == tmp_path / "policy.toml"
    assert found.data_dir == tmp_path / "data"


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "sekisho.toml"
    file.write_text('atempts = 3\nmax_in_flight = [1]\nlog_level = "loud"\n')
    environ = {
        "SEKISHO_LISTN": "x",
        "SEKISHO_LISTEN": "nowhere",
        "SEKISHO_ATTEMPTS": "0",
        "SEKISHO_REDIS_URL": "http://cache",
        "SEKISHO_POLICY_FILE": str(tmp_path / "absent.toml"),
    }
    told = "\n".join(problems_of(environ, file))
    for part in (
        "atempts (in ",
        "did you mean attempts?",
        "max_in_flight (in ",
        "log_level (in ",
        "expected debug, info, warning or error, got 'loud'",
        "SEKISHO_LISTN: unknown setting; did you mean SEKISHO_LISTEN?",
        "SEKISHO_LISTEN: expected HOST:PORT",
        "SEKISHO_ATTEMPTS: expected a whole number from 1 to 10, got '0'",
        "SEKISHO_REDIS_URL: expected embedded, redis://HOST:PORT, redis+sentinel://",
        "SEKISHO_POLICY_FILE: expected an existing file",
    ):
        assert part in told


@pytest.mark.parametrize(
    ("variable", "text", "expected"),
    [
        ("SEKISHO_DATA_DIR", " ", "a path"),
        ("SEKISHO_TRUST_DOMAIN", "Carrier!", "a SPIFFE trust domain"),
        ("SEKISHO_DRAIN_WAIT_SECONDS", "-1", "seconds from 0 to 300"),
        ("SEKISHO_DEFAULT_TIMEOUT_SECONDS", "0", "seconds from 0.1 to 300"),
        ("SEKISHO_MAX_IN_FLIGHT", "7", "a whole number from 8 to 100000"),
        ("SEKISHO_DATABASE_URL", "mysql://db/x", "sqlite:///PATH or postgresql://"),
        ("SEKISHO_LISTEN", "127.0.0.1:65536", "HOST:PORT"),
    ],
)
def test_each_setting_says_what_it_expects(variable: str, text: str, expected: str) -> None:
    told = problems_of({variable: text})
    assert any(problem.startswith(f"{variable}: expected {expected}") for problem in told)


def test_waits_may_have_fractions() -> None:
    assert load({"SEKISHO_DRAIN_WAIT_SECONDS": "2.5"}).drain_wait_seconds == 2.5


@pytest.mark.parametrize("content", [None, "attempts = ", "\udcff"])
def test_a_file_that_cannot_be_read_is_a_problem(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "sekisho.toml"
    if content is not None:
        file.write_bytes(content.encode(errors="surrogateescape"))
    (problem,) = problems_of({}, file)
    assert str(file) in problem


@pytest.mark.parametrize("listen", ["0.0.0.0:50551", "[::]:50551", "10.0.0.1:1", "sekisho:50551"])
def test_beyond_loopback_it_needs_tls(listen: str) -> None:
    (problem,) = problems_of({"SEKISHO_LISTEN": listen})
    assert "which needs TLS" in problem
    assert "SEKISHO_TRUST_DOMAIN" in problem


@pytest.mark.parametrize("listen", ["127.0.0.1:0", "127.8.8.8:1", "[::1]:50551", "localhost:50551"])
def test_loopback_needs_none(listen: str) -> None:
    assert str(load({"SEKISHO_LISTEN": listen}).listen) == listen


def tls(folder: Path) -> dict[str, str]:
    environ = {"SEKISHO_TRUST_DOMAIN": "carrier.example", "SEKISHO_LISTEN": "0.0.0.0:443"}
    for name in ("certificate", "key", "client_ca"):
        path = folder / f"{name}.pem"
        path.write_text("")
        environ[f"SEKISHO_TLS_{name.upper()}_FILE"] = str(path)
    return environ


def test_tls_is_all_or_nothing(tmp_path: Path) -> None:
    environ = tls(tmp_path)
    assert load(environ).tls
    for missing in environ.keys() - {"SEKISHO_LISTEN"}:
        rest = {name: value for name, value in environ.items() if name != missing}
        (problem,) = problems_of(rest)
        assert problem.startswith(f"{missing}: expected too")
    (problem,) = problems_of({"SEKISHO_TRUST_DOMAIN": "carrier.example"})
    assert "means nothing without TLS" in problem


@pytest.mark.parametrize("one", PRODUCTION)
def test_where_a_store_is_shared_the_keys_must_be_named(tmp_path: Path, one: str) -> None:
    (problem,) = problems_of({one: PRODUCTION[one]})
    assert problem.startswith("SEKISHO_KEYS_FILE: expected")
    keys = tmp_path / "keys"
    keys.mkdir()
    assert load({one: PRODUCTION[one], "SEKISHO_KEYS_FILE": str(keys)}).keys_file == keys


@pytest.mark.parametrize(
    ("url", "right"),
    [
        ("redis+sentinel://:word@one:26379,two/main", True),
        ("rediss+sentinel://me:word@one/main/2", True),
        ("redis+cluster://one:7000,two:7001", True),
        ("rediss+cluster://me:word@[::1]:7000/", True),
        ("redis+sentinel://one,two", False),
        ("redis+cluster://one,,two", False),
        ("redis+cluster://", False),
        ("redis+other://one", False),
    ],
)
def test_the_cache_may_be_several_servers(url: str, right: bool, tmp_path: Path) -> None:
    keys = tmp_path / "keys.toml"
    keys.write_text("")
    environ = {"SEKISHO_REDIS_URL": url, "SEKISHO_KEYS_FILE": str(keys)}
    if right:
        assert load(environ).redis_url == url
    else:
        (problem,) = problems_of(environ)
        assert "redis+cluster://" in problem


def test_sqlite_serves_one_worker_and_postgresql_more(tmp_path: Path) -> None:
    (problem,) = problems_of({"SEKISHO_WORKERS": "2"})
    assert problem.startswith("SEKISHO_WORKERS: 2 workers need PostgreSQL")
    assert "SQLite" in problem
    assert load({"SEKISHO_WORKERS": "1"}).workers == 1
    keys = tmp_path / "keys.toml"
    keys.write_text("")
    environ = PRODUCTION | {"SEKISHO_KEYS_FILE": str(keys), "SEKISHO_WORKERS": "2"}
    assert load(environ).workers == 2
    # A URL that cannot be read is one problem, and says nothing of SQLite.
    (problem,) = problems_of(environ | {"SEKISHO_DATABASE_URL": "mysql://db/x"})
    assert problem.startswith("SEKISHO_DATABASE_URL")


def test_a_commands_option_wins_over_the_environment() -> None:
    assert load({"SEKISHO_ATTEMPTS": "4"}, given={"attempts": "5"}).attempts == 5
    with pytest.raises(SettingsError, match="--workers: expected a whole number from 1 to 64"):
        load({}, given={"workers": "0"})


def test_a_ca_for_redis_without_tls_to_redis_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("")
    (problem,) = problems_of({"SEKISHO_REDIS_CA_FILE": str(tmp_path / "ca.pem")})
    assert "begins with rediss" in problem


def test_files_must_be_files_and_folders_folders(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    told = problems_of({"SEKISHO_POLICY_FILE": str(tmp_path), "SEKISHO_DATA_DIR": str(file)})
    assert any("expected a file" in problem for problem in told)
    assert any("expected a folder" in problem for problem in told)


def test_no_password_is_ever_shown(tmp_path: Path) -> None:
    keys = tmp_path / "keys.toml"
    keys.write_text("")
    found = load(PRODUCTION | {"SEKISHO_KEYS_FILE": str(keys)})
    assert "hunter2" not in repr(found)
    assert "hunter2" not in str(settings.describe(found))
    assert ("redis_url", "rediss://sekisho:***@cache:6379/0") in settings.describe(found)
    for broken in ("rediss://sekisho:hunter2@:x", "hunter2"):
        environ = PRODUCTION | {"SEKISHO_KEYS_FILE": str(keys), "SEKISHO_REDIS_URL": broken}
        assert "hunter2" not in "".join(problems_of(environ))


@given(st.text(st.characters(categories=["L", "N", "P"]), min_size=8))
def test_a_password_of_any_characters_is_masked(password: str) -> None:
    masked = settings._masked(f"postgresql://me:{password}@db/ledger")
    assert masked.startswith("postgresql://me:***@")
    assert password not in masked


def test_what_the_clients_read_is_no_unknown_setting() -> None:
    load(dict.fromkeys(settings.CLIENT_VARIABLES, "x"))


def test_the_console_is_part_of_a_service_unless_that_serves_over_tls() -> None:
    assert load({}).console
    assert not load({"SEKISHO_CONSOLE": "false"}).console
    found = setting_console.defaults(tls=True)
    assert found["console"] is False


def test_a_console_that_others_can_reach_needs_https_and_a_name() -> None:
    told = "\n".join(problems_of({"SEKISHO_CONSOLE_LISTEN": "0.0.0.0:443"}))
    assert "SEKISHO_CONSOLE_LISTEN: 0.0.0.0:443 can be reached from other machines" in told
    assert "SEKISHO_CONSOLE_URL: expected too" in told
    told = "\n".join(problems_of({"SEKISHO_CONSOLE_TLS_KEY_FILE": __file__}))
    assert "SEKISHO_CONSOLE_TLS_CERTIFICATE_FILE: expected too" in told


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("CONSOLE_URL", "https://desk.example/path"),
        ("CONSOLE_URL", "http://desk.example"),
        ("CONSOLE_URL", "desk.example"),
        ("CONSOLE_URL", "https://desk.example:70000"),
        ("CONSOLE_SESSION_SECONDS", "5"),
        ("OIDC_ISSUER", "http://id.example"),
        ("OIDC_ISSUER", "https://id.example?x=1"),
        ("OIDC_ISSUER", "https://user@id.example"),
        ("OIDC_CLIENT_ID", "a b"),
        ("OIDC_REQUIRED_CLAIM", "groups"),
        ("OIDC_REQUIRED_CLAIM", "=fraud"),
    ],
)
def test_what_the_console_cannot_use_is_told(name: str, text: str) -> None:
    told = problems_of({f"SEKISHO_{name}": text})
    assert any(problem.startswith(f"SEKISHO_{name}: expected") for problem in told)


def test_signing_in_by_oidc_is_set_as_a_whole() -> None:
    told = "\n".join(problems_of({"SEKISHO_OIDC_ISSUER": "https://id.example/realm"}))
    assert "SEKISHO_OIDC_CLIENT_ID: expected too" in told
    assert "SEKISHO_OIDC_CLIENT_SECRET_FILE: expected too" in told
    told = "\n".join(problems_of({"SEKISHO_OIDC_CLIENT_ID": "desk"}))
    assert "SEKISHO_OIDC_CLIENT_ID: means nothing without SEKISHO_OIDC_ISSUER" in told
    api = {"SEKISHO_OIDC_ISSUER": "http://localhost:8080", "SEKISHO_OIDC_CLIENT_ID": "desk"}
    assert load(api | {"SEKISHO_CONSOLE": "false"}).oidc_issuer == "http://localhost:8080"


def test_each_setting_is_a_field_with_a_meaning_and_a_default() -> None:
    names = [setting.name for setting in settings.SETTINGS]
    assert names == [name for name, _ in settings.describe(load({}))]
    assert set(names) == set(settings.Settings.__dataclass_fields__)
    assert all(setting.meaning and setting.default for setting in settings.SETTINGS)


def test_a_number_that_is_listed_as_a_default_is_the_default() -> None:
    found = load({})
    for setting in settings.SETTINGS:
        default = getattr(found, setting.name)
        if isinstance(default, int | float) and not isinstance(default, bool):
            assert setting.default == f"{default:g}", setting.name


def test_a_child_is_given_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEKISHO_LISTEN", "127.0.0.1:1")
    monkeypatch.setenv("OTHER", "kept")
    environment = settings.environment_without_settings()
    assert environment["OTHER"] == "kept"
    assert not any(name.startswith("SEKISHO_") for name in environment)
