"""The `sekisho` command. It imports only what the command given runs."""

import sys
from collections.abc import Sequence
from importlib import metadata

from cyclopts import App, CycloptsError, Parameter

from sekisho.cli.failures import CommandError, Exit


def _version() -> str:
    return metadata.version("sekisho")


app = App(
    name="sekisho",
    help="Stands before every SIM change: ALLOW or STEP_UP, never without evidence and a record.",
    default_parameter=Parameter(negative=(), show_default=False),
    version_flags=["--version"],
    version=_version,
    help_epilogue=(
        "Exit codes: 0 done or ALLOW, 2 bad input, 3 unavailable, 4 not found, 5 refused, "
        "6 conflict, 10 STEP_UP."
    ),
)

_SERVER, _SHOP, _TEAM, _CARRIER = "Server", "At the counter", "Fraud team", "Carrier's systems"
_COMMANDS = (
    ("serve", _SERVER, "serve:serve", "Start the service."),
    (
        "try",
        _SERVER,
        "try_story:try_",
        "Start a service and play a short story against it.",
    ),
    ("console", _SERVER, "console:app", "Run the fraud team's console."),
    ("health", _SERVER, "health:health", "Ask a server whether it serves."),
    ("doctor", _SERVER, "doctor:doctor", "Look for what is wrong, and say what to do."),
    ("rebuild", _SERVER, "rebuild:rebuild", "Fill the cache from the ledger anew."),
    ("migrate", _SERVER, "migrate:migrate", "Bring the ledger's schema up to date."),
    ("dev-certs", _SERVER, "dev_certs:dev_certs", "Make a CA and certificates to try TLS with."),
    ("assess", _SHOP, "assess:assess", "Ask whether a SIM change may go on."),
    ("evidence", _SHOP, "follow_up:evidence", "Send what was brought back for the challenges."),
    ("outcome", _SHOP, "follow_up:outcome", "Report what became of a SIM change."),
    ("decision", _TEAM, "decision:app", "Show or follow a decision."),
    ("review", _TEAM, "review.app:app", "Review step-ups, and see what ties them."),
    ("watchlist", _TEAM, "watchlist:app", "Keep watchlists."),
    ("policy", _TEAM, "policy:app", "Check, explain or print a policy."),
    ("shop", _CARRIER, "shop:app", "Keep the carrier's shops."),
    ("line", _CARRIER, "line:app", "Record what the carrier knows of its lines."),
)
for _name, _group, _target, _help in _COMMANDS:
    app.command(f"sekisho.cli.{_target}", name=_name, group=_group, help=_help)


@app.command(group=_SERVER)
def version() -> None:
    """Print the version."""
    print(f"sekisho {_version()}")


def main() -> None:
    """Run the command line of this process."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code."""
    try:
        result = app(arguments, exit_on_error=False, print_error=True, result_action="return_value")
    except CycloptsError:
        return Exit.BAD_INPUT
    except CommandError as error:
        from sekisho.cli import output

        output.failure(error)
        return error.exit_code
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except BrokenPipeError:
        from sekisho.cli import output

        output.discard_output()
        return Exit.OK
    return result if isinstance(result, int) else Exit.OK
