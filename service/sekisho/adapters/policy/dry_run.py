"""Trying an expression at load: what CEL finds out only when it evaluates, found before.

A bad regular expression, a division by a fact that is 0, or a text that a fact never holds
would otherwise show at a counter, as a rule that cannot be evaluated or never fires.
"""

import itertools
import re
from collections.abc import Iterator, Mapping
from typing import Final

from sekisho.adapters.policy.cel import Expression, evaluate_alone
from sekisho.adapters.policy.cel_faults import Fault, did_you_mean
from sekisho.domain.facts import FACTS, NEVER_SECONDS, Fact, FactType, FactValue

_MOST_COMBINATIONS: Final = 1024
_PARTIAL = re.compile(r"\.(?:matches|startsWith|endsWith|contains)\s*\(")
_TEXT = re.compile(r'"""(.*?)"""|\'\'\'(.*?)\'\'\'|"([^"\n]*)"|\'([^\'\n]*)\'', re.DOTALL)


def dry_run(expression: Expression) -> list[Fault]:
    """Return what is wrong with an expression that compiles."""
    if not isinstance(evaluate_alone([expression], {})[0], str):
        return [Fault(1, 1, "the result is the same whatever the facts are")]
    for facts in _samples(expression.facts):
        [result] = evaluate_alone([expression], facts)
        if isinstance(result, str):
            shown = ", ".join(f"{name} = {value!r}" for name, value in facts.items())
            return [Fault(1, 1, f"cannot be evaluated with {shown}: {result}")]
    return _impossible_texts(expression)


def _samples(names: tuple[str, ...]) -> Iterator[Mapping[str, FactValue]]:
    """Yield neutral and typical values in every combination, or as many as are quick to try."""
    choices = [_values(FACTS[name]) for name in names]
    for values in itertools.islice(itertools.product(*choices), _MOST_COMBINATIONS):
        yield dict(zip(names, values, strict=True))
    for index in range(max(map(len, choices))):
        yield {name: c[min(index, len(c) - 1)] for name, c in zip(names, choices, strict=True)}


def _values(fact: Fact) -> tuple[FactValue, ...]:
    match fact.type:
        case FactType.BOOL:
            return (False, True)
        case FactType.INT:
            return (0, 3, NEVER_SECONDS) if fact.unit == "s" else (0, 3)
        case FactType.DOUBLE:
            return (0.0, 2.5)
        case FactType.STRING:
            return fact.values or ("", "x")
        case _:
            return ((), fact.values or ("x",))


def _impossible_texts(expression: Expression) -> list[Fault]:
    """Find texts that are no value of any fact read, where all texts read have fixed values."""
    read = [FACTS[name] for name in expression.facts]
    texts = [fact for fact in read if fact.type in (FactType.STRING, FactType.STRINGS)]
    known = {value for fact in texts for value in fact.values}
    if not all(fact.values for fact in texts) or _PARTIAL.search(expression.text):
        return []
    faults: list[Fault] = []
    for match in _TEXT.finditer(expression.text):
        text = next(group for group in match.groups() if group is not None)
        if text not in known:
            names = " or ".join(f"`{fact.name}`" for fact in texts)
            message = f'"{text}" is no value of {names}{did_you_mean(text, known)}'
            faults.append(Fault.at(expression.text, match.start(), message))
    return faults
