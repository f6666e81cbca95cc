"""The rules of a policy's text, each checked and compiled."""

import re
from typing import Final

from sekisho.adapters.policy.cel import Expression, ExpressionError, compile_expression
from sekisho.adapters.policy.dry_run import dry_run
from sekisho.adapters.policy.positions import Path
from sekisho.adapters.policy.reading import Reading, Table
from sekisho.domain.clerk_texts import LANGUAGES
from sekisho.domain.decision import ChallengeKind
from sekisho.domain.policy import Rule, WhenUnknown

_KEYS: Final = ("code", "when", "hard", "weight", "demands", "unknown", "text")
_CODE = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")


def read_rules(reading: Reading, tables: object) -> tuple[tuple[Rule, ...], tuple[Expression, ...]]:
    """Read the array of `rule` tables; whatever is wrong is reported to `reading`."""
    if not isinstance(tables, list) or not tables:
        reading.report(("rule",), "a policy needs at least one [[rule]]")
        return (), ()
    rules: list[Rule] = []
    expressions: list[Expression] = []
    codes: set[str] = set()
    for index, table in enumerate(tables):
        path: Path = ("rule", index)
        if not isinstance(table, dict):
            reading.report(path, "a rule must be a table")
            continue
        rule, expression = _rule(reading, table, path)
        if rule.code in codes:
            reading.report((*path, "code"), f"the code `{rule.code}` is taken", rule.code)
        codes.add(rule.code)
        rules.append(rule)
        expressions.extend(() if expression is None else (expression,))
    return tuple(rules), tuple(expressions)


def _rule(reading: Reading, table: Table, path: Path) -> tuple[Rule, Expression | None]:
    code = reading.text(table, path, "code")
    if code and not _CODE.fullmatch(code):
        reading.report((*path, "code"), "`code` must be words of a-z and 0-9 joined by _", code)
    reading.only(table, path, _KEYS, code)
    hard = table.get("hard", False)
    if not isinstance(hard, bool) or hard == ("weight" in table):
        reading.report(path, "a rule has either `hard = true` or a `weight`", code)
    weight = 0 if "weight" not in table else reading.whole(table, path, "weight", 1, None, code)
    unknown = reading.one_of(table, path, "unknown", WhenUnknown.STEP_UP, code)
    if hard and unknown is WhenUnknown.WEIGH:
        reading.report((*path, "unknown"), "a hard rule has no weight to weigh", code)
    demands = reading.some_of(table, path, "demands", ChallengeKind, code)
    no_retry(reading, demands, (*path, "demands"), code)
    texts = reading.table(table, path, "text", code)
    reading.only(texts, (*path, "text"), LANGUAGES, code)
    expression = _expression(reading, table, path, code)
    return Rule(
        code=code,
        expression=expression.text if expression else "",
        hard=bool(hard),
        weight=weight,
        demands=demands,
        when_unknown=unknown,
        texts={
            language: reading.text(texts, (*path, "text"), language, code) for language in LANGUAGES
        },
        facts=expression.facts if expression else (),
    ), expression


def _expression(reading: Reading, table: Table, path: Path, code: str) -> Expression | None:
    text = reading.text(table, path, "when", code)
    if not text:
        return None
    expression = None
    try:
        expression = compile_expression(text)
        faults = dry_run(expression)
    except ExpressionError as error:
        faults = list(error.faults)
    for fault in faults:
        at = (fault.line, fault.column)
        reading.report_within((*path, "when"), at, fault.message, code)
    return expression


def no_retry(
    reading: Reading, demands: tuple[ChallengeKind, ...], path: Path, rule: str = ""
) -> None:
    """Report RETRY among what a policy demands by itself: nothing could ever satisfy it."""
    if ChallengeKind.RETRY in demands:
        reading.report(path, "retry is for missing signals alone; no rule can demand it", rule)
