"""The story: that it goes as told, and that nothing of it is left behind."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from google.protobuf import json_format

from sekisho.cli import story
from sekisho.v1.line_event_pb2 import UpsertLineRecordRequest

COMMAND = [sys.executable, "-m", "sekisho.cli"]
NEVER = 60.0


def processes_of(folder: Path) -> list[int]:
    """Return the processes that name the folder in their arguments or environment."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            about = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
            state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if str(folder).encode() in about and state != "Z":
            found.append(int(entry.name))
    return found


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + NEVER
    while not condition():
        assert time.monotonic() < deadline, "never came true"
        time.sleep(0.05)


@contextmanager
def trying(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run `sekisho try` until it has told its story; yield it and what it said."""
    with subprocess.Popen(
        [*COMMAND, "try", "--data", str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout
        said = []
        for line in process.stdout:
            said.append(line)
            if line.startswith("Ctrl-C stops it"):
                break
        try:
            yield process, "".join(said)
        finally:
            process.kill()


def test_the_story_goes_as_told_and_leaves_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        [*COMMAND, "try", "--once"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"TMPDIR": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state")},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    scenes = re.split(r"^─* ?\d\. ", done.stdout, flags=re.MULTILINE)[1:]
    assert [re.search(r"^ (ALLOW|STEP_UP) ", scene, re.MULTILINE)[1] for scene in scenes] == [  # type: ignore[index]
        *("ALLOW", "STEP_UP", "STEP_UP", "ALLOW")
    ]
    assert "chip_unread" in scenes[1]
    assert "velocity.document.lines_" in scenes[2]
    assert "velocity.document.lines_" not in scenes[1]
    assert "the same decision: yes" in scenes[3]
    for scene in scenes:
        # The clerk's words in both languages.
        assert re.search(r"clerk reads +\S*[ぁ-ん]", scene)
        assert re.search(r"^ +[A-Z][a-z]+ .+\.", scene, re.MULTILINE)
    assert list(tmp_path.iterdir()) == []


def test_it_tells_a_link_to_the_console_that_works(tmp_path: Path) -> None:
    with trying(tmp_path) as (_, said):
        found = re.search(r"^  (http://\S+/sign-in\?code=\S+)$", said, re.MULTILINE)
        assert found
        assert httpx.get(found[1]).status_code == 200


def test_ctrl_c_stops_all_that_was_started(tmp_path: Path) -> None:
    with trying(tmp_path) as (process, _):
        assert len(processes_of(tmp_path)) >= 2
        process.send_signal(signal.SIGINT)
        assert process.wait(NEVER) in {0, 130}
        assert processes_of(tmp_path) == []


@pytest.mark.destructive
def test_nothing_is_left_running_even_after_sigkill(tmp_path: Path) -> None:
    with trying(tmp_path) as (process, _):
        assert len(processes_of(tmp_path)) >= 2
        process.kill()
        until(lambda: processes_of(tmp_path) == [])


def test_the_commands_that_it_names_work_when_copied(tmp_path: Path) -> None:
    with trying(tmp_path) as (_, said):
        commands = re.findall(
            r"^  (\S.* (?:assess|watchlist|review|policy) .+)$", said, re.MULTILINE
        )
        assert len(commands) == 8
        codes = []
        for line in commands:
            done = subprocess.run(
                shlex.split(line),
                capture_output=True,
                text=True,
                check=False,
            )
            codes.append(done.returncode)
            assert done.returncode in {0, 10}, done.stderr
        # The forged licence, and the ordinary one once its card is on a list.
        assert codes == [10, 0, 0, 10, 0, 0, 0, 0]


def test_the_examples_hold_for_years_and_name_lines_that_are_told() -> None:
    told = {
        json_format.ParseDict(
            json.loads((story.folder() / name).read_text()), UpsertLineRecordRequest()
        ).msisdn
        for name in story.LINES
    }
    for scene in story.SCENES:
        asked = story.request(scene.file).sim_change
        assert asked.msisdn in told
        assert all(document.expiry_date >= "2029-12-31" for document in asked.documents)
    requests = [story.request(scene.file) for scene in story.SCENES]
    assert len({request.request_id for request in requests}) == len(requests)


def test_every_example_is_part_of_the_story() -> None:
    named = {story.SHOPS, *story.LINES, *(scene.file for scene in story.SCENES)}
    assert {path.name for path in story.folder().iterdir()} == named
