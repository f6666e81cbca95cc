"""Where settings are written: a TOML file, and the environment that is handed in."""

import difflib
import tomllib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from sekisho import setting_values

PREFIX = "SEKISHO_"

Found: TypeAlias = dict[str, tuple[str, str]]
"""By a setting's name: where its value was found, in words, and its text."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its name, what it means, its default in words, and how its text is read.

    `parse` raises ValueError with what was expected.
    """

    name: str
    meaning: str
    default: str
    parse: Callable[[str], object]
    secret: bool = False

    @property
    def variable(self) -> str:
        """Its name in the environment."""
        return PREFIX + self.name.upper()


def from_file(file: Path, known: Mapping[str, Setting], problems: list[str]) -> Found:
    """Return what a TOML file sets; what is wrong with it is added to `problems`."""
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        problems.append(f"{file}: cannot be read: {error.strerror}")
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problems.append(f"{file}: is not TOML: {error}")
        return {}

    given: Found = {}
    for name, value in content.items():
        source = f"{name} (in {file})"
        if name not in known:
            problems.append(f"{source}: unknown setting{_suggestion(name, list(known))}")
        elif not isinstance(value, str | int | float):
            problems.append(f"{source}: expected text, a number, true or false")
        else:
            text = str(value).lower() if isinstance(value, bool) else str(value)
            if known[name].parse is setting_values.path:
                # A file's relative paths start where the file is, wherever sekisho starts.
                text = str(file.parent / Path(text).expanduser())
            given[name] = (source, text)
    return given


def from_environment(
    environ: Mapping[str, str],
    known: Mapping[str, Setting],
    others: Collection[str],
    problems: list[str],
) -> Found:
    """Return what the environment sets; `others` are variables that set nothing here."""
    variables = {setting.variable: setting.name for setting in known.values()}
    given: Found = {}
    for variable, text in sorted(environ.items()):
        if not variable.startswith(PREFIX) or variable in others:
            continue
        if variable in variables:
            given[variables[variable]] = (variable, text)
        else:
            problems.append(f"{variable}: unknown setting{_suggestion(variable, list(variables))}")
    return given


def _suggestion(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {close[0]}?" if close else ""
