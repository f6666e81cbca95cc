"""Nothing but ALLOW in a decision that stands is allowed."""

from typing import get_args

import grpc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.client import Decided, Unanswered, Why, texts
from sekisho.client.texts import Language
from sekisho.v1.decision_pb2 import Decision, Verdict
from tests.client.peer import decision, open_step_up

NUMBERS = st.one_of(st.integers(-1, 12), st.integers(-(2**31), 2**31 - 1))
LANGUAGES: tuple[Language, ...] = get_args(Language)


@given(NUMBERS, NUMBERS)
def test_only_allow_in_a_decision_that_stands_is_allowed(verdict: int, state: int) -> None:
    answer = Decided(decision(verdict, state))
    assert answer.allowed is ((verdict, state) == (1, 1))
    assert answer.step_up is not answer.allowed


def test_allow_in_a_decision_that_stands_is_allowed() -> None:
    answer = Decided(decision(Verdict.VERDICT_ALLOW, Decision.STATE_ALLOWED))
    assert answer.allowed
    assert answer.instruction == "Go on."


@given(NUMBERS, NUMBERS)
def test_a_clerk_is_told_to_go_on_only_where_that_is_allowed(verdict: int, state: int) -> None:
    answer = Decided(decision(verdict, state))
    known_step_up = verdict in {1, 2} and state in range(2, 8)
    assert (answer.instruction == "Go on.") is (answer.allowed or known_step_up)


def test_a_step_up_says_what_the_service_says() -> None:
    assert Decided(open_step_up("Read the chip.")).instruction == "Read the chip."
    assert Decided(open_step_up("")).instruction == texts.NOT_UNDERSTOOD["ja"]


@pytest.mark.parametrize("numbers", [(99, 1), (1, 99), (0, 1), (1, 0), (2, 1), (99, 99)])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_decision_that_is_not_understood_says_to_stop(
    numbers: tuple[int, int], language: Language
) -> None:
    answer = Decided(decision(*numbers), language)
    assert answer.step_up
    assert answer.instruction == texts.NOT_UNDERSTOOD[language]


@pytest.mark.parametrize("why", Why)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_answer_is_a_step_up_whatever_the_reason(why: Why, language: Language) -> None:
    answer = Unanswered(why, "", grpc.StatusCode.OK, "", "", language=language)
    assert not answer.allowed
    assert answer.step_up
    assert not answer.answered
    assert {"ja": "お手続きは進めず", "en": "Do not go on"}[language] in answer.instruction


@pytest.mark.parametrize(
    ("why", "may"),
    [
        (Why.NO_ANSWER, True),
        (Why.FAILED, True),
        (Why.BAD_INPUT, False),
        (Why.REFUSED, False),
    ],
)
def test_repeating_may_help_where_nothing_was_wrong_with_the_request(why: Why, may: bool) -> None:
    assert Unanswered(why, "", grpc.StatusCode.OK, "", "").may_repeat is may
