"""`sekisho doctor`: looks for what is wrong, and says what to do."""

import asyncio
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.table import Table
from rich.text import Text

from sekisho import logs
from sekisho.cli import output
from sekisho.cli.failures import Exit
from sekisho.operations.doctor.examine import examine, worst
from sekisho.operations.doctor.finding import Finding, Level

_SIGNS = {
    Level.OK: ("✓", "green"),
    Level.WARNING: ("!", "yellow"),
    Level.PROBLEM: ("✗", "bold red"),
}


def doctor(
    *,
    settings_file: Annotated[Path | None, Parameter(name="--settings")] = None,
    json: bool = False,
) -> int:
    """Look for what is wrong with an installation, and say what to do about it.

    It changes nothing, and works while the service runs and while it does not. Exits with 1
    where there is a problem.

    Parameters
    ----------
    settings_file
        File with settings (TOML); environment variables win. Also SEKISHO_SETTINGS.
    json
        Print it as JSON.

    """
    logs.configure("error")
    findings = asyncio.run(examine(settings_file))
    if json:
        import msgspec

        encoded = msgspec.json.format(msgspec.json.encode(findings), indent=2)
        output.out().print(Text(encoded.decode()), soft_wrap=True)
    else:
        output.out().print(_table(findings))
        output.out().print(_summary(findings))
    return Exit.FAILED if worst(findings) is Level.PROBLEM else Exit.OK


def _table(findings: Sequence[Finding]) -> Table:
    made = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    made.add_column(style="dim", no_wrap=True)
    made.add_column(no_wrap=True)
    made.add_column(overflow="fold")
    for area, group in groupby(findings, key=lambda finding: finding.area):
        name = area
        for finding in group:
            sign, style = _SIGNS[finding.level]
            said = Text(finding.what)
            if finding.todo:
                said.append(f"\n→ {finding.todo}", "cyan")
            made.add_row(Text(name), Text(sign, style), said)
            name = ""
    return made


def _summary(findings: Sequence[Finding]) -> Text:
    counts = {level: sum(found.level is level for found in findings) for level in Level}
    if counts[Level.PROBLEM] == counts[Level.WARNING] == 0:
        return Text("\nall is well", "green")
    return Text("\n") + Text(", ").join(
        Text(f"{count} {level}{'s' if count > 1 else ''}", _SIGNS[level][1])
        for level, count in reversed(counts.items())
        if count and level is not Level.OK
    )
