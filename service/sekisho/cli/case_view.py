"""A decision as a fraud analyst reads it: why, from what, and what followed."""

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from sekisho.cli import output
from sekisho.cli.decision_view import challenge_kind, challenges, facts, state, verdict
from sekisho.cli.moments import moment
from sekisho.domain.facts import NEVER_SECONDS
from sekisho.v1.review_pb2 import Case, Fact, QuietRule, Reason
from sekisho.v1.sim_change_pb2 import SimChange

_MOST_NEAR = 10
"""Rules that did not fire, of those nearest to it; `--json` has all."""


def shown(case: Case, *, all_facts: bool = False) -> RenderableType:
    """Return the case; with `all_facts` also every fact that the policy could read."""
    decision = case.decision
    head = Text.assemble(
        verdict(decision),
        "  ",
        (f"case {decision.case_number}", "bold"),
        f"  {_word(SimChange.Kind.Name(case.kind))}, {_word(SimChange.Cause.Name(case.cause))}",
        f"  at {case.shop or '?'} / {case.terminal or '?'}",
    )
    parts: list[RenderableType] = [head, facts(decision)]
    for title, section in _sections(case, all_facts=all_facts):
        parts += [Text(), Text(title, "bold underline"), section]
    return Group(*parts)


def why(case: Case) -> RenderableType:
    """Return only why the decision is what it is."""
    parts: list[RenderableType] = []
    for title, section in _causes(case):
        parts += [Text(title, "bold"), section]
    return Group(*parts)


def _sections(case: Case, *, all_facts: bool) -> Iterable[tuple[str, RenderableType]]:
    yield from _causes(case)
    if near := [rule for rule in case.quiet_rules if rule.nearness > 0]:
        yield "Near to firing", _near(near[:_MOST_NEAR])
    if case.decision.challenges:
        yield "Challenges, as the clerk is told", challenges(case.decision)
    yield (
        "Identifiers",
        output.table(
            ("role", "masked", "fingerprint"),
            ((found.role, found.masked, found.fingerprint) for found in case.identifiers),
        ),
    )
    if all_facts:
        facts_shown = [(fact.name, fact_value(fact)) for fact in case.facts]
        yield "All facts", output.table(("fact", "value"), facts_shown)
    if case.events:
        yield "What followed", _events(case)
    yield "Made with", _versions(case)


def _causes(case: Case) -> Iterable[tuple[str, RenderableType]]:
    yield f"Reasons: score {case.score:g}, step-up from {case.threshold:g}", _reasons(case)
    if case.unevaluated_rules:
        rows = [
            (rule.code, ", ".join(rule.unknown_facts), "yes" if rule.counted else "no")
            for rule in case.unevaluated_rules
        ]
        yield "Not evaluated", output.table(("rule", "unknown facts", "counted"), rows)
    if case.missing_signals:
        signals = [(missing.signal, missing.cause) for missing in case.missing_signals]
        yield "Missing signals", output.table(("signal", "cause"), signals)
    if case.watchlist_hits:
        yield "Watchlist hits", _hits(case)


def _reasons(case: Case) -> RenderableType:
    if not case.reasons:
        return Text("no rule fired")
    made = Table(box=None, pad_edge=False, header_style="bold")
    made.add_column("rule", no_wrap=True)
    made.add_column("weight")
    made.add_column("why", overflow="fold")
    for reason in case.reasons:
        weight = "hard" if reason.hard else f"{reason.weight:g}"
        made.add_row(Text(reason.code), Text(weight), _why(reason))
    return made


def _why(reason: Reason) -> Text:
    text = Text(reason.text)
    for fact in reason.facts:
        text.append(f"\n{fact.name} = {fact_value(fact)}", "dim")
    if reason.demands:
        text.append(f"\ndemands {', '.join(map(challenge_kind, reason.demands))}", "dim")
    return text


def fact_value(fact: Fact) -> str:
    """Return a fact's value for people; a fact without one is unknown."""
    match fact.WhichOneof("value"):
        case "bool_value":
            return "true" if fact.bool_value else "false"
        case "int_value":
            never = fact.int_value == NEVER_SECONDS and "seconds_since" in fact.name
            return "never" if never else str(fact.int_value)
        case "double_value":
            return f"{fact.double_value:g}"
        case "string_value":
            return fact.string_value or '""'
        case "list_value":
            return ", ".join(fact.list_value.values) or "none"
        case _:
            return "unknown"


def _near(rules: Iterable[QuietRule]) -> RenderableType:
    return output.table(
        ("rule", "held", "what did not hold", "as it was"),
        (
            (
                rule.code,
                f"{rule.nearness:.0%}",
                "\n".join(" ".join(text.split()) for text in rule.unmet_conditions),
                "\n".join(f"{fact.name} = {fact_value(fact)}" for fact in rule.facts),
            )
            for rule in rules
        ),
    )


def _hits(case: Case) -> RenderableType:
    return output.table(
        ("list", "matched", "source", "reason", "since"),
        (
            (
                hit.watchlist.removeprefix("watchlists/"),
                hit.role + (" (weak)" if hit.weak else ""),
                hit.source,
                hit.reason,
                moment(hit.since_time) if hit.HasField("since_time") else "",
            )
            for hit in case.watchlist_hits
        ),
    )


def _events(case: Case) -> RenderableType:
    return output.table(
        ("when", "what", "by", "summary", "state after"),
        (
            (moment(event.event_time), event.kind, event.actor, event.summary, state(event.state))
            for event in case.events
        ),
    )


def _versions(case: Case) -> RenderableType:
    spent = ", ".join(f"{stage} {us / 1000:.1f} ms" for stage, us in case.timings_us.items())
    rows = [
        ("policy", case.policy_version),
        ("watchlists", ", ".join(case.watchlist_versions) or "none"),
        ("time", spent),
        ("trace", case.trace_id or "not traced"),
    ]
    return output.pairs(rows)


def _word(name: str) -> str:
    return name.split("_", 1)[1].replace("_", " ").lower()
