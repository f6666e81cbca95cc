"""A decision as the shop sees it: what to do next, and never why."""

from rich.console import Group, RenderableType
from rich.text import Text

from sekisho.cli import output
from sekisho.cli.moments import moment
from sekisho.v1.decision_pb2 import Challenge, ChallengeKind, Decision, Verdict

TREAT_AS_STEP_UP = "treat as STEP_UP"
_STYLES = {Verdict.VERDICT_ALLOW: "bold white on green", Verdict.VERDICT_STEP_UP: "bold on yellow"}


def verdict(decision: Decision) -> Text:
    """Return the verdict, marked. One that is not known here is to be treated as a step-up."""
    if decision.verdict not in _STYLES:
        return Text(f" UNKNOWN VERDICT: {TREAT_AS_STEP_UP} ", _STYLES[Verdict.VERDICT_STEP_UP])
    name = Verdict.Name(decision.verdict).removeprefix("VERDICT_")
    return Text(f" {name} ", _STYLES[decision.verdict])


def state(value: "Decision.State.ValueType") -> str:
    """Return a state's name for people; one that is not known here by its number."""
    known = value in Decision.State.values()
    return Decision.State.Name(value).removeprefix("STATE_") if known else f"STATE {value}"


def challenge_kind(kind: "ChallengeKind.ValueType") -> str:
    """Return a challenge's name for people; one that is not known here by its number."""
    known = kind in ChallengeKind.values()
    return (
        ChallengeKind.Name(kind).removeprefix("CHALLENGE_KIND_") if known else f"CHALLENGE {kind}"
    )


def shown(decision: Decision) -> RenderableType:
    """Return a decision as a terminal would show it."""
    head = Text.assemble(verdict(decision), "  ", (decision.instruction, "bold"), overflow="fold")
    lines: list[RenderableType] = [head, facts(decision)]
    if decision.challenges:
        lines += [Text(), challenges(decision)]
    return Group(*lines)


def facts(decision: Decision) -> RenderableType:
    """Return the decision's own data."""
    rows: list[tuple[str, str]] = []
    if decision.name:
        rows.append(("decision", decision.name))
        rows.append(("case number", decision.case_number))
    rows.append(("state", state(decision.state) + ("  (degraded)" if decision.degraded else "")))
    if decision.HasField("decide_time"):
        rows.append(("decided", moment(decision.decide_time)))
    if decision.HasField("expire_time"):
        rows.append(("expires", moment(decision.expire_time)))
    if decision.challenges:
        rows.append(("attempts left", str(decision.attempts_left)))
    return output.pairs(rows)


def challenges(decision: Decision) -> RenderableType:
    """Return what a step-up asks for, and how far each is."""
    rows = []
    for challenge in decision.challenges:
        instruction = challenge.instruction
        if challenge.fields:
            instruction += f" [{', '.join(challenge.fields)}]"
        if challenge.HasField("wait_until_time"):
            instruction += f" [{moment(challenge.wait_until_time)}]"
        rows.append((challenge_kind(challenge.kind), _challenge_state(challenge), instruction))
    return output.table(("challenge", "state", "what the clerk does"), rows)


def _challenge_state(challenge: Challenge) -> str:
    known = challenge.state in Challenge.State.values()
    return Challenge.State.Name(challenge.state).removeprefix("STATE_") if known else "?"
