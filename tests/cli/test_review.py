"""`sekisho review` against a running service: what waits, what is done to it, what ties it."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sekisho.cli.failures import Exit
from tests.cli import live
from tests.cli.conftest import Command

Assessed = Callable[[str], dict[str, Any]]


@pytest.fixture
def case(command: Command, assessed: Assessed, tmp_path: Path) -> str:
    """Case number of a new step-up that the desk has."""
    number: str = assessed(live.write(tmp_path, live.forged()))["caseNumber"]
    found(command, "--number", number, "--everything")
    return number


def found(command: Command, *options: str) -> list[dict[str, Any]]:
    """List cases, until there are some."""
    deadline = time.monotonic() + 15
    while True:
        code, listed, told = command("review", "list", *options, "--json")
        assert code == Exit.OK, told
        cases: list[dict[str, Any]] = json.loads(listed).get("cases", [])
        if cases or time.monotonic() > deadline:
            return cases
        time.sleep(0.1)


def done(command: Command, *words: str) -> dict[str, Any]:
    """Run a command with --json, and return what it says."""
    code, said, told = command("review", *words, "--json")
    assert code == Exit.OK, told
    answer: dict[str, Any] = json.loads(said)
    return answer


def test_what_waits_is_listed_with_how_much_there_is(command: Command, case: str) -> None:
    code, listed, _ = command("review", "list", "--queue", "counter", "--most", "500")
    assert code == Exit.OK
    assert case in listed
    assert "fraud team" in listed
    assert "chip_unread" in listed


def test_a_case_is_claimed_noted_and_approved(command: Command, case: str) -> None:
    held = done(command, "claim", case)
    assert held["assignee"]
    assert command("review", "note", case, "asked the shop")[0] == Exit.OK
    approved = done(command, "approve", case.lower(), "--note", "called the customer")
    assert approved["state"] == "STATE_ALLOWED"
    code, shown, _ = command("review", "show", case)
    assert code == Exit.OK
    for words in ("claimed", "asked the shop", "approved", "called the customer", "allowed"):
        assert words in shown
    code, _, told = command("review", "decline", case, "--note", "too late")
    assert code == Exit.CONFLICT
    assert "not open" in told


def test_a_case_is_escalated_demanded_declined_and_disposed_of(command: Command, case: str) -> None:
    assert done(command, "escalate", case, "--note", "for a senior")["escalated"]
    demanded = done(command, "demand", case, "confirm_on_current_sim")
    assert "CHALLENGE_KIND_CONFIRM_ON_CURRENT_SIM" in demanded["openChallenges"]
    assert done(command, "decline", case, "--note", "no")["state"] == "STATE_STEP_UP_FAILED"
    said = done(command, "disposition", case, "confirmed_fraud", "--note", "pasted photograph")
    assert said["disposition"] == "DISPOSITION_CONFIRMED_FRAUD"
    code, trail, _ = command("review", "trail", case)
    assert code == Exit.OK
    for act in ("escalated", "demanded", "declined", "disposed"):
        assert act in trail


def test_the_next_case_is_taken(command: Command, case: str) -> None:
    taken = done(command, "take", "--queue", "counter")
    assert taken["leaseExpireTime"]
    given = done(command, "reassign", taken["caseNumber"], "suzuki")
    assert given["assignee"] == "analyst/suzuki"
    code, _, told = command("review", "release", taken["caseNumber"])
    assert code == Exit.CONFLICT
    assert "you do not hold this case" in told


def test_links_show_what_ties_cases(command: Command, assessed: Assessed, tmp_path: Path) -> None:
    one, other = live.forged(), live.forged()
    other["simChange"]["imei"] = one["simChange"]["imei"]
    numbers = [assessed(live.write(tmp_path, each))["caseNumber"] for each in (one, other)]
    for number in numbers:
        found(command, "--number", number, "--everything")
    code, shown, _ = command("review", "links", numbers[0])
    assert code == Exit.OK
    assert all(number in shown for number in numbers)
    assert "device" in shown


def test_a_frauds_card_is_blocked_and_the_line_locked(command: Command, case: str) -> None:
    code, shown, told = command("review", "block", case, "card", "--note", "forged", "--lock-line")
    assert code == Exit.OK, told
    assert "watchlists/confirmed-fraud/entries/" in shown
    assert "is locked" in shown


def test_fraud_found_later_is_reported_by_case_or_by_line(
    command: Command, assessed: Assessed, tmp_path: Path, case: str
) -> None:
    (reported,) = done(command, "report", case, "--source", "police")["cases"]
    assert reported["disposition"] == "DISPOSITION_CONFIRMED_FRAUD"
    asked = live.ordinary()
    passed = assessed(live.write(tmp_path, asked))
    found(command, "--number", passed["caseNumber"], "--everything")
    line = asked["simChange"]["msisdn"]
    (missed,) = done(command, "report", "--msisdn", line, "--source", "bank")["cases"]
    assert missed["missed"]
    assert command("review", "report", "--source", "bank")[0] == Exit.BAD_INPUT


def test_figures_and_files_have_every_case(command: Command, case: str, tmp_path: Path) -> None:
    code, shown, _ = command("review", "stats")
    assert code == Exit.OK
    assert "step-ups" in shown
    assert "chip_unread" in shown
    file = tmp_path / "cases.csv"
    assert command("review", "export", str(file))[0] == Exit.OK
    assert case in file.read_text()
    lines = tmp_path / "cases.jsonl"
    assert command("review", "export", str(lines), "--format", "jsonl")[0] == Exit.OK
    assert case in {json.loads(line)["case_number"] for line in lines.read_text().splitlines()}
    assert command("review", "export", str(tmp_path / "no" / "file"))[0] == Exit.BAD_INPUT


def test_bad_input_names_the_field(command: Command, case: str) -> None:
    code, _, told = command("review", "list", "--since", "yesterday")
    assert code == Exit.BAD_INPUT
    assert "--since: expected a date or time" in told
    code, _, told = command("review", "approve", case, "--note", "")
    assert code == Exit.BAD_INPUT
    assert "note" in told
    assert command("review", "groups")[0] == Exit.OK


def test_the_rules_in_force_are_shown_with_what_they_demand(command: Command) -> None:
    code, shown, _ = command("review", "rules")
    assert code == Exit.OK
    for words in ("policy default@", "line_locked", "hard", "FRAUD_TEAM", "SIM changes are"):
        assert words in shown
    assert "document.chip_expected && " not in shown
    assert "document.chip_expected && " in command("review", "rules", "--expressions")[1]
    rules = {rule["code"]: rule for rule in done(command, "rules", "--lang", "ja")["rules"]}
    assert rules["line_locked"]["expression"] == "line.locked"
    assert "回線" in rules["line_locked"]["text"]


def test_a_case_shows_which_rules_came_near(command: Command, case: str) -> None:
    code, shown, _ = command("review", "show", case)
    assert code == Exit.OK
    assert "Near to firing" in shown
    assert "50%" in shown


def test_a_group_is_made_changed_followed_and_handed_over(command: Command, case: str) -> None:
    made = done(command, "group", "create", "Ring of Sakae", case, "--description", "one device")
    group = made["name"].removeprefix("groups/")
    assert len(made["cases"]) == 1
    code, shown, _ = command("review", "group", "show", group)
    assert code == Exit.OK
    for words in ("Ring of Sakae", "one device", case):
        assert words in shown
    followed = done(command, "group", "change", group, "--follow", "--assignee", "suzuki")
    assert (followed["followed"], followed["assignee"]) == (True, "analyst/suzuki")
    assert "followed" not in done(command, "group", "change", group, "--unfollow")
    assert "cases" not in done(command, "group", "change", group, "--remove", case)
    again = done(command, "group", "change", group, "--add", case, "--name", "Ring")
    assert (len(again["cases"]), again["displayName"]) == (1, "Ring")
    assert group in command("review", "groups")[1]


def test_a_group_that_is_not_there_and_a_change_of_nothing_are_refused(command: Command) -> None:
    assert command("review", "group", "show", "0" * 32)[0] == Exit.NOT_FOUND
    code, _, told = command("review", "group", "change", "0" * 32)
    assert code == Exit.BAD_INPUT
    assert "something to change" in told


def test_figures_show_clerks_days_and_watchlists(command: Command, case: str) -> None:
    command("watchlist", "create", "ages")
    code, shown, _ = command("review", "stats")
    assert code == Exit.OK
    for words in ("Day by day", "Clerks beside", "Shops beside", "What waits", "ages 0"):
        assert words in shown
    figures = done(command, "stats", "--shop", live.SHOP)
    assert int(figures["counts"]["stepUpCount"]) > 0
    assert [shop["shop"] for shop in figures["shops"]] == [live.SHOP]
    code, _, told = command("review", "stats", "--since", "2020-01-01", "--until", "2026-01-01")
    assert code == Exit.BAD_INPUT
    assert "end_time" in told


def passed(command: Command, assessed: Assessed, folder: Path) -> tuple[str, str]:
    """Let a change pass; return its line and its case number."""
    asked = live.ordinary()
    number = assessed(live.write(folder, asked))["caseNumber"]
    found(command, "--number", number, "--everything")
    return asked["simChange"]["msisdn"], number


def test_a_bank_s_list_of_frauds_is_reported_row_by_row_and_never_twice(
    command: Command, assessed: Assessed, tmp_path: Path, case: str
) -> None:
    line, number = passed(command, assessed, tmp_path)
    file = tmp_path / "frauds.csv"
    file.write_text(f"# from the bank\n{line},2030-01-01,transfers\n\n{case}\n+819099999999\n")
    report = ("report", "--file", str(file), "--source", "bank", "--note", "list of today")
    code, _, told = command("review", *report)
    assert code == Exit.BAD_INPUT
    assert "in the future" in told
    file.write_text(f"# from the bank\n{line},,transfers\n\n{case}\n+819099999999\n")
    for _ in range(2):
        code, shown, told = command("review", *report)
        assert code == Exit.BAD_INPUT
        assert "1 of 3 rows met no case" in told
        assert "line 5" in told
        assert number in shown
        assert case in shown
    reported = [e for e in done(command, "trail", case)["trailEntries"] if e["act"] == "reported"]
    assert [entry["note"] for entry in reported] == ["list of today"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "has no rows"),
        ("VFK945VR,yesterday\n,,\na,b,c,d\n", "line 1 expected a date or time"),
    ],
)
def test_a_file_that_cannot_be_read_reports_nothing(
    command: Command, tmp_path: Path, text: str, words: str
) -> None:
    file = tmp_path / "frauds.csv"
    file.write_text(text)
    code, _, told = command("review", "report", "--file", str(file), "--source", "bank")
    assert code == Exit.BAD_INPUT
    assert words in told
