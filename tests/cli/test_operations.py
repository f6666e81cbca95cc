"""`sekisho doctor` and `sekisho rebuild` beside a running service."""

import json
import subprocess
import sys
from pathlib import Path

from sekisho import settings
from sekisho.cli.failures import Exit
from sekisho.cli.server_process import running


def sekisho(folder: Path, *words: str, **given: str) -> subprocess.CompletedProcess[str]:
    """Run a command as an operator does, on the data folder."""
    variables = {f"SEKISHO_{name.upper()}": value for name, value in given.items()}
    environment = settings.environment_without_settings() | variables
    return subprocess.run(
        [sys.executable, "-m", "sekisho.cli", *words],
        env=environment | {"SEKISHO_DATA_DIR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_an_operator_looks_at_a_running_service_and_rebuilds_its_cache(tmp_path: Path) -> None:
    with running(tmp_path, "127.0.0.1:0"):
        looked = sekisho(tmp_path, "doctor")
        assert looked.returncode == Exit.OK, looked.stdout + looked.stderr
        assert "the cache follows the ledger" in looked.stdout
        assert "1 warning" in looked.stdout
        for words in (("rebuild",), ("rebuild", "--watch")):
            rebuilt = sekisho(tmp_path, *words)
            assert rebuilt.returncode == Exit.OK, rebuilt.stderr
            assert "complete, the cache holds all of the ledger" in rebuilt.stdout
        assert sekisho(tmp_path, "doctor").returncode == Exit.OK


def test_findings_come_as_json_and_problems_as_an_exit_code(tmp_path: Path) -> None:
    looked = sekisho(tmp_path, "doctor", "--json", listn="x")
    assert looked.returncode == Exit.FAILED
    (found,) = json.loads(looked.stdout)
    assert found["level"] == "problem"
    assert "SEKISHO_LISTEN" in found["what"]
    assert found["todo"]
    file = tmp_path / "settings.toml"
    file.write_text("attempts = 99\n")
    looked = sekisho(tmp_path, "doctor", "--settings", str(file))
    assert looked.returncode == Exit.FAILED
    assert "1 problem" in looked.stdout


def test_a_rebuild_that_cannot_begin_says_why(tmp_path: Path) -> None:
    watched = sekisho(tmp_path, "rebuild", "--watch")
    assert watched.returncode == Exit.UNAVAILABLE
    assert "start the service" in watched.stderr
    rebuilt = sekisho(tmp_path, "rebuild")
    assert rebuilt.returncode == Exit.FAILED
    assert "sekisho migrate" in rebuilt.stderr
