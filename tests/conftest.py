"""What holds for every test."""

import pytest
import structlog


@pytest.fixture(autouse=True)
def plain_logs() -> None:
    """Forget where a test before this one sent the logs: it may be closed by now."""
    structlog.reset_defaults()
