"""The command itself: help, exit codes and what it imports."""

import subprocess
import sys
from pathlib import Path

import pytest

from sekisho.cli.failures import Exit
from sekisho.cli.main import run

COMMANDS = (
    *("serve", "try", "health", "doctor", "rebuild", "migrate", "dev-certs", "version"),
    *("console", "console link"),
    *("assess", "evidence", "outcome", "decision show", "decision watch"),
    *("watchlist create", "watchlist list", "watchlist show", "watchlist delete"),
    *("watchlist import", "watchlist add", "watchlist remove", "watchlist lookup"),
    *("watchlist entries", "policy check", "policy explain", "policy show"),
    *("shop import", "shop list", "line record", "line events"),
)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*command.split(), "--help"]) == Exit.OK
    shown = capsys.readouterr().out
    assert f"Usage: sekisho {command}" in shown


@pytest.mark.parametrize("command", [c for c in COMMANDS if " " in c or c != "version"])
def test_every_parameter_is_explained(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    run([*command.split(), "--help"])
    for line in capsys.readouterr().out.splitlines():
        cells = line.strip("│ ").split("  ")
        if cells[0].startswith("--") and "-h" not in cells[0]:
            assert any(cell.strip() for cell in cells[1:]), line


def test_the_whole_is_listed_without_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == Exit.OK
    shown = capsys.readouterr().out
    for command in COMMANDS:
        assert f"│ {command.split()[0]} " in shown


@pytest.mark.parametrize(
    "arguments",
    [
        ["no-such"],
        ["assess"],
        ["assess", "-", "--no-such"],
        ["decision", "no-such"],
        ["outcome", "x", "happened"],
        ["watchlist", "import", "x", "/no/such/file", "--dry-run"],
        ["watchlist", "import", "x", __file__, "--dry-run", "--map", "number"],
        ["watchlist", "import", "x", __file__, "--dry-run", "--delimiter", "::"],
        ["watchlist", "import", "x", __file__, "--dry-run", "--expires", "soon"],
        ["watchlist", "lookup"],
        ["watchlist", "lookup", "--imei", "1", "--iccid", "2"],
        ["watchlist", "lookup", "--document", "1", "--type", "pasport"],
        ["watchlist", "add", "x", "--imei", "1", "--starts", "soon"],
        ["assess", "/no/such/file"],
        ["assess", __file__],
        ["shop", "import", __file__],
        ["line", "events", __file__],
        ["policy", "check", "/no/such/file"],
        ["serve", "--check", "--settings", "/no/such/file"],
        ["health", "--cert", __file__],
        ["health", "--ca", __file__, "--cert", __file__],
        ["health", "--ca", "/no/such/file"],
    ],
)
def test_bad_input_ends_with_2_and_without_a_traceback(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == Exit.BAD_INPUT
    told = "".join(capsys.readouterr())
    assert "rror" in told
    assert "Traceback" not in told


def test_without_a_server_a_change_is_to_be_treated_as_step_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    request = tmp_path / "request.json"
    request.write_text("{}")
    # Port 1 is nobody's.
    assert run(["assess", str(request), "--server", "127.0.0.1:1"]) == Exit.UNAVAILABLE
    told = capsys.readouterr().err
    assert "no answer from 127.0.0.1:1" in told
    assert "treat as STEP_UP" in told


def test_the_command_starts_with_what_it_needs_only() -> None:
    code = (
        "import sys; from sekisho.cli.main import run; run(['version']);"
        "print([n for n in ('grpc', 'rich.table', 'sqlalchemy', 'google.protobuf', "
        "'opentelemetry', 'redis', 'cel_expr_python') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_pipe_that_closes_early_is_no_error() -> None:
    done = subprocess.run(
        f"{sys.executable} -m sekisho.cli policy explain | head -1; exit ${{PIPESTATUS[0]}}",
        shell=True,
        executable="/bin/bash",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == Exit.OK
    assert done.stderr == ""
