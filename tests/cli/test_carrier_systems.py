"""What the carrier's systems do by command, against a running service."""

import json
import time
from pathlib import Path
from uuid import uuid4

import pytest

from sekisho.cli import story
from sekisho.cli.failures import Exit
from sekisho.cli.main import run
from sekisho.cli.server_process import running
from tests.cli import live
from tests.cli.conftest import Command


def test_shops_are_listed_as_they_were_imported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def command(*arguments: str) -> tuple[int, str]:
        capsys.readouterr()
        code = run([*arguments, "--server", server.address])
        return code, " ".join(capsys.readouterr().out.split())

    with running(tmp_path, "127.0.0.1:0") as server:
        assert command("shop", "list") == (Exit.OK, "no shops")
        code, shown = command("shop", "import", str(story.folder() / story.SHOPS))
        assert (code, shown) == (Exit.OK, "shops 2 added 2 removed 0 kept 0")
        code, shown = command("shop", "list")
        assert "nagoya-sakae 名古屋栄店 JP-23 2 not known 0" in shown
        one = tmp_path / "one.csv"
        one.write_text("id,prefecture,hours\nosaka-umeda,JP-27,mon-fri 10:00-20:00\n")
        code, shown = command("shop", "import", str(one))
        assert (code, shown) == (Exit.OK, "shops 1 added 0 removed 1 kept 1")
        one.write_text("id,prefecture\nosaka umeda,JP-99\n")
        assert command("shop", "import", str(one))[0] == Exit.BAD_INPUT


def test_what_the_carrier_knows_of_a_line_counts(command: Command, tmp_path: Path) -> None:
    asked = live.ordinary()
    record = asked["simChange"].pop("lineRecord") | {"locked": True}
    line = {"msisdn": asked["simChange"]["msisdn"], "record": record}
    assert command("line", "record", live.write(tmp_path, line))[:2] == (Exit.OK, "recorded")
    file = live.write(tmp_path, asked)

    def case() -> str:
        code, shown, _ = command("assess", file, "--json")
        assert code == Exit.STEP_UP
        return command("decision", "show", json.loads(shown)["name"], "--all-facts")[1]

    # The cache follows the ledger within two seconds, and counts as fresh meanwhile.
    until = time.monotonic() + 20
    while "line.locked true" not in (shown := case()):
        assert time.monotonic() < until, shown


def test_events_are_recorded_once(command: Command, tmp_path: Path) -> None:
    events = [
        {
            "eventId": str(uuid4()),
            "msisdn": live.ordinary()["simChange"]["msisdn"],
            "kind": "KIND_PIN_CHANGED",
            "eventTime": f"2026-01-01T00:{minute % 60:02}:00Z",
        }
        for minute in range(1_200)
    ]
    file = tmp_path / "events.jsonl"
    file.write_text("\n".join(map(json.dumps, events)) + "\n\n")
    assert command("line", "events", str(file))[1] == "recorded 1,200 known already 0"
    assert command("line", "events", str(file))[1] == "recorded 0 known already 1,200"


def test_one_bad_event_refuses_all(command: Command, tmp_path: Path) -> None:
    good = {
        "eventId": str(uuid4()),
        "msisdn": live.ordinary()["simChange"]["msisdn"],
        "kind": "KIND_PIN_CHANGED",
        "eventTime": "2026-01-01T00:00:00Z",
    }
    bad = good | {"eventId": "no-uuid", "msisdn": "secret"}
    file = tmp_path / "events.jsonl"
    file.write_text(f"{json.dumps(good)}\n{json.dumps(bad)}\n")
    code, _, told = command("line", "events", str(file))
    assert code == Exit.BAD_INPUT
    assert "event_id" in told
    assert "secret" not in told
    file.write_text(f"{json.dumps(good)}\n")
    assert command("line", "events", str(file))[1] == "recorded 1 known already 0"


def test_a_line_that_is_no_event_is_told_by_its_number(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    file.write_text('{}\n{"secret": 1}\n')
    code, _, told = command("line", "events", str(file))
    assert code == Exit.BAD_INPUT
    assert "line 2" in told
    assert "secret" not in told
