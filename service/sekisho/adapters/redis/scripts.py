"""The Lua scripts, and how they are called."""

import hashlib
from dataclasses import dataclass
from importlib import resources
from typing import Final


@dataclass(frozen=True, slots=True)
class Script:
    """A script's text and its SHA-1, by which the server knows it once loaded."""

    text: bytes
    sha: bytes


def _script(*names: str) -> Script:
    folder = resources.files(__package__)
    text = b"\n".join(folder.joinpath(name).read_bytes() for name in names)
    return Script(text, hashlib.sha1(text, usedforsecurity=False).hexdigest().encode())


OBSERVE: Final = _script("tries.lua", "observe.lua")
APPLY: Final = _script("tries.lua", "apply.lua")
NEWER: Final = _script("newer.lua")
SWAP: Final = _script("swap.lua")
WATCH: Final = _script("watch.lua")
