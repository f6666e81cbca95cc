"""A worker that does as the first word of a file says: `worker_script.py FOLDER --seat FD`.

It notes in FOLDER/log what it does, a line each: `began`, `serves` or `drains`, and its pid.
"""

import json
import os
import signal
import socket
import sys
import time
from pathlib import Path

FOLDER = Path(sys.argv[1])


def note(what: str) -> None:
    with (FOLDER / "log").open("a") as log:
        log.write(f"{what} {os.getpid()}\n")


def drain(*_: object) -> None:
    note("drains")
    sys.exit(0)


def main() -> None:
    how = (FOLDER / "how").read_text()
    seat = socket.socket(fileno=int(sys.argv[-1]))
    json.loads(seat.makefile().readline())
    signal.signal(signal.SIGTERM, signal.SIG_IGN if how == "stubborn" else drain)
    note("began")
    if how == "crash":
        sys.exit(3)
    if how == "hang":
        time.sleep(60)
    problems = ["the policy is bad"] if how == "refuse" else []
    # The note comes first: whoever is told must find it.
    note("serves")
    seat.sendall(json.dumps({"problems": problems}).encode() + b"\n")
    if problems:
        sys.exit(1)
    if how == "stubborn":
        time.sleep(60)
    seat.recv(1)


if __name__ == "__main__":
    main()
