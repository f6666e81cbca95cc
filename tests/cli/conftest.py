"""A service of its own for the commands to call."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sekisho.cli import output
from sekisho.cli.failures import Exit
from sekisho.cli.main import run
from sekisho.cli.server_process import running
from tests.cli import live


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a service on embedded defaults that knows the shop of the requests."""
    folder = tmp_path_factory.mktemp("server")
    shops = folder / "shops.json"
    shop = {
        "name": f"shops/{live.SHOP}",
        "displayName": "名古屋栄店",
        "prefecture": "JP-23",
        "terminals": live.TERMINALS,
    }
    shops.write_text(json.dumps({"shops": [shop]}))
    with running(folder, "127.0.0.1:0") as started:
        address = started.address
        assert run(["shop", "import", str(shops), "--server", address]) == 0
        yield address


@pytest.fixture(autouse=True)
def fresh_consoles() -> None:
    """Let each test's output go where pytest looks for it."""
    output.out.cache_clear()
    output.err.cache_clear()


Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(server: str, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a command against the service: exit code, output and errors, on single spaces."""

    def called(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = run([*arguments, "--server", server])
        captured = capsys.readouterr()
        return code, " ".join(captured.out.split()), " ".join(captured.err.split())

    return called


@pytest.fixture
def assessed(command: Command) -> Callable[[str], dict[str, Any]]:
    """Assess the request of a file and return the decision."""

    def called(file: str) -> dict[str, Any]:
        code, shown, told = command("assess", file, "--json")
        assert code in {Exit.OK, Exit.STEP_UP}, told
        decision: dict[str, Any] = json.loads(shown)
        return decision

    return called
