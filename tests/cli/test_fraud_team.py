"""What the fraud team does by command, against a running service."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from sekisho.cli.failures import Exit
from tests.cli import live
from tests.cli.conftest import Command
from tests.cli.sources.test_formats import OFAC, UN

Assessed = Callable[[str], dict[str, Any]]


@pytest.fixture
def list_id(command: Command) -> str:
    """Id of a new list."""
    made = f"list-{uuid4().hex[:8]}"
    assert command("watchlist", "create", made, "--name", "A list")[0] == Exit.OK
    return made


@pytest.fixture
def ofac(tmp_path: Path) -> str:
    """A small SDN list."""
    file = tmp_path / "sdn.csv"
    file.write_bytes(OFAC)
    return str(file)


def version(command: Command, list_id: str) -> str:
    _, shown, _ = command("watchlist", "show", list_id)
    return shown.split("version ")[1].split()[0]


def test_a_decision_is_shown_by_id_and_by_case_number(
    command: Command, assessed: Assessed, tmp_path: Path
) -> None:
    asked = live.forged()
    decision = assessed(live.write(tmp_path, asked))
    uuid = decision["name"].removeprefix("decisions/")
    shown = [command("decision", "show", name)[:2] for name in (decision["name"], uuid)]
    by_number = command("decision", "show", decision["caseNumber"].lower())
    assert by_number[0] == Exit.OK
    assert {code for code, _ in shown} == {Exit.OK}
    for text in (by_number[1], shown[0][1], shown[1][1]):
        assert decision["caseNumber"] in text
        assert f"{asked['shop']} / {asked['terminal']}" in text
        assert "chip_unread" in text
        assert "sim reissue, lost" in text
    code, facts, _ = command("decision", "show", uuid, "--all-facts")
    assert code == Exit.OK
    assert "velocity.document.tries_24h" in facts
    case = json.loads(command("decision", "show", uuid, "--json")[1])
    assert case["decision"]["name"] == decision["name"]


def test_no_identifier_is_shown_in_the_clear(
    command: Command, assessed: Assessed, tmp_path: Path
) -> None:
    asked = live.forged()
    decision = assessed(live.write(tmp_path, asked))
    _, shown, _ = command("decision", "show", decision["name"], "--json")
    change = asked["simChange"]
    for value in (change["msisdn"], change["iccid"], change["documents"][0]["number"]):
        assert value not in shown


@pytest.mark.parametrize("name", ["decisions/00000000-0000-7000-8000-000000000000", "22222222"])
def test_a_decision_that_is_not_there_is_told(command: Command, name: str) -> None:
    code, _, told = command("decision", "show", name)
    assert code in {Exit.NOT_FOUND, Exit.BAD_INPUT}
    assert "error:" in told


def test_a_published_list_is_imported_and_the_next_assessment_knows_it(
    command: Command, assessed: Assessed, tmp_path: Path, list_id: str, ofac: str
) -> None:
    code, shown, _ = command("watchlist", "import", list_id, ofac)
    assert code == Exit.OK
    for part in (
        "rows read 6",
        "rows used 2",
        "entries 8 (4 person, 2 contact, 2 document)",
        "1 entity without a contact 1",
        "1 passport without a known country 4",
        "added 8",
        "on the list 8",
        "entries/s",
    ):
        assert part in shown

    hit = assessed(live.write(tmp_path, live.with_passport("A123456")))
    assert hit["verdict"] == "VERDICT_STEP_UP"
    _, shown, _ = command("decision", "show", hit["name"])
    assert f"{list_id} document OFAC SDN SDN 39, SDGT, SYRIA" in shown
    neighbour = assessed(live.write(tmp_path, live.with_passport("A123457")))
    assert "Watchlist hits" not in command("decision", "show", neighbour["name"])[1]


def test_an_import_replaces_what_was_there(
    command: Command, tmp_path: Path, list_id: str, ofac: str
) -> None:
    command("watchlist", "import", list_id, ofac)
    assert "kept 8" in command("watchlist", "import", list_id, ofac)[1]
    file = tmp_path / "un.xml"
    file.write_bytes(UN)
    code, shown, _ = command("watchlist", "import", list_id, str(file))
    assert code == Exit.OK
    assert "added 13 removed 8 kept 0 duplicates 0 on the list 13" in shown


def test_a_list_is_created_on_import_where_asked(command: Command, ofac: str) -> None:
    made = f"list-{uuid4().hex[:8]}"
    assert command("watchlist", "import", made, ofac)[0] == Exit.NOT_FOUND
    for _ in range(2):
        assert command("watchlist", "import", made, ofac, "--create")[0] == Exit.OK


@pytest.mark.parametrize(
    "content", [OFAC.replace(b'38,"EXAMPLE STAR",', b"38,"), b"number\n??\n", b"", b"\x00\xff"]
)
def test_a_file_that_fails_half_way_leaves_the_list_as_it_was(
    command: Command, tmp_path: Path, list_id: str, ofac: str, content: bytes
) -> None:
    command("watchlist", "import", list_id, ofac)
    before = version(command, list_id)
    file = tmp_path / "broken.csv"
    file.write_bytes(content)
    mapping = ("--map", "number=number") if content.startswith(b"number") else ()
    code, _, told = command("watchlist", "import", list_id, str(file), *mapping)
    assert code == Exit.BAD_INPUT
    assert "broken.csv" in told
    assert version(command, list_id) == before
    assert command("watchlist", "lookup", "--document", "A123456", "--type", "passport",
                   "--country", "IR")[1].count(list_id) >= 1  # fmt: skip


def test_a_dry_run_changes_nothing(command: Command, list_id: str, ofac: str) -> None:
    before = version(command, list_id)
    code, shown, _ = command("watchlist", "import", list_id, ofac, "--dry-run")
    assert code == Exit.OK
    assert "nothing was sent" in shown
    assert version(command, list_id) == before


def test_one_identifier_is_added_looked_up_and_removed(command: Command, list_id: str) -> None:
    imei = live.ordinary()["simChange"]["imei"]
    about = ("--reason", "stolen in transit", "--source", "warehouse", "--expires", "2030-01-01")
    code, shown, told = command("watchlist", "add", list_id, "--imei", imei, *about)
    assert code == Exit.OK, told
    assert imei not in shown
    code, shown, _ = command("watchlist", "lookup", "--imei", imei)
    for part in (list_id, "imei", "warehouse", "stolen in transit", "2030-01-01"):
        assert part in shown
    assert command("watchlist", "entries", list_id)[1].count("warehouse") == 1
    assert "removed 1" in command("watchlist", "remove", list_id, "--imei", imei)[1]
    assert command("watchlist", "lookup", "--imei", imei)[1] == "on no list"
    assert command("watchlist", "remove", list_id, "--imei", imei)[0] == Exit.BAD_INPUT
    assert command("watchlist", "entries", list_id)[1] == "no entries"


def test_an_entry_is_removed_by_its_fingerprint(command: Command, list_id: str) -> None:
    imei = live.ordinary()["simChange"]["imei"]
    _, shown, _ = command("watchlist", "add", list_id, "--imei", imei)
    fingerprint = shown.split()[-1]
    assert command("watchlist", "remove", list_id, "--entry", fingerprint)[0] == Exit.OK
    assert command("watchlist", "remove", list_id, "--entry", fingerprint)[0] == Exit.NOT_FOUND


def test_lists_are_listed_shown_and_deleted(command: Command, list_id: str) -> None:
    assert list_id in command("watchlist", "list")[1]
    assert "A list" in command("watchlist", "show", list_id)[1]
    assert command("watchlist", "create", list_id)[0] == Exit.CONFLICT
    assert command("watchlist", "delete", list_id, "--etag", "stale")[0] != Exit.OK
    assert command("watchlist", "delete", list_id)[0] == Exit.OK
    assert command("watchlist", "show", list_id)[0] == Exit.NOT_FOUND


def test_a_malformed_identifier_is_refused_without_repeating_it(
    command: Command, list_id: str
) -> None:
    code, _, told = command("watchlist", "add", list_id, "--imei", "secret")
    assert code == Exit.BAD_INPUT
    assert "watchlist_entry.identifier.imei" in told
    assert "secret" not in told
