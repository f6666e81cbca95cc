"""A terminal loads the client, and nothing of the service."""

import subprocess
import sys

LISTS = """
import sys
import sekisho.client
print("\\n".join(sys.modules))
"""


def test_the_client_loads_nothing_of_the_service() -> None:
    ran = subprocess.run([sys.executable, "-c", LISTS], check=True, capture_output=True, text=True)
    ours = {name for name in ran.stdout.split() if name.startswith("sekisho.")}
    parts = {name.split(".")[1] for name in ours}
    assert parts == {"client", "v1"}
    assert not {"redis", "sqlalchemy", "structlog", "uvloop"} & set(ran.stdout.split())
