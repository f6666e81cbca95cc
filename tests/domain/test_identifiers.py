"""Identifiers by their grammar."""

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import imei as imei_oracle
from stdnum import luhn as luhn_oracle

from sekisho.domain import identifiers
from sekisho.domain.errors import MalformedIdentifierError
from tests.domain.vectors import rows

LOOKS = st.sampled_from(["", " ", "-", "　", "－", "‐"])


def digits(length: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=length, max_size=length)


def as_sent(clean: str, data: st.DataObject) -> str:
    """Write an identifier as people do: some characters full-width, separators in between."""
    wide = (chr(ord(c) + 0xFEE0) if data.draw(st.booleans()) else c for c in clean)
    return "".join(c + data.draw(LOOKS) for c in wide)


@given(st.from_regex(r"[6-9]0[1-9][0-9]{7}", fullmatch=True), st.data())
def test_a_mobile_number_is_one_whether_national_or_not_and_however_written(
    number: str, data: st.DataObject
) -> None:
    for written in (f"0{number}", f"+81{number}"):
        assert identifiers.msisdn(written) == f"+81{number}"
        assert identifiers.msisdn(as_sent(written, data)) == f"+81{number}"
        assert identifiers.contact(as_sent(written, data)) == f"+81{number}"


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "+81901234567",
        "+8190123456789",
        "+819002345678",
        "+815012345678",
        "+812012345678",
        "02012345678",
        "819012345678",
        "+81090123456",
        "+447911123456",
        "+819012345678\0",
        "+81٩٠12345678",
    ],
)
def test_what_is_no_japanese_mobile_number_is_refused_without_its_value(raw: str) -> None:
    with pytest.raises(MalformedIdentifierError, match="Japanese mobile number") as refusal:
        identifiers.msisdn(raw)
    assert not raw or raw not in str(refusal.value)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("03-1234-5678", "+81312345678"),
        ("（０３）１２３４－５６７８", "+81312345678"),
        ("+81 3 1234 5678", "+81312345678"),
        ("0790-12-3456", "+81790123456"),
        ("0120-123-456", "+81120123456"),
        ("0800-123-4567", "+818001234567"),
        ("050-1234-5678", "+815012345678"),
        ("02012345678", "+812012345678"),
        ("0200-1234-567890", "+812001234567890"),
        ("+1 202 555 0143", "+12025550143"),
        ("+123456789018", "+123456789018"),
        ("Taro.Yamada+sim@Example.CO.JP ", "taro.yamada+sim@example.co.jp"),
        ("ｔａｒｏ＠example.jp", "taro@example.jp"),
        ("old..docomo.@docomo.ne.jp", "old..docomo.@docomo.ne.jp"),
        ("a@xn--wgv71a119e.xn--zckzah", "a@xn--wgv71a119e.xn--zckzah"),
    ],
)
def test_a_contact_is_a_telephone_number_or_an_address(raw: str, expected: str) -> None:
    assert identifiers.contact(raw) == expected


def test_an_address_has_at_most_254_characters() -> None:
    longest = f"a@{'b.' * 125}jp"
    assert len(longest) == 254
    assert identifiers.contact(longest) == longest
    with pytest.raises(MalformedIdentifierError):
        identifiers.contact(f"a{longest}")


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "090123456",
        "0901234567",
        "123456789018",
        "+81",
        "+810312345678",
        "+12345",
        "+1234567890123456",
        "taro@",
        "@example.jp",
        "taro@example",
        "taro@-example.jp",
        "ta ro@example.jp",
        "taro@example.jp\0",
        f"{'a' * 65}@example.jp",
        f"a@{'b' * 60}.{'b' * 60}.{'b' * 60}.{'b' * 60}.{'b' * 60}.jp",
    ],
)
def test_what_is_neither_is_refused_without_its_value(raw: str) -> None:
    with pytest.raises(MalformedIdentifierError, match="expected") as refusal:
        identifiers.contact(raw)
    assert not raw or raw not in str(refusal.value)


@given(st.text())
def test_no_text_breaks_a_grammar(raw: str) -> None:
    for parse in (
        identifiers.msisdn,
        identifiers.contact,
        identifiers.imei,
        identifiers.iccid,
        identifiers.eid,
        identifiers.mnp_reservation_number,
        identifiers.certificate_serial,
        identifiers.actor_id,
        identifiers.iso_date,
    ):
        try:
            value = parse(raw)
        except MalformedIdentifierError:
            continue
        assert parse(str(value)) == value


@given(st.one_of(digits(15), digits(16)), st.data())
def test_a_device_number_of_15_or_16_digits_is_taken_whatever_its_check_digit(
    number: str, data: st.DataObject
) -> None:
    assert identifiers.imei(as_sent(number, data)) == number


@given(digits(15))
def test_an_imeis_check_digit_is_the_one_that_another_library_computes(number: str) -> None:
    assert identifiers.imei_valid(number) is (luhn_oracle.is_valid(number))


@given(digits(14))
def test_every_imei_with_its_check_digit_is_valid(front: str) -> None:
    number = front + luhn_oracle.calc_check_digit(front)
    assert identifiers.imei_valid(number)
    assert imei_oracle.is_valid(number) is identifiers.imei_valid(number)


@given(digits(16))
def test_an_imeisv_has_no_check_digit(number: str) -> None:
    assert identifiers.imei_valid(number)


@given(
    st.one_of(digits(17), digits(18)).map("89".__add__), st.data(), st.sampled_from(["", "F", "f"])
)
def test_an_iccid_is_taken_whatever_its_check_digit(
    number: str, data: st.DataObject, filler: str
) -> None:
    assert identifiers.iccid(as_sent(number, data) + filler) == number
    assert identifiers.iccid_valid(number) is luhn_oracle.is_valid(number)


@given(digits(32), st.data())
def test_an_eid_is_taken_whatever_its_check_digits(number: str, data: st.DataObject) -> None:
    assert identifiers.eid(as_sent(number, data)) == number
    assert identifiers.eid_valid(number) is (int(number) % 97 == 1)


@pytest.mark.parametrize(
    ("kind", "valid"),
    [
        ("imei", identifiers.imei_valid),
        ("iccid", identifiers.iccid_valid),
        ("eid", identifiers.eid_valid),
    ],
)
def test_the_check_digits_of_the_facts_hold(kind: str, valid: Callable[[str], bool]) -> None:
    parse = getattr(identifiers, kind)
    for value, expected in rows(kind):
        assert valid(parse(value)) is expected


@given(digits(10), st.data())
def test_a_reservation_number_has_ten_digits(number: str, data: st.DataObject) -> None:
    assert identifiers.mnp_reservation_number(as_sent(number, data)) == number


@pytest.mark.parametrize(
    ("parse", "raw", "expected"),
    [
        (identifiers.imei, "12345678901234", "15"),
        (identifiers.imei, "49015420323751A", "15"),
        (identifiers.iccid, "8881100022152967705", "89"),
        (identifiers.iccid, "898110002215296770", "19 or 20"),
        (identifiers.iccid, "898110002215296770512", "19 or 20"),
        (identifiers.eid, "8900101201234123401234567890122", "32"),
        (identifiers.mnp_reservation_number, "123456789", "10"),
        (identifiers.certificate_serial, "", "hexadecimal"),
        (identifiers.certificate_serial, "12g4", "hexadecimal"),
        (identifiers.certificate_serial, "a" * 65, "hexadecimal"),
        (identifiers.actor_id, "", "1 to 64"),
        (identifiers.actor_id, ".hidden", "letter or digit"),
        (identifiers.actor_id, "shop/1", "letters, digits"),
        (identifiers.actor_id, "店", "letters, digits"),
        (identifiers.actor_id, "a" * 65, "1 to 64"),
    ],
)
def test_another_grammar_is_refused_with_what_was_expected(
    parse: Callable[[str], str], raw: str, expected: str
) -> None:
    with pytest.raises(MalformedIdentifierError, match=expected) as refusal:
        parse(raw)
    assert len(raw) < 5 or raw not in str(refusal.value)


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)), st.data())
def test_a_date_is_read_full_width_or_not(day: date, data: st.DataObject) -> None:
    written = day.isoformat()
    assert identifiers.iso_date(written) == day
    wide = "".join(chr(ord(c) + 0xFEE0) if data.draw(st.booleans()) else c for c in written)
    assert identifiers.iso_date(f" {wide}　") == day


def test_the_first_and_the_last_day_are_dates() -> None:
    assert identifiers.iso_date("1900-01-01") == date(1900, 1, 1)
    assert identifiers.iso_date("2100-12-31") == date(2100, 12, 31)


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "2026-1-2",
        "20260102",
        "2026-W01-5",
        "2026-02-29",
        "2026-13-01",
        "1899-12-31",
        "2101-01-01",
        "2026-01-02T00:00",
        "令和8年1月2日",
    ],
)
def test_what_is_no_date_is_refused(raw: str) -> None:
    with pytest.raises(MalformedIdentifierError, match="YYYY-MM-DD"):
        identifiers.iso_date(raw)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("0x0001A2B3", "1a2b3"),
        ("00:01:a2:b3", "1a2b3"),
        ("１Ａ ２Ｂ-3", "1a2b3"),
        ("0000", "0"),
        ("1234567890123", "1234567890123"),
        ("12345678901a", "12345678901a"),
    ],
)
def test_a_certificates_serial_number_is_one_however_written(raw: str, expected: str) -> None:
    assert identifiers.certificate_serial(raw) == expected


@pytest.mark.parametrize(
    "raw", ["123456789018", "1234 5678 9018", "00123456789018", "000456789018", "0x123456789017"]
)
def test_twelve_digits_are_no_serial_number_for_they_may_be_an_individual_number(raw: str) -> None:
    with pytest.raises(MalformedIdentifierError, match="Individual Number"):
        identifiers.certificate_serial(raw)


@pytest.mark.parametrize(
    ("raw", "expected"), [("S-01.a_b", "S-01.a_b"), ("ｓ０１ ", "s01"), ("1" * 64, "1" * 64)]
)
def test_an_actors_id_keeps_its_case(raw: str, expected: str) -> None:
    assert identifiers.actor_id(raw) == expected


def test_free_text_is_kept_as_sent_without_outer_space() -> None:
    assert identifiers.free_text("　Ｙamada　太郎 \n", 9) == "Ｙamada　太郎"
    assert identifiers.free_text("   ", 1) == ""


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("山田太郎", "at most 3 characters"),
        ("a\0b", "control characters"),
        ("a\nb", "control characters"),
    ],
)
def test_free_text_too_long_or_with_controls_is_refused(raw: str, expected: str) -> None:
    with pytest.raises(MalformedIdentifierError, match=expected):
        identifiers.free_text(raw, 3)


def test_free_text_with_an_individual_number_is_refused() -> None:
    with pytest.raises(MalformedIdentifierError, match="Individual Number") as refusal:
        identifiers.free_text("番号は１２３４ ５６７８ ９０１８です", 100)
    assert "1234" not in str(refusal.value)
