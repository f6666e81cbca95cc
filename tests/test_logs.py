"""What goes into a log line, and what never does."""

import json
import logging
import os
import subprocess
import sys

import pytest

from sekisho.logs import describe, without_exception_texts

SECRET = "+819012345678"
WRITE = """
import logging, structlog
from sekisho import logs
logs.configure({level!r}, readable={readable})
log = structlog.get_logger("sekisho.test")
log.debug("fine")
log.info("started", port=1, odd={{1}})
try:
    try:
        int("line +819012345678")
    except ValueError as error:
        raise RuntimeError("cannot read +819012345678") from error
except RuntimeError:
    log.exception("failed")
    logging.getLogger("driver").exception("while reading %s", "+819012345678")
logging.getLogger("driver").info("talkative %s", "x")
logging.getLogger("driver").error("about +819012345678")
"""


def written(level: str = "info", readable: bool = False) -> str:
    """Return what a process writes on standard error."""
    script = WRITE.format(level=level, readable=readable)
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == ""
    return done.stderr


def test_a_log_is_one_json_object_a_line() -> None:
    lines = [json.loads(line) for line in written().splitlines()]
    assert [line["event"] for line in lines] == ["started", "failed", "library_log", "library_log"]
    started = lines[0]
    assert started["level"] == "info"
    assert started["port"] == 1
    assert started["odd"] == "set"
    assert started["timestamp"].endswith("Z")


@pytest.mark.parametrize("readable", [False, True])
def test_promise_7_no_exception_and_no_library_brings_an_identifier_into_a_log(
    readable: bool,
) -> None:
    text = written(readable=readable)
    assert "failed" in text
    assert "9012345678" not in text


def test_of_an_exception_its_types_and_frames_are_kept() -> None:
    failed = json.loads(written().splitlines()[1])
    assert failed["error"] == ["builtins.RuntimeError", "builtins.ValueError"]
    assert failed["frames"]
    assert failed["level"] == "error"


def test_of_a_librarys_message_its_template_is_kept() -> None:
    first, second = (json.loads(line) for line in written().splitlines()[2:])
    assert first["library"] == "driver"
    assert first["template"] == "while reading %s"
    assert first["error"] == ["builtins.RuntimeError", "builtins.ValueError"]
    assert second["template"] == ""
    assert second["where"].startswith("<string>:")


def test_the_level_is_the_lowest_that_is_written() -> None:
    assert "fine" in written("debug")
    assert "started" not in written("warning")


def test_frames_of_a_deep_recursion_are_bounded() -> None:
    def sink(depth: int) -> None:
        if not depth:
            raise KeyError(SECRET)
        sink(depth - 1)

    with pytest.raises(KeyError) as raised:
        sink(100)
    told = describe(raised.value)
    frames = told["frames"]
    assert isinstance(frames, list)
    assert len(frames) == 30
    assert SECRET not in json.dumps(told)


def test_an_exception_that_was_hidden_on_purpose_stays_hidden() -> None:
    def hide() -> None:
        try:
            raise KeyError
        except KeyError:
            raise RuntimeError("hidden") from None

    with pytest.raises(RuntimeError, match="hidden") as raised:
        hide()
    assert describe(raised.value)["error"] == ["builtins.RuntimeError"]


def test_exc_info_of_every_form_is_described() -> None:
    error = ValueError(SECRET)
    for form in (error, (ValueError, error, None)):
        line = without_exception_texts(None, "error", {"event": "x", "exc_info": form})
        assert line["error"] == ["builtins.ValueError"]
    assert "error" not in without_exception_texts(None, "error", {"event": "x", "exc_info": None})
    assert logging.getLevelNamesMapping()["INFO"] == 20


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_line_that_nobody_takes_is_lost_and_nothing_else_is(unbuffered: str) -> None:
    write = """
import structlog
from sekisho import logs
logs.configure()
for _ in range(3):
    structlog.get_logger("test").error("nobody reads this")
print("went on")
"""
    read_end, nobody = os.pipe()
    os.close(read_end)
    try:
        ran = subprocess.run(
            [sys.executable, "-c", write],
            stdout=subprocess.PIPE,
            stderr=nobody,
            env=os.environ | {"PYTHONUNBUFFERED": unbuffered},
            timeout=60,
            check=True,
        )
    finally:
        os.close(nobody)
    assert ran.stdout == b"went on\n"
