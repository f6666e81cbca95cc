"""Facts about the line."""

from dataclasses import replace
from datetime import date

import pytest

from sekisho.application.line_facts import line_facts, reissue_facts
from sekisho.application.line_record import knowledge_of
from sekisho.application.ports.cache import LineKnowledge, Observed
from sekisho.application.subject import Identify
from sekisho.domain.decision import MissingCause, MissingSignal
from sekisho.domain.facts import FACTS, NEVER_SECONDS, FactValue
from sekisho.domain.sim_change import (
    ChangeKind,
    DocumentType,
    Holder,
    LineRecord,
    Relationship,
    SimChange,
)
from sekisho.domain.velocity import DAY_MS, Dimension
from tests.application.test_velocity_facts import NOW, counts
from tests.support.changes import COUNTER, FINGERPRINTER, LICENCE, ORDINARY, RECORD, varied

LINE = {name for name in FACTS if name.startswith("line.")}
EMPTY = Observed(counts=(counts(Dimension.LINE),))


def facts_of(
    change: SimChange = ORDINARY,
    observed: Observed = EMPTY,
    told: LineRecord | None = RECORD,
    shop_prefecture: str = "JP-13",
) -> tuple[dict[str, FactValue], list[MissingSignal]]:
    subject = Identify(FINGERPRINTER)(change, COUNTER, "request", NOW)
    knowledge = knowledge_of(told, FINGERPRINTER) if told else None
    return line_facts(change, subject, observed, knowledge, shop_prefecture, FINGERPRINTER, NOW)


def test_every_line_fact_is_known_for_a_line_that_the_carrier_told_of() -> None:
    facts, missing = facts_of()
    assert set(facts) == LINE
    assert missing == []
    differences = [name for name, value in facts.items() if name.endswith("_differs") and value]
    assert differences == []


def test_an_arriving_number_has_no_line_yet_and_nothing_is_unknown() -> None:
    facts, missing = facts_of(varied(kind=ChangeKind.MNP_PORT_IN, line_record=None), told=None)
    assert set(facts) == LINE
    assert missing == []


def test_a_line_that_nobody_told_of_is_unknown_and_trying_again_will_not_help() -> None:
    facts, missing = facts_of(told=None)
    assert facts["line.known"] is False
    assert facts["line.claimed"] is True
    assert "line.locked" not in facts
    assert missing == [MissingSignal("line", MissingCause.NOT_SUPPLIED)]


def test_a_kept_record_counts_as_much_as_one_that_came_along() -> None:
    kept = knowledge_of(RECORD, FINGERPRINTER, revision=3)
    facts, _ = facts_of(observed=replace(EMPTY, line=kept), told=None)
    assert facts["line.known"] is True
    assert facts["line.birth_date_differs"] is False


def test_without_the_cache_a_record_that_came_along_still_tells_what_it_can() -> None:
    gone = Observed(missing=(MissingSignal("line", MissingCause.CACHE_UNAVAILABLE),))
    facts, _ = facts_of(observed=gone)
    assert facts["line.known"] is True
    assert "line.seconds_since_fraud_report" not in facts
    assert "line.seconds_since_sim_change" not in facts
    nothing, missing = facts_of(observed=gone, told=None)
    assert "line.known" not in nothing
    assert missing == []


@pytest.mark.parametrize(
    ("told", "fact"),
    [
        (replace(RECORD, birth_date=date(1990, 5, 6)), "line.birth_date_differs"),
        (replace(RECORD, name_kana="スズキ ハナコ"), "line.name_differs"),
        (replace(RECORD, document_type=DocumentType.PASSPORT), "line.document_type_differs"),
        (replace(RECORD, document_number="309012345620"), "line.document_number_differs"),
    ],
)
def test_each_difference_is_seen_for_a_subscriber_in_person_and_for_nobody_else(
    told: LineRecord, fact: str
) -> None:
    assert facts_of(told=told)[0][fact] is True
    son = replace(ORDINARY.applicant, relationship=Relationship.FAMILY_MEMBER)
    assert facts_of(varied(applicant=son), told=told)[0][fact] is False
    company = replace(told, holder=Holder.CORPORATE)
    assert facts_of(told=company)[0][fact] is False


def test_a_reissued_licence_is_the_same_document_on_file() -> None:
    reissued = replace(LICENCE, number="301612345631")
    facts, _ = facts_of(varied(documents=(reissued,)))
    assert facts["line.document_number_differs"] is False


def test_what_the_record_does_not_say_is_missing_by_name() -> None:
    told = replace(RECORD, current_sim_on_network=None, activation_date=None)
    facts, missing = facts_of(told=told)
    assert "line.current_sim_on_network" not in facts
    assert {m.signal for m in missing} == {"line.current_sim_on_network", "line.age_days"}


def test_the_later_of_record_and_event_counts() -> None:
    told = replace(RECORD, pin_changed_at=NOW - 90_000)
    kept = LineKnowledge(
        revision=1,
        has_record=False,
        changed_at={"pin_change": NOW - 30_000, "fraud_report": NOW - 5_000},
    )
    facts, _ = facts_of(observed=replace(EMPTY, line=kept), told=told)
    assert facts["line.seconds_since_pin_change"] == 30
    assert facts["line.seconds_since_fraud_report"] == 5
    assert facts["line.seconds_since_contact_change"] == NEVER_SECONDS


def test_the_last_sim_change_is_the_latest_of_all_channels() -> None:
    here = replace(counts(Dimension.LINE), last_completed_at=NOW - 40_000)
    kept = LineKnowledge(revision=1, has_record=False, changed_at={"sim_change": NOW - 50_000})
    facts, _ = facts_of(observed=Observed(counts=(here,), line=kept))
    assert facts["line.seconds_since_sim_change"] == 40


def test_the_last_sim_change_is_unknown_while_history_is_not_covered() -> None:
    short = counts(Dimension.LINE, covered_from=NOW - DAY_MS)
    facts, _ = facts_of(observed=Observed(counts=(short,)))
    assert "line.seconds_since_sim_change" not in facts


def test_a_shop_in_the_next_prefecture_is_not_far() -> None:
    assert facts_of(shop_prefecture="JP-14")[0]["line.shop_far_from_home"] is False
    assert facts_of(shop_prefecture="JP-27")[0]["line.shop_far_from_home"] is True
    assert facts_of(shop_prefecture="")[0]["line.shop_far_from_home"] is False


@pytest.mark.parametrize(
    ("seen", "now", "superseded", "raised"),
    [
        (None, 0, False, False),
        (0, 0, False, False),
        (2, 1, True, False),
        (1, 2, False, True),
        (9, 1, False, False),
    ],
)
def test_a_lower_reissue_digit_than_seen_before_is_a_superseded_card(
    seen: int | None, now: int, superseded: bool, raised: bool
) -> None:
    subject = Identify(FINGERPRINTER)(ORDINARY, COUNTER, "request", NOW)
    key = replace(counts(Dimension.DOCUMENT), highest_reissue=seen)
    facts = reissue_facts(now, [key], subject, None, complete=True)
    assert facts == {"document.superseded": superseded, "document.reissue_raised": raised}


def test_a_card_older_than_the_one_on_file_is_superseded() -> None:
    on_file = knowledge_of(replace(RECORD, document_number="301612345633"), FINGERPRINTER)
    subject = Identify(FINGERPRINTER)(ORDINARY, COUNTER, "request", NOW)
    facts = reissue_facts(0, [], subject, on_file, complete=False)
    assert facts["document.superseded"] is True


def test_without_the_cache_a_card_that_looks_current_is_unknown() -> None:
    subject = Identify(FINGERPRINTER)(ORDINARY, COUNTER, "request", NOW)
    assert reissue_facts(0, [], subject, None, complete=False) == {}
    assert reissue_facts(None, [], subject, None, complete=False) == {
        "document.superseded": False,
        "document.reissue_raised": False,
    }
