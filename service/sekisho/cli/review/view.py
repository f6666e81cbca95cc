"""What the fraud team reads in a terminal."""

from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from sekisho.cli import output
from sekisho.cli.moments import moment
from sekisho.v1.decision_pb2 import ChallengeKind, Decision, Verdict
from sekisho.v1.review_act_pb2 import TrailEntry
from sekisho.v1.review_link_pb2 import Group as CaseGroup
from sekisho.v1.review_link_pb2 import ListLinksResponse
from sekisho.v1.review_queue_pb2 import (
    CaseSummary,
    CountCasesResponse,
    Disposition,
    Queue,
)


def counts(answer: CountCasesResponse) -> RenderableType:
    """Return what waits in each queue."""
    return output.table(
        ("queue", "waiting", "unclaimed", "overdue", "oldest"),
        (
            (
                queue(each.queue),
                f"{each.count:,}",
                f"{each.unclaimed_count:,}",
                f"{each.overdue_count:,}",
                moment(each.oldest_decide_time) if each.HasField("oldest_decide_time") else "",
            )
            for each in answer.queue_counts
        ),
    )


def cases(found: Sequence[CaseSummary]) -> RenderableType:
    """Return cases, one a line."""
    return output.table(
        ("case", "risk", "decided", "shop", "line", "state", "queue", "held by", "reasons"),
        (
            (
                each.case_number,
                f"{each.risk:g}",
                moment(each.decide_time),
                each.shop,
                each.line,
                _state(each),
                f"{queue(each.queue)}{' !' if each.escalated else ''}",
                each.assignee,
                ", ".join(each.reasons),
            )
            for each in found
        ),
    )


def review(case: CaseSummary, trail: Iterable[TrailEntry] = ()) -> RenderableType:
    """Return how a case's review stands, and what was done to it."""
    rows = [
        ("case", f"{case.case_number}  {case.name}"),
        ("risk", f"{case.risk:g}"),
        ("queue", queue(case.queue)),
        ("state", _state(case)),
    ]
    if case.HasField("due_time"):
        rows.append(("due", moment(case.due_time)))
    if case.assignee:
        rows.append(("held by", f"{case.assignee} until {moment(case.lease_expire_time)}"))
    if case.open_challenges:
        asked = [
            ChallengeKind.Name(kind).removeprefix("CHALLENGE_KIND_").lower()
            for kind in case.open_challenges
        ]
        rows.append(("still asked", ", ".join(asked)))
    if case.disposition:
        rows.append(("disposition", _disposition(case)))
    if case.group:
        rows.append(("group", case.group))
    parts: list[RenderableType] = [output.pairs(rows)]
    done = list(trail)
    if done:
        parts += [Text(), Text("What analysts did", "bold underline"), entries(done)]
    return Group(*parts)


def entries(found: Iterable[TrailEntry]) -> RenderableType:
    """Return trail entries."""
    return output.table(
        ("when", "who", "what", "case", "of it", "note"),
        ((moment(e.act_time), e.actor, e.act, e.case_number, e.summary, e.note) for e in found),
    )


def links(answer: ListLinksResponse) -> RenderableType:
    """Return what a case is tied to."""
    numbers = {each.case.name: each.case.case_number for each in answer.cases}
    parts: list[RenderableType] = [
        output.table(
            ("step", "case", "risk", "decided", "shop", "line", "state"),
            (
                (
                    str(each.step),
                    each.case.case_number,
                    f"{each.case.risk:g}",
                    moment(each.case.decide_time),
                    each.case.shop,
                    each.case.line,
                    _state(each.case),
                )
                for each in answer.cases
            ),
        )
    ]
    if answer.ties:
        ties = output.table(
            ("tie", "masked", "cases in all", "cases"),
            (
                (
                    tie.role,
                    tie.masked,
                    str(tie.case_count),
                    ", ".join(numbers.get(name, name) for name in tie.cases),
                )
                for tie in answer.ties
            ),
        )
        parts += [Text(), ties]
    if answer.truncated:
        parts += [Text("there are more: --most")]
    return Group(*parts)


def groups(found: Sequence[CaseGroup]) -> RenderableType:
    """Return groups, one a line."""
    return output.table(
        ("group", "name", "held by", "changed", "followed"),
        (
            (
                each.name.removeprefix("groups/"),
                each.display_name,
                each.assignee,
                moment(each.update_time),
                "yes" if each.followed else "",
            )
            for each in found
        ),
    )


def queue(where: Queue.ValueType) -> str:
    """Return a queue's name."""
    return Queue.Name(where).removeprefix("QUEUE_").lower().replace("_", " ")


def _state(case: CaseSummary) -> str:
    words = Decision.State.Name(case.state).removeprefix("STATE_").lower().replace("_", " ")
    allowed = case.verdict == Verdict.VERDICT_ALLOW
    if case.disposition:
        words += f", {_disposition(case)}"
    return f"{words}, missed" if case.missed and allowed else words


def _disposition(case: CaseSummary) -> str:
    words = Disposition.Name(case.disposition).removeprefix("DISPOSITION_").lower()
    return words.replace("_", " ")
