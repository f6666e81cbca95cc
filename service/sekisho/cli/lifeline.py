"""Ends this process with the one that started it, however that one ends."""

import os
import signal
import threading
import time


def follow(descriptor: int, seconds: float) -> None:
    """Stop this process as by SIGTERM at the end of the pipe or socket `descriptor`.

    Should it not have ended so many seconds later, it is ended at once: a thread of its own sees
    to that even where the event loop is stuck.
    """
    threading.Thread(
        target=_follow, args=(descriptor, seconds), name="lifeline", daemon=True
    ).start()


def _follow(descriptor: int, seconds: float) -> None:
    # Whoever holds the other end need not be able to say goodbye: SIGKILL ends it too.
    while _has_more(descriptor):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(seconds)
    os._exit(1)


def _has_more(descriptor: int) -> bool:
    try:
        return bool(os.read(descriptor, 512))
    except OSError:
        return False
