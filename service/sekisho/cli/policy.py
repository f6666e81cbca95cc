"""`sekisho policy`: checks, explains or prints a policy. No server is asked."""

import sys
from pathlib import Path
from textwrap import indent
from typing import Annotated, Literal

from cyclopts import App, Parameter
from rich.text import Text

from sekisho.adapters.policy.explain import ExplainedFact, ExplainedRule, Explanation
from sekisho.adapters.policy.explain import explain as explained
from sekisho.adapters.policy.problems import PolicyError
from sekisho.adapters.policy.toml import default_policy_text, load_default_policy, load_policy
from sekisho.cli import output
from sekisho.cli.failures import CommandError
from sekisho.domain.policy import Policy

app = App(name="policy", help="Check, explain or print a policy.")


@app.command
def check(file: Annotated[Path, Parameter(name="FILE")], /) -> None:
    """Check a policy whole: every problem with its rule, line and column.

    Parameters
    ----------
    file
        The policy (TOML).

    """
    policy = load_checked(file)
    rules = f"{len(policy.rules)} rules, {sum(rule.hard for rule in policy.rules)} of them hard"
    output.out().print(
        f"{file}: good: {policy.version}, {rules}, step-up from {policy.threshold:g}", markup=False
    )


@app.command
def explain(
    file: Annotated[Path | None, Parameter(name="FILE")] = None,
    /,
    *,
    lang: Literal["ja", "en"] = "en",
    json: bool = False,
) -> None:
    """Show every rule of a policy with its text, and every fact that rules can read.

    Parameters
    ----------
    file
        The policy (TOML); the one that comes with sekisho without.
    lang
        Language of the rules' texts: ja or en.
    json
        Print it as JSON.

    """
    explanation = explained(load_checked(file))
    if json:
        import msgspec

        encoded = msgspec.json.format(msgspec.json.encode(explanation), indent=2)
        output.out().print(Text(encoded.decode()), soft_wrap=True)
        return
    _print(explanation, lang)


@app.command
def show() -> None:
    """Print the policy that comes with sekisho, to be copied and changed."""
    sys.stdout.buffer.write(default_policy_text())


def load_checked(file: Path | None) -> Policy:
    """Load a policy, or the one that comes with sekisho. Raises CommandError."""
    try:
        return load_default_policy() if file is None else load_policy(file)
    except OSError as error:
        raise CommandError(f"{file}: cannot be read: {error.strerror}") from None
    except PolicyError as error:
        problems = [
            (f"{problem.line}:{problem.column}", problem.rule, problem.message)
            for problem in error.problems
        ]
        output.err().print(output.table(("line", "rule", "problem"), problems))
        count = len(problems)
        raise CommandError(f"{file}: {count} problem{'s' if count > 1 else ''}") from None


def _print(explanation: Explanation, lang: str) -> None:
    out = output.out()
    out.print(
        output.pairs(
            [
                ("policy", explanation.version),
                ("step-up from", f"{explanation.threshold:g}"),
                ("accepted documents", ", ".join(explanation.accepted_documents)),
                ("expiry grace", f"{explanation.expiry_grace_days} d"),
                ("WAIT waits", f"{explanation.wait_seconds} s"),
                ("missing signals demand", ", ".join(explanation.missing_demands)),
            ]
        )
    )
    for rule in explanation.rules:
        out.print()
        out.print(Text.assemble((rule.code, "bold"), f"  {_strength(rule)}"))
        out.print(Text(f"  {rule.texts.get(lang, '')}"))
        out.print(Text(indent(rule.expression.strip(), "  "), "dim"))
    out.print()
    out.print(Text("Facts that rules can read", "bold underline"))
    for fact in explanation.facts:
        out.print(Text.assemble((fact.name, "bold"), f"  {_type(fact)}"))
        unknown = f" Unknown: {fact.unknown_when}." if fact.unknown_when else ""
        out.print(Text(f"  {fact.meaning}{unknown}"))
        if fact.read_by:
            out.print(Text(f"  read by {', '.join(fact.read_by)}", "dim"))


def _strength(rule: ExplainedRule) -> str:
    weight = "hard" if rule.strength == "hard" else f"weight {rule.strength}"
    return f"{weight}, demands {', '.join(rule.demands) or 'nothing'}, unknown: {rule.when_unknown}"


def _type(fact: ExplainedFact) -> str:
    unit = f", {fact.unit}" if fact.unit else ""
    return fact.type + unit + (f": {', '.join(fact.values)}" if fact.values else "")
