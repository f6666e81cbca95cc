"""`sekisho try`: starts a service of its own and plays a short story against it."""

import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import Annotated

from cyclopts import Parameter
from rich.rule import Rule
from rich.text import Text

from sekisho import settings
from sekisho.cli import case_view, decision_view, output, story
from sekisho.cli.client import LOCAL
from sekisho.cli.failures import CommandError, Exit
from sekisho.cli.moments import JAPAN
from sekisho.cli.server_process import ServerProcess, running
from sekisho.v1.decision_pb2 import Verdict


def try_(
    *,
    data: Path | None = None,
    once: Annotated[bool, Parameter(name=["--once", "--no-wait"])] = False,
) -> None:
    """Start a service of its own, play a short story against it, and go on serving.

    Everything runs on this machine, on embedded defaults. Ctrl-C stops all that it started.

    Parameters
    ----------
    data
        Folder for the data; a new one under ~/.local/state/sekisho/try without.
    once
        End after the story; without --data nothing of it is kept.

    """
    signal.signal(signal.SIGTERM, _interrupt)
    with _data_folder(data, keep=not once) as folder:
        output.out().print(f"starting a service with its data in {folder}", markup=False)
        console = "" if once else _free(settings.DEFAULT_CONSOLE_LISTEN)
        with running(folder, _free(settings.DEFAULT_LISTEN), console) as server:
            case_number = _play(server)
            if once:
                return
            _next_commands(server, folder, case_number)
            try:
                server.wait()
            except KeyboardInterrupt:
                output.out().print("\nstopping")


def _play(server: ServerProcess) -> str:
    """Play the story and return the case number of its last step-up."""
    connection = replace(LOCAL, server=server.address)
    out = output.out()
    shops, lines = story.prepare(connection)
    out.print(
        f"it serves on {server.address}; told it of {shops} shops and {lines} lines", markup=False
    )
    unexpected = []
    first_name = case_number = ""
    for number, played in enumerate(story.play(connection), 1):
        _show(number, played)
        first_name = first_name or played.ja.name
        if played.ja.verdict == Verdict.VERDICT_STEP_UP:
            case_number = played.ja.case_number
        if played.ja.verdict != played.expected:
            unexpected.append(number)
        if played.title == story.REPEAT_TITLE:
            same = played.ja.name == first_name
            out.print(f"  the same decision: {'yes' if same else 'NO'}", markup=False)
            if not same:
                unexpected.append(number)
    out.print()
    if unexpected:
        scenes = ", ".join(map(str, unexpected))
        raise CommandError(f"the story went otherwise than told, in scene {scenes}", Exit.FAILED)
    return case_number


def _show(number: int, played: story.Played) -> None:
    out = output.out()
    asked = played.request
    out.print()
    out.print(Rule(Text(f"{number}. {played.title}", "bold"), align="left"))
    rows = [
        ("asked", f"{played.file}, at {asked.shop} / {asked.terminal}"),
        ("clerk reads", played.ja.instruction),
        ("", played.en.instruction),
    ]
    for ja, en in zip(played.ja.challenges, played.en.challenges, strict=True):
        kind = decision_view.challenge_kind(ja.kind)
        rows += [(kind, ja.instruction), ("", en.instruction)]
    rows.append(("case number", f"{played.ja.case_number}  ({played.ja.name})"))
    out.print(decision_view.verdict(played.ja))
    out.print(output.pairs(rows))
    out.print(Text("what the fraud team sees", "dim"))
    out.print(case_view.why(played.case))


def _next_commands(server: ServerProcess, folder: Path, case_number: str) -> None:
    command = _command()
    examples = _short(story.folder())
    address = server.address
    option = "" if address == settings.DEFAULT_LISTEN else f" --server {address}"
    out = output.out()
    out.print(Rule(Text("it goes on serving; try, in another terminal", "bold"), align="left"))
    for line in (
        f"{command} assess {examples}/2-forged-licence.json{option}",
        f"{command} watchlist create lost-cards --name 'Lost cards'{option}",
        f"{command} watchlist add lost-cards --document 540812345690 --type driving_licence "
        f"--country JP --reason 'reported lost' --source 'the holder'{option}",
        f"{command} assess {examples}/1-ordinary-reissue.json{option}",
        f"{command} review list{option}",
        f"{command} review show {case_number} --all-facts{option}",
        f"{command} review links {case_number}{option}",
        f"{command} policy explain",
    ):
        out.print(Text(f"  {line}"), soft_wrap=True)
    if link := server.console_link():
        out.print("the fraud team's console, by a link that works once:")
        out.print(Text(f"  {link}"), soft_wrap=True)
    out.print(f"its log: {_short(server.log)}; its data: {_short(folder)}", markup=False)
    out.print("Ctrl-C stops it.")


@contextmanager
def _data_folder(data: Path | None, *, keep: bool) -> Iterator[Path]:
    """Yield a folder for the data: a new one, so that the story goes the same every time."""
    if data is not None:
        data.mkdir(parents=True, exist_ok=True)
        yield data.absolute()
    elif keep:
        name = datetime.now(JAPAN).strftime("%Y-%m-%dT%H-%M-%S")
        folder = settings.default_data_dir() / "try" / name
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
    else:
        with tempfile.TemporaryDirectory(prefix="sekisho-try-") as folder_name:
            yield Path(folder_name)


def _free(default: str) -> str:
    """Return a default address where its port is free, else one with any free port."""
    host, _, port = default.rpartition(":")
    with socket.socket() as probe:
        # As the server does: a port that was in use a moment ago is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, int(port)))
        except OSError:
            return f"{host}:0"
    return default


def _command() -> str:
    """Return what to type for the command that runs now."""
    script = Path(sys.argv[0]).absolute()
    found = shutil.which("sekisho")
    if found and Path(found).absolute() == script:
        return "sekisho"
    return (
        _short(script)
        if script.name == "sekisho"
        else f"{_short(Path(sys.executable))} -m sekisho.cli"
    )


def _short(path: Path) -> str:
    """Return a path relative to where the user is, where that is shorter."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
