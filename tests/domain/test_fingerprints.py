"""Fingerprints: keyed, kept apart by kind, and re-keyed without the identifier."""

import hashlib
import hmac
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.domain.fingerprints import Fingerprinter

K1, K2, K3 = (("k1", b"1" * 32), ("k2", b"2" * 40), ("k3", b"3" * 32))
ONE, TWO, THREE = Fingerprinter([K1]), Fingerprinter([K1, K2]), Fingerprinter([K1, K2, K3])


def standard_hmac(key: bytes, message: bytes) -> bytes:
    return hmac.new(key, message, hashlib.sha256).digest()[:16]


@given(st.sampled_from(["line", "document"]), st.text())
def test_a_fingerprint_is_the_chain_of_hmacs_that_the_design_states(kind: str, value: str) -> None:
    first = standard_hmac(K1[1], f"{kind}\0{value}".encode())
    assert ONE.fingerprint(kind, value) == first
    assert TWO.fingerprint(kind, value) == standard_hmac(K2[1], first)


@given(st.text())
def test_what_was_stored_under_an_older_key_is_rekeyed_without_the_identifier(value: str) -> None:
    now = THREE.fingerprint("line", value)
    assert THREE.rekey(ONE.fingerprint("line", value), "k1") == now
    assert THREE.rekey(TWO.fingerprint("line", value), "k2") == now
    assert THREE.rekey(now, "k3") == now


def test_a_fingerprint_of_an_unknown_key_cannot_be_rekeyed() -> None:
    with pytest.raises(KeyError):
        TWO.rekey(b"\0" * 16, "k3")


@given(st.text("ab|:"), st.text("ab|:"), st.text("ab|:"), st.text("ab|:"))
def test_equal_fingerprints_mean_equal_kind_and_value(k: str, v: str, k2: str, v2: str) -> None:
    assert (ONE.fingerprint(k, v) == ONE.fingerprint(k2, v2)) is ((k, v) == (k2, v2))


def test_a_kind_cannot_run_into_the_value() -> None:
    with pytest.raises(ValueError, match="NUL"):
        ONE.fingerprint("line\0", "x")


def test_what_is_derived_stays_the_same_from_version_to_version() -> None:
    def hkdf(purpose: str) -> bytes:
        secret = hmac.new(b"\0" * 32, K1[1], hashlib.sha256).digest()
        return hmac.new(secret, f"sekisho/v1/{purpose}\x01".encode(), hashlib.sha256).digest()

    assert ONE.derive("seal") == hkdf("seal")
    assert ONE.body_digest(b"body") == standard_hmac(hkdf("body-digest"), b"body")
    assert ONE.try_id("s1", "r1") == standard_hmac(hkdf("try-id"), b"s1\0r1")[:8]


def test_the_newest_key_is_in_force() -> None:
    assert (ONE.key_id, TWO.key_id, THREE.key_id) == ("k1", "k2", "k3")


@given(st.binary())
def test_a_body_is_known_again_after_a_rotation(body: bytes) -> None:
    digest = ONE.body_digest(body)
    assert digest == TWO.body_digest(body)
    assert len(digest) == 16
    assert digest != ONE.body_digest(body + b"\0")
    assert digest != standard_hmac(K1[1], body)


def test_a_try_is_known_again_after_a_rotation_and_is_one_shops_own() -> None:
    assert ONE.try_id("s1", "r1") == THREE.try_id("s1", "r1")
    assert len({ONE.try_id(s, r) for s in ("s1", "s2") for r in ("r1", "r2")}) == 4
    assert len(ONE.try_id("s1", "r1")) == 8
    assert ONE.try_id("s1", "r1") != Fingerprinter([K2]).try_id("s1", "r1")


def test_a_request_has_the_same_decision_id_whoever_decides_and_after_a_rotation() -> None:
    id_, case = ONE.decision_id("ginza", "r1")
    assert ONE.decision_id("ginza", "r1") == TWO.decision_id("ginza", "r1") == (id_, case)
    others = [ONE.decision_id("ueno", "r1"), ONE.decision_id("ginza", "r2")]
    assert len({id_, *(other for other, _ in others)}) == 3
    assert len({case, *(other for _, other in others)}) == 3
    assert (uuid.UUID(bytes=id_).version, uuid.UUID(bytes=id_).variant) == (8, uuid.RFC_4122)


def test_a_key_is_derived_for_each_purpose_from_the_newest_or_the_named_key() -> None:
    assert len(ONE.derive("seal")) == 32
    assert ONE.derive("seal") == ONE.derive("seal") != ONE.derive("other")
    assert TWO.derive("seal") != ONE.derive("seal") == TWO.derive("seal", "k1")
    with pytest.raises(KeyError):
        ONE.derive("seal", "k2")


@pytest.mark.parametrize(
    ("keys", "complaint"),
    [
        ([], "needs a key"),
        ([("k1", b"1" * 31)], "32 bytes"),
        ([K1, ("k2", b"")], "32 bytes"),
        ([K1, K1], "id of its own"),
        ([("", b"1" * 32)], "id of its own"),
    ],
)
def test_unusable_keys_are_refused(keys: list[tuple[str, bytes]], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        Fingerprinter(keys)


def test_a_fingerprinter_does_not_show_its_keys() -> None:
    assert "1111" not in repr(ONE)
