"""The texts of the policies that decisions were made by."""

from collections.abc import Mapping
from functools import partial

import sqlalchemy as sa

from sekisho.adapters.sql.schema import policy
from sekisho.adapters.sql.scripts import Database, Script
from sekisho.adapters.sql.statements import Statement, insert_each
from sekisho.adapters.sql.wire import decoder, encode

_KEEP = insert_each(policy, unless=("version",))
_TEXTS = Statement(
    lambda _: sa.select(policy.c.texts).where(
        policy.c.version == sa.bindparam("version", type_=sa.Text)
    )
)
_READ = decoder(dict[str, dict[str, str]])


class SqlPolicies:
    """Implements PolicyShelf."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: set[str] = set()

    async def keep(self, policy_version: str, texts: Mapping[str, Mapping[str, str]]) -> None:
        """Keep each rule's text by code and language; nothing once that has succeeded."""
        if policy_version in self._kept:
            return
        content = encode({code: dict(by_language) for code, by_language in texts.items()})
        await self._database.write(partial(_keep, policy_version, content))
        self._kept.add(policy_version)

    async def rule_texts(self, policy_version: str) -> Mapping[str, Mapping[str, str]]:
        """Return the texts kept; empty for a version that is not known."""
        return await self._database.read(partial(_rule_texts, policy_version))


def _keep(version: str, content: bytes) -> Script[None]:
    yield _KEEP.each([{"version": version, "texts": content}])


def _rule_texts(version: str) -> Script[Mapping[str, Mapping[str, str]]]:
    rows = yield _TEXTS(version=version)
    return _READ.decode(rows[0][0]) if rows else {}
