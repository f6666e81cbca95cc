"""Enums of proto and domain have the same words."""

from enum import StrEnum

import pytest

from sekisho.domain.decision import Verdict
from sekisho.rpc.convert import enums
from sekisho.v1 import decision_pb2, watchlist_pb2


def test_a_word_that_only_one_of_them_has_is_an_error() -> None:
    class More(StrEnum):
        ALLOW = "allow"
        STEP_UP = "step_up"
        DENY = "deny"

    descriptor = decision_pb2.DESCRIPTOR.enum_types_by_name["Verdict"]
    with pytest.raises(TypeError, match="differ"):
        enums.paired(descriptor, "VERDICT_", More)
    assert set(enums.paired(descriptor, "VERDICT_", Verdict).values()) == set(Verdict)


def test_every_kind_of_identifier_has_its_number() -> None:
    one_of = watchlist_pb2.Identifier.DESCRIPTOR.oneofs_by_name["kind"]
    assert {field.name for field in one_of.fields} == set(enums.IDENTIFIER_KIND_NUMBERS)


@pytest.mark.parametrize("word", ["lock_set", "sim_changed", "fraud_reported"])
def test_the_kinds_of_line_events_are_words_in_lower_case(word: str) -> None:
    assert word in enums.LINE_EVENT_KINDS.values()
