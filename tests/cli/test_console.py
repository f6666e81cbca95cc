"""The console as a process: beside a service, and by itself."""

import os
import re
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc
import httpx
import pytest

from sekisho import settings
from sekisho.cli.console_options import Api, options_of
from sekisho.cli.failures import Exit
from sekisho.cli.main import run
from sekisho.tokens import Tokens
from sekisho.v1.review_pb2 import GetAnalystRequest
from sekisho.v1.review_pb2_grpc import ReviewServiceStub
from tests.support import certificates
from tests.support.certificates import Authority
from tests.support.crew import alive, children_of, until

SEKISHO = [sys.executable, "-m", "sekisho.cli"]
_LINK = re.compile(r"^sign in, once and within ten minutes: ((http://\S+)/sign-in\?code=(\S+))$")
_SERVES = re.compile(r"^sekisho serves on (\S+) ")


@dataclass
class Started:
    """A process with a console, what it said so far, and its link."""

    process: subprocess.Popen[str]
    said: list[str]
    link: str
    url: str
    code: str

    @property
    def address(self) -> str:
        return next(found[1] for line in self.said if (found := _SERVES.match(line)))

    def next_link(self) -> str:
        assert self.process.stdout
        return next(found[1] for line in self.process.stdout if (found := _LINK.match(line)))

    def consoles(self) -> set[int]:
        return {
            pid
            for pid in children_of(self.process.pid)
            if b"\0console\0" in Path(f"/proc/{pid}/cmdline").read_bytes()
        }


def environment(folder: Path, **given: str) -> dict[str, str]:
    return settings.environment_without_settings() | {
        "SEKISHO_DATA_DIR": str(folder / "data"),
        "SEKISHO_LISTEN": "127.0.0.1:0",
        "SEKISHO_CONSOLE_LISTEN": "127.0.0.1:0",
        **{f"SEKISHO_{name.upper()}": value for name, value in given.items()},
    }


@contextmanager
def started(folder: Path, *words: str, **given: str) -> Iterator[Started]:
    """Run a command until its console has told its link."""
    with subprocess.Popen(
        [*SEKISHO, *words], env=environment(folder, **given), stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        said = []
        try:
            for line in process.stdout:
                said.append(line)
                if found := _LINK.match(line):
                    yield Started(process, said, *found.groups())
                    break
            else:
                pytest.fail(f"no console came: {said}")
        finally:
            process.terminate()


def first_page(url: str, code: str) -> httpx.Response:
    """Sign in, and return the first page."""
    headers = {"origin": url, "accept": "text/html"}
    with httpx.Client(base_url=url, headers=headers, follow_redirects=True) as client:
        return client.post("/sign-in", data={"code": code, "name": "sato"})


def test_a_service_starts_its_console_and_tells_a_link_after_it_serves(tmp_path: Path) -> None:
    elsewhere = {"server": "elsewhere:1", "ca": "/no/such/ca.pem"}
    with started(tmp_path, "serve", **elsewhere) as found:
        assert _SERVES.match(found.said[0]), "the address comes first"
        page = first_page(found.url, found.code)
        assert (page.status_code, page.url.path) == (200, "/")
        assert "server" not in page.headers
        found.process.send_signal(signal.SIGTERM)
        assert found.process.wait(30) == Exit.OK
        with pytest.raises(httpx.ConnectError):
            httpx.get(found.url)


def test_the_service_knows_the_analysts_of_its_console(tmp_path: Path) -> None:
    with started(tmp_path, "serve") as found:
        known = settings.load(environment(tmp_path))
        options = options_of(known, Api(found.address), 1)
        token = Tokens(options.token_keys).issue("analyst", "sato", time.time(), 60)
        with grpc.insecure_channel(found.address) as channel:
            answer = ReviewServiceStub(channel).GetAnalyst(
                GetAnalystRequest(), timeout=10, metadata=(("authorization", f"Bearer {token}"),)
            )
        assert answer.name == "analyst/sato"


@pytest.mark.destructive
def test_a_console_that_is_killed_is_started_again_and_one_of_a_killed_service_ends(
    tmp_path: Path,
) -> None:
    with started(tmp_path, "serve") as found:
        (first,) = found.consoles()
        os.kill(first, signal.SIGKILL)
        url, _, code = found.next_link().partition("/sign-in?code=")
        (second,) = found.consoles()
        assert second != first
        assert httpx.get(f"{url}/sign-in", params={"code": found.code}).status_code == 400
        assert first_page(url, code).status_code == 200
        found.process.kill()
        until(lambda: not alive(second))


def test_a_service_without_a_console_starts_none(tmp_path: Path) -> None:
    with subprocess.Popen(
        [*SEKISHO, "serve", "--no-console"],
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        try:
            assert _SERVES.match(process.stdout.readline())
            assert len(children_of(process.pid)) == 1, "its Valkey"
        finally:
            process.terminate()
        assert "sign in" not in process.stdout.read()


def test_it_runs_by_itself_and_takes_the_links_of_the_command(tmp_path: Path) -> None:
    with started(tmp_path, "console", server="127.0.0.1:1") as found:
        assert len(found.said) == 2
        port = found.url.rpartition(":")[2]
        made = subprocess.run(
            [*SEKISHO, "console", "link", "--name", "suzuki"],
            env=environment(tmp_path, console_listen=f"127.0.0.1:{port}"),
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        assert made.startswith(f"{found.url}/sign-in?code=")
        assert 'value="suzuki"' in httpx.get(made).text
        # Signed in: the page says that the API, which is not there, does not answer.
        assert first_page(found.url, made.partition("code=")[2]).status_code == 503
        found.process.send_signal(signal.SIGINT)
        assert found.process.wait(30) == Exit.OK


def test_it_speaks_https_where_it_has_a_certificate(tmp_path: Path) -> None:
    authority = Authority()
    files = certificates.write(tmp_path, authority.server(), authority.certificate)
    https = {
        "console_tls_certificate_file": str(files.certificate),
        "console_tls_key_file": str(files.key),
        "console_listen": "localhost:0",
    }
    trusted = ssl.create_default_context(cafile=files.client_ca)
    with subprocess.Popen(
        [*SEKISHO, "console"], env=environment(tmp_path, **https), stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout
            url = process.stdout.readline().split()[-1]
            assert url.startswith("https://localhost:")
            answer = httpx.get(f"{url}/sign-in", verify=trusted)
            assert answer.status_code == 200
        finally:
            process.terminate()


def test_https_files_that_do_not_fit_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    authority = Authority()
    certificate, key = tmp_path / "a.pem", tmp_path / "b.key"
    certificate.write_bytes(authority.server().certificate)
    key.write_bytes(authority.server().key)
    https = {
        "console_tls_certificate_file": str(certificate),
        "console_tls_key_file": str(key),
    }
    for name, value in environment(tmp_path, **https).items():
        monkeypatch.setenv(name, value)
    assert run(["console"]) == Exit.FAILED
    assert "the console's https files" in capsys.readouterr().err


def test_what_it_cannot_do_is_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in environment(tmp_path, console_listen="0.0.0.0:0").items():
        monkeypatch.setenv(name, value)
    assert run(["console"]) == Exit.BAD_INPUT
    told = " ".join(capsys.readouterr().err.split())
    assert "can be reached from other machines, which needs https" in told
    monkeypatch.setenv("SEKISHO_CONSOLE_LISTEN", "127.0.0.1:0")
    assert run(["console", "link"]) == Exit.BAD_INPUT
    assert run(["console", "link", "--name", "a b"]) == Exit.BAD_INPUT
    with started(tmp_path, "console") as found:
        monkeypatch.setenv("SEKISHO_CONSOLE_LISTEN", found.url.removeprefix("http://"))
        assert run(["console"]) == Exit.FAILED
        assert "the console cannot listen at" in " ".join(capsys.readouterr().err.split())

    monkeypatch.setenv("SEKISHO_OIDC_ISSUER", "https://id.example")
    monkeypatch.setenv("SEKISHO_OIDC_CLIENT_ID", "desk")
    monkeypatch.setenv("SEKISHO_CONSOLE_LISTEN", "127.0.0.1:0")
    monkeypatch.setenv("SEKISHO_CONSOLE", "false")
    assert run(["console"]) == Exit.FAILED
    assert "SEKISHO_OIDC_CLIENT_SECRET_FILE" in capsys.readouterr().err
    assert run(["console", "link"]) == Exit.REFUSED


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--server", "sekisho-1:443"], "must not go there in the clear"),
        (["--server", "nowhere"], "expected HOST:PORT"),
        (["--cert", __file__, "--key", __file__], "go together"),
        (["--ca", __file__], "go together"),
        (["--ca", "/no/such", "--cert", __file__, "--key", __file__], "cannot be read"),
    ],
)
def test_an_api_that_cannot_be_reached_so_is_told_at_the_start(
    words: list[str],
    told: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    assert run(["console", *words]) == Exit.BAD_INPUT
    assert told in " ".join(capsys.readouterr().err.split())
