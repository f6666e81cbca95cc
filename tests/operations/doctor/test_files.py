"""Keys, policy, certificates and the data folder, each in a sick state."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sekisho import settings
from sekisho.adapters.policy.toml import default_policy_text
from sekisho.operations.doctor.certificates import certificates
from sekisho.operations.doctor.files import data_folder, key_file, policy
from sekisho.operations.doctor.finding import Finding, Level
from sekisho.settings import Settings
from tests.support.certificates import TRUST_DOMAIN, Authority, write

SECRET = "ab" * 32


def effective(folder: Path, **given: object) -> Settings:
    environ = {"SEKISHO_DATA_DIR": str(folder)}
    return settings.load(environ | {f"SEKISHO_{n.upper()}": str(v) for n, v in given.items()})


def told(findings: Iterable[Finding], level: Level) -> list[str]:
    """Return what is said at a level; all but ok say what to do."""
    every = list(findings)
    assert all(found.todo for found in every if found.level is not Level.OK)
    return [found.what for found in every if found.level is level]


def test_keys_are_counted_and_their_secrets_never_told(tmp_path: Path) -> None:
    assert "none yet" in told(key_file(effective(tmp_path)), Level.OK)[0]
    file = tmp_path / "keys.toml"
    file.write_text(f'[[keys]]\nid = "k7"\nsecret = "{SECRET}"\n')
    file.chmod(0o600)
    (well,) = key_file(effective(tmp_path))
    assert (well.level, "k7" in well.what) == (Level.OK, True)
    file.chmod(0o644)
    assert "read by others" in told(key_file(effective(tmp_path)), Level.WARNING)[0]
    file.write_text(f'[[keys]]\nid = "K 7"\nsecret = "{SECRET}"\n')
    (sick,) = key_file(effective(tmp_path))
    assert sick.level is Level.PROBLEM
    assert SECRET not in sick.what + sick.todo


def test_a_policy_is_loaded_and_each_of_its_problems_told(tmp_path: Path) -> None:
    assert "rules" in told(policy(effective(tmp_path)), Level.OK)[0]
    file = tmp_path / "policy.toml"
    file.write_bytes(default_policy_text() + b"\n[[rule]]\ncode = 7\n")
    assert told(policy(effective(tmp_path, policy_file=file)), Level.PROBLEM)


def test_room_on_the_disk_is_told(tmp_path: Path) -> None:
    (found,) = data_folder(effective(tmp_path))
    assert f"free in {tmp_path}" in found.what
    assert "none yet" in told(data_folder(effective(tmp_path / "new")), Level.OK)[0]


def with_tls(folder: Path) -> Settings:
    return effective(
        folder,
        tls_certificate_file=folder / "server.pem",
        tls_key_file=folder / "server.key",
        tls_client_ca_file=folder / "clients.pem",
        trust_domain=TRUST_DOMAIN,
    )


def test_certificates_are_judged_by_their_dates(tmp_path: Path) -> None:
    authority = Authority()
    write(tmp_path, authority.server(), authority.certificate)
    # Made with a day on either side of now.
    now = datetime.now(UTC)
    found = list(certificates(with_tls(tmp_path), now))
    assert len(told(found, Level.WARNING)) == 2
    assert all("expires in 0 d" in what for what in told(found, Level.WARNING))
    assert "fits" in told(found, Level.OK)[0]
    long_before = certificates(with_tls(tmp_path), now - timedelta(days=3))
    assert all("not valid before" in what for what in told(long_before, Level.PROBLEM))
    later = told(certificates(with_tls(tmp_path), now + timedelta(days=3)), Level.PROBLEM)
    assert len(later) == 2
    assert all("expired on" in what for what in later)


def test_a_certificate_that_lasts_is_well(tmp_path: Path) -> None:
    authority = Authority(days=100)
    write(tmp_path, authority.server(), authority.certificate)
    found = list(certificates(with_tls(tmp_path), datetime.now(UTC)))
    assert {finding.level for finding in found} == {Level.OK}


def test_another_key_and_what_is_no_ca_are_told(tmp_path: Path) -> None:
    authority = Authority(days=100)
    server = authority.server()
    write(tmp_path, server, server.certificate)
    (tmp_path / "server.key").write_bytes(authority.server().key)
    found = told(certificates(with_tls(tmp_path), datetime.now(UTC)), Level.PROBLEM)
    assert "does not fit" in found[0]
    assert "no CA" in found[1]
    (tmp_path / "server.pem").write_text("nothing")
    found = told(certificates(with_tls(tmp_path), datetime.now(UTC)), Level.PROBLEM)
    assert "no certificate that can be read" in found[0]


def test_without_tls_there_is_nothing_to_expire(tmp_path: Path) -> None:
    (found,) = certificates(effective(tmp_path), datetime.now(UTC))
    assert found.level is Level.OK
