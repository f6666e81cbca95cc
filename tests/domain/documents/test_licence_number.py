"""The driving licence's number."""

from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum.jp import in_ as individual_number_oracle

from sekisho.domain.documents import licence_number
from sekisho.domain.errors import MalformedIdentifierError
from sekisho.domain.individual_number import is_individual_number
from tests.domain.vectors import commissions, rows

TEN = st.text("0123456789", min_size=10, max_size=10)
INDIVIDUAL_NUMBERS = st.text("0123456789", min_size=11, max_size=11).map(
    lambda front: front + str(individual_number_oracle.calc_check_digit(front))
)


def check_digit(front: str) -> str:
    return next(d for d in "0123456789" if licence_number.check_digit_holds(f"{front}{d}0"))


def test_the_commissions_are_those_of_the_facts() -> None:
    assert frozenset(commissions()) == licence_number.COMMISSIONS
    assert len(licence_number.COMMISSIONS) == 51


@pytest.mark.parametrize(("number", "valid"), rows("driving_licence_number"))
def test_the_vectors_of_the_facts_hold(number: str, valid: bool) -> None:
    assert licence_number.is_valid(number) is valid
    if valid or not is_individual_number(number):
        assert licence_number.parse(number) == number


@given(TEN, st.sampled_from("0123456789"))
def test_exactly_one_check_digit_holds_and_the_reissue_digit_is_not_covered(
    front: str, last: str
) -> None:
    holding = [d for d in "0123456789" if licence_number.check_digit_holds(front + d + last)]
    assert holding == [check_digit(front)]


def test_the_check_digit_of_the_remainders_0_1_and_10_is_1_0_and_1() -> None:
    # Weights 5 and 4: 0, 5*5+4*5=45 (1), 5*2=10 (10).
    assert check_digit("0000000000") == "1"
    assert check_digit("5500000000") == "0"
    assert check_digit("2000000000") == "1"


def test_a_right_check_digit_does_not_make_an_unknown_commission_valid() -> None:
    number = "3116123456"
    assert not licence_number.is_valid(f"{number}{check_digit(number)}0")


@pytest.mark.parametrize(
    "raw", ["３０１６１２３４５６３０", "3016 1234 5630", "3016-1234-5630", "第 301612345630 号"]
)
def test_a_number_is_read_however_written(raw: str) -> None:
    assert licence_number.parse(raw) == "301612345630"


def test_no_number_stays_none() -> None:
    assert licence_number.parse("") == ""


@pytest.mark.parametrize("raw", ["30161234563", "3016123456301", "30161234563A", "第号", "-"])
def test_another_grammar_is_refused(raw: str) -> None:
    with pytest.raises(MalformedIdentifierError, match="12 digits"):
        licence_number.parse(raw)


@given(st.one_of(st.text("0123456789", min_size=12, max_size=12), INDIVIDUAL_NUMBERS))
def test_a_number_is_refused_only_where_its_own_check_fails_and_the_individual_numbers_holds(
    number: str,
) -> None:
    assume(number != "0" * 12)
    if is_individual_number(number) and not licence_number.check_digit_holds(number):
        with pytest.raises(MalformedIdentifierError) as refusal:
            licence_number.parse(number)
        assert number not in str(refusal.value)
    else:
        assert licence_number.parse(number) == number


@pytest.mark.parametrize("number", ["123456789018", "465281266333", "000000000000"])
def test_an_individual_number_is_refused(number: str) -> None:
    with pytest.raises(MalformedIdentifierError, match="Individual Number"):
        licence_number.parse(number)


def test_a_valid_licence_number_that_passes_as_an_individual_number_too_is_taken() -> None:
    both = next(
        number
        for serial in range(1_000_000)
        if licence_number.is_valid(number := f"3016{serial:06}{check_digit(f'3016{serial:06}')}0")
        and is_individual_number(number)
    )
    assert licence_number.parse(both) == both


@pytest.mark.parametrize(
    ("year", "birth", "issue", "consistent"),
    [
        ("06", 1990, 2024, True),
        ("05", 1990, 2024, False),
        ("24", 1990, 2024, True),
        ("25", 1990, 2024, False),
        ("70", 1954, 2024, True),
        ("66", 1950, 2024, True),
        ("65", 1950, 2024, False),
        ("65", 1949, 2024, True),
    ],
)
def test_the_first_year_lies_between_the_16th_year_and_issue(
    year: str, birth: int, issue: int, consistent: bool
) -> None:
    number = f"30{year}12345630"
    born, issued = date(birth, 12, 31), date(issue, 1, 1)
    assert licence_number.first_year_consistent(number, born, issued) is consistent


@pytest.mark.parametrize(("year", "held"), [("24", 0), ("20", 4), ("19", 5), ("99", 25)])
def test_the_years_held_are_counted_to_the_issue(year: str, held: int) -> None:
    assert licence_number.years_held(f"30{year}12345630", date(2024, 1, 1)) == held


@pytest.mark.parametrize(
    ("last", "count", "agrees"),
    [
        ("0", 0, True),
        ("0", 1, False),
        ("1", 1, True),
        ("9", 9, True),
        ("1", 10, True),
        ("0", 10, False),
    ],
)
def test_the_reissue_digit_goes_on_with_1_after_9(last: str, count: int, agrees: bool) -> None:
    assert licence_number.reissue_agrees(f"30161234563{last}", count) is agrees
