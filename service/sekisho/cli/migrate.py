"""`sekisho migrate`: brings the ledger's schema up to date."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from sekisho.adapters.sql import migrate as schema
from sekisho.cli import serve
from sekisho.cli.failures import CommandError, Exit
from sekisho.domain.errors import SekishoError, UnavailableError


def migrate(*, settings_file: Annotated[Path | None, Parameter(name="--settings")] = None) -> None:
    """Bring the ledger's schema up to date. It is safe to run beside a service, and twice.

    Parameters
    ----------
    settings_file
        File with settings (TOML); environment variables win. Also SEKISHO_SETTINGS.

    """
    url = serve.load(settings_file).database_url
    try:
        before = schema.current(url)
        after = schema.upgrade(url)
    except SekishoError as error:
        away = isinstance(error, UnavailableError)
        code = Exit.UNAVAILABLE if away else Exit.FAILED
        raise CommandError(f"the ledger cannot be migrated: {error}", code) from None
    if before == after:
        print(f"the ledger's schema is up to date: {after}")
    else:
        print(f"the ledger's schema went from {before or 'nothing'} to {after}")
