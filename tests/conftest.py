"""What holds for every test."""

import signal

import pytest
import structlog

# Where the tests run in the background SIGINT is ignored, and each child would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def plain_logs() -> None:
    """Forget where a test before this one sent the logs: it may be closed by now."""
    structlog.reset_defaults()
