"""The Lua scripts, and how they are called."""

import hashlib
from importlib import resources
from typing import Final

from sekisho.domain.value import value


@value
class Script:
    """A script's text and its SHA-1, by which the server knows it once loaded.

    Its arguments are `head` words for all of its keys, then `each` words a key. `counts_first`:
    the last word of the head says how many of the keys are of a first kind.
    """

    text: bytes
    sha: bytes
    head: int = 0
    each: int = 0
    counts_first: bool = False


def _script(*names: str, head: int = 0, each: int = 0, counts_first: bool = False) -> Script:
    folder = resources.files(__package__)
    text = b"\n".join(folder.joinpath(name).read_bytes() for name in names)
    sha = hashlib.sha1(text, usedforsecurity=False).hexdigest().encode()
    return Script(text, sha, head, each, counts_first)


OBSERVE: Final = _script("tries.lua", "observe.lua")
APPLY: Final = _script("tries.lua", "apply.lua", head=3, each=1, counts_first=True)
NEWER: Final = _script("newer.lua", each=1)
MOVE: Final = _script("tries.lua", "move.lua", each=2)
SWAP: Final = _script("swap.lua", each=2)
WATCH: Final = _script("watch.lua", head=2, each=1)
