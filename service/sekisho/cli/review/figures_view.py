"""Figures as the fraud team reads them in a terminal."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from sekisho.cli import output
from sekisho.cli.moments import moment
from sekisho.cli.review.view import queue
from sekisho.v1.review_figures_pb2 import Counts, Figures

_MOST_PEERS = 20
_MOST_DAYS = 31
_MINUTE_MS, _HOUR_MS, _DAY_MS = 60_000, 3_600_000, 86_400_000
_COUNTED = ("decisions", "step-ups", "degraded", "failed", "overrides", "fraud", "missed")


def figures(found: Figures) -> RenderableType:
    """Return the figures of a range."""
    sections = (
        ("What waits", _ages(found)),
        ("Day by day", _days(found)),
        ("Rules", _rules(found)),
        ("Shops beside the median of the others", _peers(found.shops)),
        ("Clerks beside the median of the others", _peers(found.clerks)),
        ("Watchlists", _watchlists(found)),
    )
    parts: list[RenderableType] = [_whole(found)]
    for title, section in sections:
        if section is not None:
            parts += [Text(), Text(title, "bold underline"), section]
    return Group(*parts)


def _whole(found: Figures) -> RenderableType:
    counted, took = found.counts, found.time_to_decision
    total = counted.decision_count
    found_out = (
        counted.confirmed_fraud_count,
        counted.suspected_count,
        counted.legitimate_count,
    )
    return output.pairs(
        [
            ("decisions", f"{total:,}"),
            ("step-ups", _share(counted.step_up_count, total)),
            ("degraded", _share(counted.degraded_count, total)),
            ("failed", _share(counted.failed_count, total)),
            ("overrides", _share(counted.override_count, total)),
            ("approved, declined", f"{counted.approved_count:,}, {counted.declined_count:,}"),
            ("fraud, suspected, legitimate", ", ".join(f"{count:,}" for count in found_out)),
            ("missed frauds", f"{counted.missed_count:,}"),
            (
                "time to decision",
                f"half within {_time(took.p50_ms)}, 90% within {_time(took.p90_ms)},"
                f" 99% within {_time(took.p99_ms)}"
                if took.count
                else "nothing was decided",
            ),
        ]
    )


def _ages(found: Figures) -> RenderableType:
    return output.table(
        ("queue", "waiting", "half waited", "oldest waited"),
        (
            (queue(each.queue), f"{each.count:,}", _time(each.p50_ms), _time(each.oldest_ms))
            for each in found.queue_ages
        ),
    )


def _days(found: Figures) -> RenderableType | None:
    """Return the latest days on which there was something."""
    days = [day for day in found.days if day.counts.decision_count][-_MOST_DAYS:]
    if not days:
        return None
    return output.table(("day", *_COUNTED), ((day.date, *_cells(day.counts)) for day in days))


def _rules(found: Figures) -> RenderableType | None:
    if not found.rules:
        return None
    return output.table(
        ("rule", "fired", "fraud", "legitimate", "precision"),
        (
            (
                rule.code,
                f"{rule.fired_count:,}",
                f"{rule.fraud_count:,}",
                f"{rule.legitimate_count:,}",
                f"{rule.precision:.0%}" if rule.HasField("precision") else "",
            )
            for rule in found.rules
        ),
    )


def _peers(peers: Sequence[Figures.Peer]) -> RenderableType | None:
    if not peers:
        return None
    clerks = bool(peers[0].clerk_fingerprint)
    header = ("decisions", "step-ups", "against peers", "overrides", "against peers")
    return output.table(
        ("shop", *(("clerk",) if clerks else ()), *header),
        (
            (
                peer.shop,
                *((peer.clerk,) if clerks else ()),
                f"{peer.counts.decision_count:,}",
                _share(peer.counts.step_up_count, peer.counts.decision_count),
                _relative(peer, "relative_step_up_rate"),
                f"{peer.counts.override_count:,}",
                _relative(peer, "relative_override_rate"),
            )
            for peer in peers[:_MOST_PEERS]
        ),
    )


def _relative(peer: Figures.Peer, field: str) -> str:
    return f"{getattr(peer, field):.1f} x" if peer.HasField(field) else ""  # type: ignore[arg-type]


def _watchlists(found: Figures) -> RenderableType | None:
    if not found.watchlist_ages:
        return None
    return output.table(
        ("list", "entries", "as of"),
        (
            (
                each.watchlist.removeprefix("watchlists/"),
                f"{each.entry_count:,}",
                moment(each.update_time),
            )
            for each in found.watchlist_ages
        ),
    )


def _cells(counts: Counts) -> Sequence[str]:
    return [
        f"{count:,}"
        for count in (
            counts.decision_count,
            counts.step_up_count,
            counts.degraded_count,
            counts.failed_count,
            counts.override_count,
            counts.confirmed_fraud_count,
            counts.missed_count,
        )
    ]


def _share(count: int, total: int) -> str:
    return f"{count:,} ({count / total:.1%})" if total else f"{count:,}"


def _time(milliseconds: int) -> str:
    for size, unit in ((_DAY_MS, "d"), (_HOUR_MS, "h"), (_MINUTE_MS, "min")):
        if milliseconds >= size:
            return f"{milliseconds / size:.1f} {unit}"
    return f"{milliseconds / 1000:.0f} s"
