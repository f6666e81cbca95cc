from sekisho.adapters.sql.policies import SqlPolicies
from sekisho.adapters.sql.postgres import PostgresDatabase
from sekisho.adapters.sql.sqlite import SqliteDatabase

TEXTS = {"line_locked": {"ja": "回線がロックされています", "en": "The line is locked"}}


async def test_the_texts_of_an_old_policy_are_kept(
    database: SqliteDatabase | PostgresDatabase,
) -> None:
    policies = SqlPolicies(database)
    await policies.keep("default@1", TEXTS)
    await policies.keep("default@2", {})
    await policies.keep("default@1", {})
    assert await policies.rule_texts("default@1") == TEXTS
    assert await policies.rule_texts("default@2") == {}
    assert await policies.rule_texts("unknown@1") == {}
