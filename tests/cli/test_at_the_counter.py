"""What a shop does by command, against a running service."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from sekisho.cli.failures import Exit
from sekisho.cli.main import run
from tests.cli import live
from tests.cli.conftest import Command

Assessed = Callable[[str], dict[str, Any]]


def test_a_server_says_that_it_serves(command: Command) -> None:
    assert command("health")[:2] == (Exit.OK, "SERVING")
    assert command("health", "--service", "sekisho.v1.RiskCheckService")[0] == Exit.OK
    assert command("health", "--service", "no.such.Service")[0] == Exit.NOT_FOUND


def test_an_ordinary_reissue_is_allowed(command: Command, tmp_path: Path) -> None:
    code, shown, told = command("assess", live.write(tmp_path, live.ordinary()))
    assert (code, told) == (Exit.OK, "")
    assert shown.startswith("ALLOW")
    assert "(fresh)" in shown


def test_a_forged_licence_is_stepped_up_with_what_to_do(command: Command, tmp_path: Path) -> None:
    file = live.write(tmp_path, live.forged())
    code, shown, _ = command("assess", file)
    assert code == Exit.STEP_UP
    assert "STEP_UP" in shown
    assert "challenge state what the clerk does" in shown


def test_the_clerk_reads_japanese_where_asked(command: Command, tmp_path: Path) -> None:
    code, shown, _ = command("assess", live.write(tmp_path, live.ordinary()), "--lang", "ja")
    assert code == Exit.OK
    assert "お手続きを進めてください" in shown


def test_a_repeat_gets_the_same_decision_and_another_body_is_refused(
    command: Command, assessed: Assessed, tmp_path: Path
) -> None:
    asked = live.ordinary() | {"requestId": str(uuid4())}
    file = live.write(tmp_path, asked)
    assert assessed(file) == assessed(file)
    asked["simChange"]["cause"] = "CAUSE_STOLEN"
    code, _, told = command("assess", live.write(tmp_path, asked))
    assert code == Exit.CONFLICT
    assert "ALREADY_EXISTS" in told
    assert "treat as STEP_UP" in told


def test_standard_input_is_read_too(
    server: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    content = io.BytesIO(json.dumps(live.ordinary()).encode())
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(content))
    assert run(["assess", "-", "--server", server]) == Exit.OK
    assert "ALLOW" in capsys.readouterr().out


def test_every_bad_field_is_told_at_once_and_no_value_is(command: Command, tmp_path: Path) -> None:
    asked = live.ordinary()
    asked["simChange"] |= {"msisdn": "secret", "imei": "secret", "clerk": ""}
    asked["simChange"]["documents"][0]["issueDate"] = "secret"
    code, _, told = command("assess", live.write(tmp_path, asked))
    assert code == Exit.BAD_INPUT
    for field in ("msisdn", "imei", "clerk", "documents[0].issue_date"):
        assert f"sim_change.{field}" in told
    assert "secret" not in told


@pytest.mark.parametrize("content", ["", "{", '{"unknown": 1}', '{"simChange": {"kind": "NO"}}'])
def test_a_file_that_is_no_request_is_told(command: Command, tmp_path: Path, content: str) -> None:
    file = tmp_path / "request.json"
    file.write_text(content)
    code, _, told = command("assess", str(file))
    assert code == Exit.BAD_INPUT
    assert "is not a AssessSimChangeRequest in JSON" in told


def test_validate_only_records_nothing(command: Command, tmp_path: Path) -> None:
    code, shown, _ = command(
        "assess", live.write(tmp_path, live.ordinary()), "--validate-only", "--json"
    )
    assert code == Exit.OK
    decision = json.loads(shown)
    assert "name" not in decision
    assert "requestId" not in decision


def test_a_change_that_was_allowed_is_completed(
    command: Command, assessed: Assessed, tmp_path: Path
) -> None:
    decision = assessed(live.write(tmp_path, live.ordinary()))
    place = ("--shop", live.SHOP, "--terminal", "t1")
    code, shown, told = command("outcome", decision["name"], "completed", *place)
    assert code == Exit.OK, told
    assert "COMPLETED" in shown
    # It is final, so that following it ends at once.
    code, shown, _ = command("decision", "watch", decision["name"])
    assert code == Exit.OK
    assert "COMPLETED" in shown
    code, _, told = command("outcome", decision["name"], "refused", *place)
    assert code == Exit.CONFLICT


def test_evidence_that_refutes_ends_a_step_up(
    command: Command, assessed: Assessed, tmp_path: Path
) -> None:
    decision = assessed(live.write(tmp_path, live.forged()))
    challenge = next(
        found["kind"]
        for found in decision["challenges"]
        if found["kind"] != "CHALLENGE_KIND_FRAUD_TEAM"
    )
    evidence = {
        "shop": live.SHOP,
        "terminal": "t1",
        "evidence": [{"challenge": challenge, "result": "RESULT_REFUTED"}],
    }
    if challenge == "CHALLENGE_KIND_SUPERVISOR":
        evidence["evidence"][0]["supervisor"] = "s-1"  # type: ignore[index]
    file = live.write(tmp_path, evidence)
    code, shown, told = command("evidence", file, "--decision", decision["name"])
    assert code == Exit.STEP_UP, told
    assert "STEP_UP_FAILED" in shown
    code, shown, _ = command("decision", "watch", decision["name"], "--json")
    assert code == Exit.STEP_UP
    assert json.loads(shown)["state"] == "STATE_STEP_UP_FAILED"
