"""Figures, to the proto."""

from sekisho.domain.figures import Counts, Figures, Peer, RuleFigures
from sekisho.rpc.convert import enums, names, times
from sekisho.v1 import review_figures_pb2, review_queue_pb2


def figures(found: Figures) -> review_figures_pb2.Figures:
    """Return all figures of a range."""
    took = found.time_to_decision
    return review_figures_pb2.Figures(
        counts=_counts(found.counts),
        days=[
            review_figures_pb2.Figures.Day(date=day, counts=_counts(counts))
            for day, counts in found.days
        ],
        rules=[_rule(each) for each in found.rules],
        shops=[_peer(each) for each in found.shops],
        clerks=[_peer(each) for each in found.clerks],
        time_to_decision=review_figures_pb2.Figures.Times(
            count=took.count, p50_ms=took.p50, p90_ms=took.p90, p99_ms=took.p99
        ),
        queue_ages=[
            review_figures_pb2.QueueAge(
                queue=review_queue_pb2.Queue.ValueType(enums.QUEUE_NUMBERS[each.queue]),
                count=each.count,
                oldest_ms=each.oldest,
                p50_ms=each.p50,
            )
            for each in found.queue_ages
        ],
        watchlist_ages=[
            review_figures_pb2.Figures.WatchlistAge(
                watchlist=names.watchlist_name(watchlist_id),
                update_time=times.from_ms(at),
                entry_count=entries,
            )
            for watchlist_id, at, entries in found.watchlists
        ],
    )


def _counts(counts: Counts) -> review_figures_pb2.Counts:
    return review_figures_pb2.Counts(
        decision_count=counts.decisions,
        step_up_count=counts.step_ups,
        degraded_count=counts.degraded,
        failed_count=counts.failed,
        override_count=counts.overrides,
        approved_count=counts.approved,
        declined_count=counts.declined,
        confirmed_fraud_count=counts.confirmed_fraud,
        suspected_count=counts.suspected,
        legitimate_count=counts.legitimate,
        missed_count=counts.missed,
    )


def _rule(rule: RuleFigures) -> review_figures_pb2.Figures.Rule:
    return review_figures_pb2.Figures.Rule(
        code=rule.code,
        fired_count=rule.fired,
        fraud_count=rule.fraud,
        legitimate_count=rule.legitimate,
        precision=rule.precision,
    )


def _peer(peer: Peer) -> review_figures_pb2.Figures.Peer:
    return review_figures_pb2.Figures.Peer(
        shop=peer.counted.shop,
        clerk=peer.counted.clerk_masked,
        clerk_fingerprint=peer.counted.clerk.hex(),
        counts=_counts(peer.counted.counts),
        relative_step_up_rate=peer.relative_step_ups,
        relative_override_rate=peer.relative_overrides,
    )
