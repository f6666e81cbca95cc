"""`sekisho serve`: what it says, and how it starts and stops."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sekisho import settings
from sekisho.cli.failures import Exit
from sekisho.cli.main import run
from tests.cli import live

SERVE = [sys.executable, "-m", "sekisho.cli", "serve"]


def environment(folder: Path, **given: str) -> dict[str, str]:
    return settings.environment_without_settings() | {
        "SEKISHO_DATA_DIR": str(folder / "data"),
        "SEKISHO_CONSOLE": "false",
        "SEKISHO_LISTEN": "127.0.0.1:0",
        **{f"SEKISHO_{name.upper()}": value for name, value in given.items()},
    }


@contextmanager
def serving(folder: Path, **given: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run a server; yield it and its address."""
    with subprocess.Popen(
        SERVE, env=environment(folder, **given), stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        try:
            for line in process.stdout:
                if found := re.match(r"sekisho serves on (\S+) ", line):
                    break
            else:
                pytest.fail("it did not start")
            yield process, found[1]
        finally:
            process.terminate()


def test_check_validates_and_prints_what_would_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    keys = tmp_path / "keys.toml"
    keys.write_text(f'[[keys]]\nid = "k1"\nsecret = "{"ab" * 32}"\n')
    monkeypatch.setenv("SEKISHO_DATABASE_URL", "postgresql://me:hunter2@db/ledger")
    monkeypatch.setenv("SEKISHO_KEYS_FILE", str(keys))
    assert run(["serve", "--check"]) == Exit.OK
    shown = capsys.readouterr().out
    assert "postgresql://me:***@db/ledger" in shown
    assert "hunter2" not in shown
    assert "the settings are good; policy default@" in shown

    keys.write_text("")
    assert run(["serve", "--check"]) == Exit.BAD_INPUT
    keys.unlink()
    monkeypatch.setenv("SEKISHO_LISTN", "x")
    assert run(["serve", "--check"]) == Exit.BAD_INPUT
    told = capsys.readouterr().err
    assert "2 problems" in told
    assert "did you mean SEKISHO_LISTEN?" in told


def test_a_policy_that_cannot_be_used_is_told_with_its_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text('name = "x"\nthreshold = "high"\n')
    monkeypatch.setenv("SEKISHO_POLICY_FILE", str(policy))
    for command in (["serve", "--check"], ["serve"], ["policy", "check", str(policy)]):
        assert run(command) != Exit.OK
        told = " ".join(capsys.readouterr().err.split())
        assert "policy.toml" in told
        assert "threshold" in told
        assert "Traceback" not in told


def test_sigterm_ends_it_in_good_order(tmp_path: Path) -> None:
    with serving(tmp_path) as (process, _):
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == Exit.OK


def test_a_port_in_use_is_told_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        done = subprocess.run(
            SERVE,
            env=environment(tmp_path, listen=listen),
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == Exit.FAILED
    assert f"error: cannot listen at {listen}" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_ledger_is_migrated_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SEKISHO_DATA_DIR", str(tmp_path))
    assert run(["migrate"]) == Exit.OK
    assert "from nothing to" in capsys.readouterr().out
    assert run(["migrate"]) == Exit.OK
    assert "is up to date" in capsys.readouterr().out
    monkeypatch.setenv("SEKISHO_DATABASE_URL", "postgresql://me:hunter2@127.0.0.1:1/ledger")
    monkeypatch.setenv("SEKISHO_KEYS_FILE", str(tmp_path))
    assert run(["migrate"]) == Exit.UNAVAILABLE
    told = capsys.readouterr().err
    assert "the ledger cannot be migrated" in told
    assert "hunter2" not in told


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tls") / "certs"
    assert run(["dev-certs", str(folder), "--terminal", f"{live.SHOP}/t1"]) == Exit.OK
    return folder


def test_with_certificates_each_role_may_do_its_own(
    tmp_path: Path, certificates: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tls = {
        "tls_certificate_file": str(certificates / "server.pem"),
        "tls_key_file": str(certificates / "server.key"),
        "tls_client_ca_file": str(certificates / "ca.pem"),
        "trust_domain": "sekisho.example",
        "listen": "0.0.0.0:0",
    }

    with serving(tmp_path, **tls) as (_, address):
        server = f"localhost:{address.rpartition(':')[2]}"

        def call(role: str, *arguments: str) -> int:
            pair = ["--cert", f"{certificates}/{role}.pem", "--key", f"{certificates}/{role}.key"]
            ca = ["--ca", f"{certificates}/ca.pem"]
            capsys.readouterr()
            return run([*arguments, "--server", server, *ca, *(pair if role else [])])

        asked = live.ordinary() | {"terminal": "t1"}
        file = live.write(tmp_path, asked)
        assert call("terminal", "health") == Exit.OK
        # The line's record is a terminal's claim, which does not count.
        assert call("terminal", "assess", file) == Exit.STEP_UP
        assert call("gateway", "assess", file) in {Exit.OK, Exit.STEP_UP}
        other = live.write(tmp_path, asked | {"terminal": "t2"})
        assert call("terminal", "assess", other) == Exit.REFUSED
        assert "treat as STEP_UP" in capsys.readouterr().err
        assert call("terminal", "assess", file, "--validate-only") == Exit.REFUSED
        assert call("terminal", "decision", "show", "2" * 8) == Exit.REFUSED
        assert call("terminal", "watchlist", "list") == Exit.REFUSED
        assert call("analyst", "watchlist", "list") == Exit.OK
        assert call("analyst", "assess", file) == Exit.REFUSED
        assert call("", "health") == Exit.UNAVAILABLE
        # As the image's health check asks: with the server's own certificate.
        assert call("server", "health") == Exit.OK


def test_the_connection_may_come_from_the_environment(
    server: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(settings.SERVER_VARIABLE, server)
    assert run(["health"]) == Exit.OK
    assert capsys.readouterr().out.strip() == "SERVING"
    assert os.environ[settings.SERVER_VARIABLE] == server
