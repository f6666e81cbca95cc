"""What an operator can set. This module alone reads the environment.

Each setting comes from `SEKISHO_<NAME>`, else from the file that `SEKISHO_SETTINGS` or
`--settings` names (TOML, the same names in lower case), else it has a default. `SETTINGS` is the
one table of them: the parser, `describe` and the operator's page all follow it.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sekisho import setting_console, setting_values
from sekisho.setting_sources import PREFIX, Setting, from_environment, from_file

FILE_VARIABLE = "SEKISHO_SETTINGS"
DEFAULT_LISTEN = setting_values.DEFAULT_LISTEN
DEFAULT_CONSOLE_LISTEN = setting_console.DEFAULT_LISTEN
EMBEDDED = setting_values.EMBEDDED

GRACE_SECONDS = 10.0
"""How long calls under way may take when a server stops."""
_CLOSING_SECONDS = 5.0

SERVER_VARIABLE = "SEKISHO_SERVER"
CA_VARIABLE = "SEKISHO_CA"
CERT_VARIABLE = "SEKISHO_CERT"
KEY_VARIABLE = "SEKISHO_KEY"
LANG_VARIABLE = "SEKISHO_LANG"
CLIENT_VARIABLES = frozenset(
    {SERVER_VARIABLE, CA_VARIABLE, CERT_VARIABLE, KEY_VARIABLE, LANG_VARIABLE}
)
"""Read by the commands that call a server; a server that finds them set has no quarrel with it."""


class SettingsError(Exception):
    """The settings cannot be used. `problems` has every one of them, each in one line."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class Settings(setting_console.ConsoleSettings):
    """The effective settings: consistent, with every default filled in. See SETTINGS."""

    listen: setting_values.Address
    data_dir: Path
    redis_url: str
    redis_ca_file: Path | None
    redis_budget_ms: int
    database_url: str
    ledger_budget_ms: int
    journal_mb: int
    migrate: bool
    policy_file: Path | None
    keys_file: Path | None
    """None: the key file in `data_dir`, made on the first start."""
    tls_certificate_file: Path | None
    tls_key_file: Path | None
    tls_client_ca_file: Path | None
    trust_domain: str
    decision_expiry_seconds: int
    attempts: int
    default_timeout_seconds: float
    max_in_flight: int
    drain_wait_seconds: float
    workers: int
    worker_start_seconds: int
    log_level: str

    @property
    def tls(self) -> bool:
        """Whether the API is served over TLS."""
        return self.tls_certificate_file is not None

    @property
    def stop_seconds(self) -> float:
        """The longest that a server takes to end in good order."""
        return self.drain_wait_seconds + GRACE_SECONDS + _CLOSING_SECONDS

    @property
    def embedded_redis(self) -> bool:
        """Whether sekisho starts a Valkey of its own."""
        return self.redis_url == EMBEDDED

    def __repr__(self) -> str:
        return f"Settings({', '.join(f'{name}={value}' for name, value in describe(self))})"


def load(
    environ: Mapping[str, str] | None = None,
    file: Path | None = None,
    given: Mapping[str, str] | None = None,
) -> Settings:
    """Read the settings; the environment wins over the file, and what is `given` over both.

    `given` has values by the settings' names, as a command's options have them. `file` defaults
    to the one named by SEKISHO_SETTINGS. Raises SettingsError.
    """
    environ = os.environ if environ is None else environ
    problems: list[str] = []
    if file is None and environ.get(FILE_VARIABLE):
        file = Path(environ[FILE_VARIABLE])

    found = from_file(file, _BY_NAME, problems) if file else {}
    found |= from_environment(environ, _BY_NAME, {FILE_VARIABLE, *CLIENT_VARIABLES}, problems)
    found |= {name: (f"--{name}", text) for name, text in (given or {}).items()}

    values: dict[str, Any] = {}
    bad: set[str] = set()
    for setting in SETTINGS:
        if setting.name not in found:
            continue
        source, text = found[setting.name]
        try:
            values[setting.name] = setting.parse(text)
        except ValueError as error:
            bad.add(setting.name)
            got = "" if setting.secret else f", got {text!r}"
            problems.append(f"{source}: expected {error}{got}")

    settings = Settings(**(_defaults(environ, values) | values))
    problems += _conflicts(settings, set(values), bad)
    if problems:
        raise SettingsError(tuple(problems))
    return settings


def environment_without_settings() -> dict[str, str]:
    """Return this process's environment for a child that is to know no setting of it."""
    return {name: text for name, text in os.environ.items() if not name.startswith(PREFIX)}


def environment_without_connection() -> dict[str, str]:
    """Return this process's environment for a child that is told which server to call."""
    return {name: text for name, text in os.environ.items() if name not in CLIENT_VARIABLES}


def default_data_dir(environ: Mapping[str, str] | None = None) -> Path:
    """Return where the data is kept unless a setting says otherwise."""
    environ = os.environ if environ is None else environ
    state = environ.get("XDG_STATE_HOME")
    home = Path(state) if state else Path(environ.get("HOME") or "~").expanduser() / ".local/state"
    return home / "sekisho"


def describe(settings: Settings) -> list[tuple[str, str]]:
    """Return each setting's name and effective value as text, passwords masked."""
    described = []
    for setting in SETTINGS:
        value = getattr(settings, setting.name)
        text = str(value).lower() if isinstance(value, bool) else str(value)
        text = "-" if value is None or text == "" else text
        described.append((setting.name, _masked(text) if setting.secret else text))
    return described


def open_telemetry_variables() -> Mapping[str, str]:
    """Return the standard OTEL_ variables, which OpenTelemetry names and explains."""
    return {name: text for name, text in os.environ.items() if name.startswith("OTEL_")}


def _masked(url: str) -> str:
    # Not by urlsplit: a password with odd characters must not escape the mask.
    return re.sub(r"//(.*)@", lambda found: f"//{found[1].split(':')[0]}:***@", url)


def _defaults(environ: Mapping[str, str], values: Mapping[str, Any]) -> dict[str, Any]:
    data_dir: Path = values.get("data_dir", default_data_dir(environ))
    return {
        "listen": setting_values.address(DEFAULT_LISTEN),
        "data_dir": data_dir,
        "redis_url": EMBEDDED,
        "redis_ca_file": None,
        "redis_budget_ms": 50,
        "database_url": f"sqlite:///{data_dir / 'ledger.db'}",
        "ledger_budget_ms": 1000,
        "journal_mb": 1024,
        "migrate": False,
        "policy_file": None,
        "keys_file": None,
        "tls_certificate_file": None,
        "tls_key_file": None,
        "tls_client_ca_file": None,
        "trust_domain": "",
        "decision_expiry_seconds": 1800,
        "attempts": 3,
        "default_timeout_seconds": 5.0,
        "max_in_flight": 32,
        "drain_wait_seconds": 0.0,
        "workers": 1,
        "worker_start_seconds": 60,
        **setting_console.defaults(tls="tls_certificate_file" in values),
        "log_level": "info",
    }


def _conflicts(settings: Settings, given: set[str], bad: set[str]) -> list[str]:
    """Check the settings against each other, and then against the disk."""
    problems = []
    production = not settings.embedded_redis or not settings.database_url.startswith("sqlite:")

    tls = ("tls_certificate_file", "tls_key_file", "tls_client_ca_file")
    needed = (*tls, "trust_domain")
    missing = [name for name in needed if name not in given | bad]
    if not (given | bad).isdisjoint(tls):
        problems += [
            f"{_BY_NAME[name].variable}: expected too, because TLS is on" for name in missing
        ]
    elif not settings.listen.loopback:
        problems.append(
            f"SEKISHO_LISTEN: {settings.listen} can be reached from other machines, which needs "
            f"TLS: set {', '.join(_BY_NAME[name].variable for name in missing)}"
        )
    elif "trust_domain" in given:
        problems.append("SEKISHO_TRUST_DOMAIN: means nothing without TLS")

    if production and "keys_file" not in given | bad:
        problems.append(
            "SEKISHO_KEYS_FILE: expected where Redis is not embedded or the ledger is not SQLite, "
            "because every process needs the same keys"
        )
    if settings.redis_ca_file and not settings.redis_url.startswith("rediss"):
        problems.append(
            "SEKISHO_REDIS_CA_FILE: means nothing unless SEKISHO_REDIS_URL begins with rediss"
        )

    sqlite = settings.database_url.startswith("sqlite:") and "database_url" not in bad
    if settings.workers > 1 and sqlite:
        problems.append(
            f"SEKISHO_WORKERS: {settings.workers} workers need PostgreSQL "
            "(SEKISHO_DATABASE_URL): SQLite has one writer and serves one worker"
        )

    problems += setting_console.conflicts(settings, given, bad)
    return problems + _on_disk(settings, given)


def _on_disk(settings: Settings, given: set[str]) -> list[str]:
    problems = []
    for setting in SETTINGS:
        path = getattr(settings, setting.name)
        if setting.parse is not setting_values.path or setting.name not in given:
            continue
        if setting.name == "data_dir":
            if path.exists() and not path.is_dir():
                problems.append(f"{setting.variable}: expected a folder, {path} is a file")
        elif not path.exists():
            problems.append(f"{setting.variable}: expected an existing file, {path} is not there")
        elif path.is_dir() and setting.name != "keys_file":
            problems.append(f"{setting.variable}: expected a file, {path} is a folder")
        elif not os.access(path, os.R_OK):
            problems.append(f"{setting.variable}: {path} is not readable for this user")
    return problems


SETTINGS = (
    Setting(
        "listen",
        "Where the API listens. Beyond loopback it needs TLS.",
        DEFAULT_LISTEN,
        setting_values.address,
    ),
    Setting(
        "data_dir",
        "Folder of the embedded Valkey, SQLite, the journal and the generated keys.",
        "$XDG_STATE_HOME/sekisho or ~/.local/state/sekisho",
        setting_values.path,
    ),
    Setting(
        "redis_url",
        "The cache: `embedded` starts a Valkey of its own; else redis://HOST:PORT, "
        "redis+sentinel://HOST:PORT,…/SERVICE or redis+cluster://HOST:PORT,…, with rediss for TLS.",
        EMBEDDED,
        setting_values.redis_url,
        secret=True,
    ),
    Setting(
        "redis_ca_file",
        "CA that signed the certificates of rediss servers.",
        "the system's",
        setting_values.path,
    ),
    Setting(
        "redis_budget_ms",
        "How long an assessment waits for the cache before it goes on without, in ms.",
        "50",
        setting_values.whole(1, 10_000),
    ),
    Setting(
        "database_url",
        "The ledger: sqlite:///PATH or postgresql://USER:PASSWORD@HOST/DATABASE.",
        "sqlite:/// ledger.db in data_dir",
        setting_values.database_url,
        secret=True,
    ),
    Setting(
        "ledger_budget_ms",
        "How long an assessment waits for the ledger before it goes to the journal, in ms.",
        "1000",
        setting_values.whole(10, 60_000),
    ),
    Setting(
        "journal_mb",
        "The most that the journal takes while the ledger is away, in MiB: about 110 decisions "
        "each. Beyond it nothing is answered.",
        "1024",
        setting_values.whole(1, 65_536),
    ),
    Setting(
        "migrate",
        "Whether `serve` brings a PostgreSQL ledger's schema up to date: true or false. "
        "That of SQLite it always does.",
        "false",
        setting_values.yes_or_no,
    ),
    Setting("policy_file", "The policy (TOML).", "the packaged policy", setting_values.path),
    Setting(
        "keys_file",
        "Keys of the fingerprints: a TOML or JSON file, or a folder of `<id>.key` files. "
        "Required unless both stores are the defaults.",
        "keys.toml in data_dir, made on the first start",
        setting_values.path,
    ),
    Setting(
        "tls_certificate_file",
        "The server's certificate chain (PEM).",
        "none: no TLS",
        setting_values.path,
    ),
    Setting("tls_key_file", "The server's private key (PEM).", "none", setting_values.path),
    Setting(
        "tls_client_ca_file",
        "CA that signs the clients' certificates (PEM).",
        "none",
        setting_values.path,
    ),
    Setting(
        "trust_domain",
        "Trust domain of the clients' SPIFFE ids, spiffe://{trust domain}/shop/…",
        "none",
        setting_values.trust_domain,
    ),
    Setting(
        "decision_expiry_seconds",
        "How long a decision holds, in seconds.",
        "1800",
        setting_values.whole(60, 86_400),
    ),
    Setting(
        "attempts", "Evidence attempts before a step-up fails.", "3", setting_values.whole(1, 10)
    ),
    Setting(
        "default_timeout_seconds",
        "Longest time for a call, and the time of one without a deadline, in seconds.",
        "5",
        setting_values.seconds(0.1, 300),
    ),
    Setting(
        "max_in_flight",
        "Calls in work at a time; more are refused. Eight keep a worker busy: more only lets "
        "bursts wait, and all calls as long. A terminal holds an eighth of them at most, a shop a "
        "quarter, a gateway or an analyst half.",
        "32",
        setting_values.whole(8, 100_000),
    ),
    Setting(
        "drain_wait_seconds",
        "After SIGTERM: how long to answer on while health says NOT_SERVING, in seconds.",
        "0",
        setting_values.seconds(0, 300),
    ),
    Setting(
        "workers",
        "Processes that serve, behind one port. More than one needs PostgreSQL.",
        "1",
        setting_values.whole(1, 64),
    ),
    Setting(
        "worker_start_seconds",
        "Of several workers: how long one may take until it serves, in seconds; then it is "
        "killed and started again.",
        "60",
        setting_values.whole(1, 3600),
    ),
    *setting_console.SETTINGS,
    Setting("log_level", "debug, info, warning or error.", "info", setting_values.log_level),
)
"""Every setting, in the order in which an operator reads them."""

_BY_NAME = {setting.name: setting for setting in SETTINGS}
