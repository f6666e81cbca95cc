"""Runs a server for as long as its parent lives.

Started as a process of its own: `python valkey_guard.py FD COMMAND...`. The parent holds the
writing end of the pipe FD and never writes. However the parent ends, SIGKILL included, the
pipe's end is seen here, and the server is stopped in good order. PDEATHSIG would fire when the
forking thread ends, which in a threaded parent may be any time; this process has one thread, so
for its own child it is right.
"""

import ctypes
import os
import selectors
import signal
import subprocess
import sys

_PR_SET_PDEATHSIG = 1
_PATIENCE_SECONDS = 10


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def main() -> int:
    """Run the server until it ends or the pipe does."""
    pipe, command = int(sys.argv[1]), sys.argv[2:]
    # The parent tells when to stop; a Ctrl-C in its terminal is not for the server.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    server = subprocess.Popen(command, preexec_fn=_die_with_parent)  # noqa: PLW1509, S603
    ended = os.pidfd_open(server.pid)
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        selector.register(ended, selectors.EVENT_READ)
        selector.select()
    server.terminate()
    try:
        return server.wait(_PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        return server.wait()


if __name__ == "__main__":
    sys.exit(main())
