"""What is written in the ledger's binary form is read back as it was."""

from collections.abc import Mapping
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.adapters.sql import codes
from sekisho.adapters.sql.basis import KnownBases, New
from sekisho.adapters.sql.encode_account import AccountEncoder, read_account
from sekisho.adapters.sql.encode_standing import (
    read_step_up,
    request_id_bytes,
    request_id_text,
    revised,
    standing_wire,
    step_up_wire,
)
from sekisho.adapters.sql.fact_set import FactSet
from sekisho.adapters.sql.fingerprint_pool import (
    PackedFingerprints,
    Pool,
    each,
    read_identifiers,
    read_try,
)
from sekisho.adapters.sql.scripts import Script
from sekisho.adapters.sql.wire import StandingWire, TryWire, decoder, encode
from sekisho.application.ports.cache import Try
from sekisho.application.ports.ledger import Account, KeptIdentifier
from sekisho.domain.decision import (
    Challenge,
    ChallengeKind,
    ChallengeState,
    DecisionState,
    Judgement,
    MissingCause,
    MissingSignal,
    Reason,
    Standing,
    StepUp,
    UnevaluatedRule,
    Verdict,
    WatchlistHit,
)
from sekisho.domain.errors import MalformedIdentifierError
from sekisho.domain.facts import FACTS, NEVER_SECONDS, FactType, FactValue
from sekisho.domain.sim_change import Cause, ChangeKind
from sekisho.domain.velocity import Attribute, Dimension, Mark

T = TypeVar("T")

INTS = st.integers(-(2**63), 2**63 - 1)
FLOATS = st.floats(allow_nan=False)
BY_TYPE: Mapping[FactType, st.SearchStrategy[FactValue]] = {
    FactType.BOOL: st.booleans(),
    FactType.INT: INTS | st.just(0) | st.just(NEVER_SECONDS),
    FactType.DOUBLE: FLOATS,
    FactType.STRING: st.text(),
    FactType.STRINGS: st.lists(st.text()).map(tuple),
}
FINGERPRINTS = st.binary(min_size=16, max_size=16)
CHALLENGES = st.sampled_from(ChallengeKind)


def values(names: list[str]) -> st.SearchStrategy[dict[str, FactValue]]:
    return st.fixed_dictionaries({name: BY_TYPE[FACTS[name].type] for name in names})


some_facts = st.lists(st.sampled_from(list(FACTS)), unique=True, max_size=12).flatmap(values)
all_facts = values(list(FACTS))
foreign_facts = st.dictionaries(
    st.text(min_size=1).filter(lambda name: name not in FACTS), st.one_of(*BY_TYPE.values())
)
reasons = st.builds(
    Reason,
    code=st.text(),
    weight=FLOATS,
    hard=st.booleans(),
    demands=st.lists(CHALLENGES).map(tuple),
    facts=some_facts | foreign_facts,
)
judgements = st.builds(
    Judgement,
    verdict=st.sampled_from(Verdict),
    score=FLOATS,
    threshold=FLOATS,
    demands=st.lists(CHALLENGES, unique=True).map(tuple),
    reasons=st.lists(reasons, max_size=4).map(tuple),
    unevaluated=st.lists(
        st.builds(UnevaluatedRule, st.text(), st.lists(st.text()).map(tuple), st.booleans()),
        max_size=4,
    ).map(tuple),
    policy_version=st.text(),
    awaits_signals=st.booleans(),
)
accounts = st.builds(
    Account,
    facts=st.builds(lambda a, b: {**a, **b}, some_facts, foreign_facts),
    judgement=judgements,
    missing=st.lists(st.builds(MissingSignal, st.text(), st.sampled_from(MissingCause))).map(tuple),
    hits=st.lists(
        st.builds(WatchlistHit, st.text(), st.text(), st.text(), st.text(), INTS, st.booleans())
    ).map(tuple),
    watchlist_versions=st.dictionaries(st.text(), INTS),
    trace_id=st.binary(max_size=16),
    timings_us=st.dictionaries(st.sampled_from(["observe", "decide", "total", "else"]), INTS),
)


def finished(script: Script[T], kept: Mapping[bytes, bytes]) -> T:
    """Run a script that only reads bases, from those that are kept."""
    try:
        call = next(script)
        while True:
            assert call.rows is not None
            call = script.send([(row["digest"], kept[row["digest"]]) for row in call.rows])  # type: ignore[index]
    except StopIteration as end:
        result: T = end.value
        return result


@given(accounts)
@settings(max_examples=40)
def test_an_account_is_read_as_it_was_written(account: Account) -> None:
    fact_set = FactSet.of(tuple(FACTS))
    new: New = {}
    content = AccountEncoder(fact_set, KnownBases())(account, new)
    kept = dict(new.values())
    assert finished(read_account(content, fact_set), kept) == account
    other = FactSet.of(tuple(FACTS)[::-1])
    assert finished(read_account(content, other), kept) == account


@given(all_facts)
@settings(max_examples=20)
def test_every_fact_keeps_its_value_and_its_type(facts: dict[str, FactValue]) -> None:
    fact_set = FactSet.of(tuple(FACTS))
    found = FactSet.read(fact_set.content).facts(*fact_set.values(facts))
    assert found == facts
    assert [type(found[name]) for name in FACTS] == [type(facts[name]) for name in FACTS]


def test_a_fact_that_is_not_known_stays_unknown() -> None:
    fact_set = FactSet.of(tuple(FACTS))
    assert fact_set.facts(*fact_set.values({})) == {}
    only = {"line.locked": False, "change.hour": 0}
    assert fact_set.facts(*fact_set.values(only)) == only


def test_what_is_kept_is_not_written_again() -> None:
    account = Account({}, judgement(), (), (), {"mules": 3})
    known = KnownBases()
    encoder = AccountEncoder(FactSet.of(tuple(FACTS)), known)
    first: New = {}
    content = encoder(account, first)
    assert first
    known.kept(first)
    second: New = {}
    assert encoder(account, second) == content
    assert second == {}


def judgement() -> Judgement:
    reason = Reason("code", 1.5, True, (ChallengeKind.WAIT,), {})
    return Judgement(Verdict.ALLOW, 1.0, 2.0, (), (reason,), (), "default@1")


tries = st.builds(
    Try,
    try_id=st.binary(min_size=8, max_size=8),
    at=st.integers(0, 2**53),
    keys=st.lists(st.tuples(st.sampled_from(Dimension), FINGERPRINTS), max_size=20).map(tuple),
    attributes=st.dictionaries(st.sampled_from(Attribute), FINGERPRINTS),
    reissue=st.none() | st.integers(0, 9),
)
identifiers = st.lists(
    st.builds(KeptIdentifier, st.sampled_from(list(codes.ROLE.number)), st.text(), FINGERPRINTS),
    max_size=20,
).map(tuple)


@given(tries, identifiers, st.integers(0, 2**53))
def test_a_try_and_identifiers_are_read_as_they_were_written(
    attempt: Try, kept: tuple[KeptIdentifier, ...], decided_at: int
) -> None:
    pool = Pool()
    content = encode(pool.attempt(attempt, decided_at))
    places = pool.identifiers(kept)
    wire = decoder(TryWire).decode(content)
    assert read_try(wire, pool.content(), decided_at) == attempt
    assert read_identifiers(places, pool.content()) == kept


def test_a_fingerprint_is_kept_once() -> None:
    pool = Pool()
    same = b"\x01" * 16
    pool.attempt(Try(b"\x00" * 8, 0, ((Dimension.LINE, same),), {Attribute.LINE: same}), 0)
    pool.identifiers((KeptIdentifier("line", "", same),))
    assert pool.content() == same


@given(st.lists(FINGERPRINTS))
def test_packed_fingerprints_are_what_they_were(every: list[bytes]) -> None:
    packed = PackedFingerprints()
    packed.extend(every)
    assert list(packed) == every
    assert packed[1:3] == every[1:3]
    assert list(each(b"".join(every))) == every
    if every:
        assert packed[-1] == every[-1]
    with pytest.raises(IndexError):
        packed[len(every)]


challenges = st.builds(
    Challenge,
    CHALLENGES,
    st.sampled_from(ChallengeState),
    st.none() | INTS,
    st.lists(st.text()).map(tuple),
)
step_ups = st.builds(StepUp, st.lists(challenges).map(tuple), st.integers(0, 1000), st.booleans())
standings = st.builds(
    Standing,
    decision_id=FINGERPRINTS,
    request_id=st.uuids().map(str),
    shop=st.text(),
    case_number=st.text(),
    revision=st.integers(0, 2**31 - 1),
    verdict=st.sampled_from(Verdict),
    state=st.sampled_from(DecisionState),
    decided_at=INTS,
    expires_at=INTS,
    degraded=st.booleans(),
    step_up=step_ups,
    override=st.booleans(),
)


@given(standings, standings)
def test_a_standing_is_read_as_it_was_written(first: Standing, later: Standing) -> None:
    wire = decoder(StandingWire).decode(encode(standing_wire(later)))
    found = revised(first, later.revision, wire)
    for name in ("verdict", "state", "expires_at", "degraded", "step_up", "override", "revision"):
        assert getattr(found, name) == getattr(later, name)
    for name in ("decision_id", "request_id", "shop", "case_number", "decided_at"):
        assert getattr(found, name) == getattr(first, name)
    assert read_step_up(step_up_wire(later.step_up)) == later.step_up


@given(st.uuids().map(str))
def test_a_request_id_is_read_as_it_was_written(request_id: str) -> None:
    assert request_id_text(request_id_bytes(request_id)) == request_id
    assert request_id_bytes(request_id.upper()) == request_id_bytes(request_id)


@pytest.mark.parametrize("wrong", ["", "abc", "zz" * 16, "00" * 15, "00" * 17])
def test_what_is_no_uuid_is_no_request_id(wrong: str) -> None:
    with pytest.raises(MalformedIdentifierError):
        request_id_bytes(wrong)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (codes.VERDICT, Verdict),
        (codes.STATE, DecisionState),
        (codes.CHALLENGE, ChallengeKind),
        (codes.CHALLENGE_STATE, ChallengeState),
        (codes.MISSING, MissingCause),
        (codes.KIND, ChangeKind),
        (codes.CAUSE, Cause),
        (codes.DIMENSION, Dimension),
        (codes.ATTRIBUTE, Attribute),
        (codes.MARK, Mark),
    ],
)
def test_every_word_has_a_number_of_its_own(code: codes.Code[str], words: type[Verdict]) -> None:
    assert set(code.number) == set(words)
    assert {code.word[number] for number in code.number.values()} == set(words)
    assert all(0 < number < 256 for number in code.word)
