"""Becomes another program that ends with the process that started it, however that ends.

`python launch.py PARENT [--disk FOLDER --bytes SIZE] [--user NAME] -- COMMAND…`. PDEATHSIG outlives
exec; it fires when the starting THREAD ends, so only a main thread may start children this way.

`--disk` gives the command a small disk of its own at a folder, which only its mount namespace
knows: it is gone with the process. It needs root.
"""

import ctypes
import os
import pwd
import signal
import subprocess
import sys

_PR_SET_PDEATHSIG = 1
_CLONE_NEWNS = 0x20000


def _mount(folder: str, size: str) -> None:
    if ctypes.CDLL(None, use_errno=True).unshare(_CLONE_NEWNS):
        raise OSError(ctypes.get_errno(), "no mount namespace of its own")
    for words in (
        ("--make-rprivate", "/"),
        ("-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder),
    ):
        subprocess.run(["mount", *words], check=True)


def main() -> None:
    """Bind this process to its parent, and become the command."""
    at = sys.argv.index("--")
    parent, options, command = int(sys.argv[1]), sys.argv[2:at], sys.argv[at + 1 :]
    given = dict(zip(options[::2], options[1::2], strict=True))
    if "--disk" in given:
        _mount(given["--disk"], given["--bytes"])
    if "--user" in given:
        user = pwd.getpwnam(given["--user"])
        os.setgid(user.pw_gid)
        os.setgroups([])
        os.setuid(user.pw_uid)
    # After setuid, which clears it.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        # It was gone before that.
        sys.exit(1)
    os.execvp(command[0], command)


if __name__ == "__main__":
    main()
