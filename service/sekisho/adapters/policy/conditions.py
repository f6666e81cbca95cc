"""A rule's conditions: the parts of its expression that `&&` joins."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from sekisho.adapters.policy.cel import (
    Expression,
    ExpressionError,
    compile_expression,
    evaluate_alone,
)
from sekisho.domain.facts import FactValue
from sekisho.domain.policy import Rule
from sekisho.domain.quiet_rules import Condition

_TOKEN: Final = re.compile(
    r"""
    //[^\n]*
    | \b(?:r|rb|br)(?P<raw>\"{3}|'{3}|"|').*?(?P=raw)
    | (?P<quote>\"{3}|'{3}|"|')(?:\\.|[^\\])*?(?P=quote)
    | (?P<open>[(\[{]) | (?P<close>[)\]}])
    | (?P<and>&&) | (?P<or>\|\||\?)
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
"""What is read over as a whole (comments, texts), and what tells the parts."""


def split(text: str) -> Sequence[str]:
    """Return the conditions of an expression that compiles, as they are written.

    One that `||` or `?` binds last is one condition. Parentheses around several are read through.
    """
    parts: list[str] = []
    depth = start = 0
    for token in _TOKEN.finditer(text):
        depth += (token["open"] is not None) - (token["close"] is not None)
        if depth == 0 and token["or"]:
            return [text.strip()]
        if depth == 0 and token["and"]:
            parts.append(text[start : token.start()])
            start = token.end()
    parts.append(text[start:])
    if len(parts) == 1:
        whole = text.strip()
        inner = split(whole[1:-1]) if _is_wrapped(whole) else ()
        return inner if len(inner) > 1 else [whole]
    return [condition for part in parts for condition in split(part)]


def conditions(rule: Rule, facts: Mapping[str, FactValue]) -> Sequence[Condition]:
    """Return a rule's conditions, and which of them hold by the known facts."""
    expressions = _compiled(rule.expression)
    results = evaluate_alone(expressions, facts)
    return [
        Condition(each.text, each.facts, result is True)
        for each, result in zip(expressions, results, strict=True)
    ]


@lru_cache(maxsize=1024)
def _compiled(text: str) -> tuple[Expression, ...]:
    try:
        return tuple(compile_expression(part) for part in split(text))
    except ExpressionError:
        # `true && …`: a part that reads no fact is no condition of its own.
        return (compile_expression(text),)


def _is_wrapped(text: str) -> bool:
    """Whether the first parenthesis is closed by the last character."""
    if not text.startswith("("):
        return False
    depth = 0
    for token in _TOKEN.finditer(text):
        depth += (token["open"] is not None) - (token["close"] is not None)
        if depth == 0:
            return token.end() == len(text)
    return False
