"""Published formats. The fixtures are made up, in the shapes of the real lists."""

import io
from collections.abc import Mapping

import pytest
from google.protobuf import json_format

from sekisho.cli.sources import formats
from sekisho.cli.sources.formats import Format, Options
from sekisho.cli.sources.rows import About, Row, SourceError
from sekisho.v1.sim_change_pb2 import IdentityDocument
from sekisho.v1.watchlist_pb2 import WatchlistEntry

NULLS = "-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- "
OFAC = (
    f'36,"EXAMPLE AIRLINES",-0- ,"CUBA",{NULLS},-0- \r\n'
    f'37,"EXAMPLE BANK",-0- ,"CUBA",{NULLS},"Email Address bank@example.org; '
    'Telephone No. 009613679150; alt. Telephone No. 263-4-487260; SWIFT/BIC EXAMGB2L."\r\n'
    f'38,"EXAMPLE STAR",vessel ,"IRAN",{NULLS},"Vessel Registration Identification IMO 1."\r\n'
    f'39,"EXEMPLAR, Dr. Ivan",individual,"SDGT] [SYRIA",{NULLS},'
    '"DOB 12 Mar 1960; alt. DOB circa 1961; POB Example; Passport A123456 (Iran) expires 09 Mar '
    "2017; alt. Passport 7654321; National ID No. 1234 (Iran); a.k.a. 'EXEMPLUM'; "
    "a.k.a. 'EX'.\"\r\n"
    f'40,"VAGUE, Vera",individual,"SDGT",{NULLS},"DOB 1950 to 1970; a.k.a. \'VAGUEST\'."\r\n'
    f'41,"SILENT, Sam",individual,"SDGT",{NULLS},"Passport issued in Sarajevo."\r\n'
    "\x1a"
).encode()

UN = """<?xml version="1.0" encoding="UTF-8"?>
<CONSOLIDATED_LIST dateGenerated="2026-02-27T00:00:09.554Z"><INDIVIDUALS>
<INDIVIDUAL><FIRST_NAME>EXEMPLAR</FIRST_NAME><SECOND_NAME>IVAN</SECOND_NAME>
<UN_LIST_TYPE>DRC</UN_LIST_TYPE><REFERENCE_NUMBER>CDi.999</REFERENCE_NUMBER>
<NAME_ORIGINAL_SCRIPT>مثال</NAME_ORIGINAL_SCRIPT>
<INDIVIDUAL_ALIAS><QUALITY>Good</QUALITY><ALIAS_NAME>John Exemplar</ALIAS_NAME></INDIVIDUAL_ALIAS>
<INDIVIDUAL_ALIAS><QUALITY>Low</QUALITY><ALIAS_NAME>Ex</ALIAS_NAME></INDIVIDUAL_ALIAS>
<INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>EXACT</TYPE_OF_DATE><DATE>1971-07-01</DATE>
</INDIVIDUAL_DATE_OF_BIRTH>
<INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>BETWEEN</TYPE_OF_DATE><FROM_YEAR>1955</FROM_YEAR>
<TO_YEAR>1956</TO_YEAR></INDIVIDUAL_DATE_OF_BIRTH>
<INDIVIDUAL_DOCUMENT><TYPE_OF_DOCUMENT>Passport</TYPE_OF_DOCUMENT><NUMBER>OB 0243310 </NUMBER>
<ISSUING_COUNTRY>Democratic Republic of the Congo</ISSUING_COUNTRY></INDIVIDUAL_DOCUMENT>
<INDIVIDUAL_DOCUMENT><TYPE_OF_DOCUMENT>Numéro de passeport </TYPE_OF_DOCUMENT>
<NUMBER>645120190</NUMBER></INDIVIDUAL_DOCUMENT>
<INDIVIDUAL_DOCUMENT><TYPE_OF_DOCUMENT>Passport</TYPE_OF_DOCUMENT>
<NOTE>Libyan passport number 347830, issued under another name</NOTE></INDIVIDUAL_DOCUMENT>
<INDIVIDUAL_DOCUMENT><TYPE_OF_DOCUMENT>Passport</TYPE_OF_DOCUMENT><NUMBER>27082170</NUMBER>
<NOTE>United States of America, issued on 21 Jun. 1992</NOTE></INDIVIDUAL_DOCUMENT>
<INDIVIDUAL_DOCUMENT><TYPE_OF_DOCUMENT>National Identification Number</TYPE_OF_DOCUMENT>
<NUMBER>1</NUMBER></INDIVIDUAL_DOCUMENT>
<INDIVIDUAL_DOCUMENT/></INDIVIDUAL>
<INDIVIDUAL><FIRST_NAME>SILENT</FIRST_NAME>
<INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE/></INDIVIDUAL_DATE_OF_BIRTH></INDIVIDUAL>
<INDIVIDUAL><FIRST_NAME>VAGUE</FIRST_NAME>
<INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>APPROXIMATELY</TYPE_OF_DATE><NOTE>30-35 years old</NOTE>
</INDIVIDUAL_DATE_OF_BIRTH></INDIVIDUAL>
</INDIVIDUALS><ENTITIES><ENTITY><FIRST_NAME>EXAMPLE FRONT</FIRST_NAME></ENTITY></ENTITIES>
</CONSOLIDATED_LIST>""".encode()

CSV = """\ufefflist,passport,issuer,who,born,until
A,A123456,Iran,"Exemplar, Ivan",12 Mar 1960|1961,2030-01-01
B,B654321,Atlantis,Vera Vague,unknown,soon
C,,,,,
D,C 11-22,IRN,Sam Silent,,
E,??,IR
"""


def read(content: bytes | str, options: Options | None = None) -> list[Row]:
    raw = content.encode() if isinstance(content, str) else content
    return list(formats.read(io.BytesIO(raw), options or Options()))


def documents(row: Row) -> list[tuple[str, str]]:
    found = (entry.identifier.document for entry in row.entries)
    return [(document.country, document.number) for document in found if document.number]


def people(row: Row) -> list[tuple[str, str]]:
    found = (entry.identifier.person for entry in row.entries)
    return [(person.name, person.birth_date) for person in found if person.name]


def mapped(mapping: Mapping[str, str], **options: str) -> Options:
    return Options(mapping=mapping, format=Format.CSV, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (OFAC, Format.OFAC_SDN),
        (UN, Format.UN_XML),
        (CSV.encode(), Format.CSV),
        (b'{"identifier": {}}\n', Format.JSONL),
        (b"", Format.CSV),
    ],
)
def test_the_format_is_told_from_the_first_bytes(start: bytes, expected: Format) -> None:
    assert formats.detect(start[:4096]) is expected


def test_an_individual_of_the_sdn_list_gives_people_and_passports() -> None:
    row = read(OFAC)[3]
    assert people(row) == [
        ("EXEMPLAR, Ivan", "1960-03-12"),
        ("EXEMPLAR, Ivan", "1961"),
        ("EXEMPLUM", "1960-03-12"),
        ("EX", "1960-03-12"),
    ]
    assert documents(row) == [("IR", "A123456"), ("", "7654321")]
    assert row.weakened == ["passport without a known country"]
    assert row.skipped == ["identity number of a kind that no counter takes"]
    assert {(entry.source, entry.reason) for entry in row.entries} == {
        ("OFAC SDN", "SDN 39, SDGT, SYRIA")
    }


def test_what_of_the_sdn_list_cannot_be_used_is_told_row_by_row() -> None:
    rows = read(OFAC)
    assert [row.number for row in rows] == [1, 2, 3, 4, 5, 6]
    assert rows[0].skipped == ["entity without a contact"]
    assert [entry.identifier.contact for entry in rows[1].entries] == [
        "bank@example.org",
        "+9613679150",
    ]
    assert rows[1].skipped == ["telephone number without a country code"]
    assert rows[2].skipped == ["vessel"]
    assert rows[4].skipped == [
        "person whose birth date is too vague",
        "alias without an exact birth date",
    ]
    assert rows[5].skipped == ["person without a birth date", "passport without a number"]


def test_an_individual_of_the_uns_list_gives_people_and_passports() -> None:
    row = read(UN)[0]
    names = ("EXEMPLAR IVAN", "مثال", "John Exemplar")
    assert people(row) == [
        (name, date) for name in names for date in ("1971-07-01", "1955", "1956")
    ]
    assert documents(row) == [
        ("CD", "OB0243310"),
        ("", "645120190"),
        ("LY", "347830"),
        ("US", "27082170"),
    ]
    assert row.skipped == [
        "alias that the list itself calls weak",
        "identity number of a kind that no counter takes",
    ]
    assert row.weakened == ["passport without a known country"]
    assert {(entry.source, entry.reason) for entry in row.entries} == {
        ("UN Security Council", "DRC, CDi.999")
    }


def test_what_of_the_uns_list_cannot_be_used_is_told_record_by_record() -> None:
    assert [row.skipped for row in read(UN)[1:]] == [
        ["person without a birth date"],
        ["person whose birth date is too vague"],
        ["entity"],
    ]


@pytest.mark.parametrize(
    "content",
    [
        b"<html></html>",
        UN[:-40],
        b'<!DOCTYPE x [<!ENTITY a "b">]><CONSOLIDATED_LIST>&a;</CONSOLIDATED_LIST>',
        b"<",
    ],
)
def test_xml_that_is_not_the_uns_list_is_refused(content: bytes) -> None:
    with pytest.raises(SourceError):
        read(content)


def test_columns_are_mapped_by_options() -> None:
    mapping = {
        # `passport` is a column here, so that it cannot be the fixed word too.
        **{"number": "passport", "country": "issuer", "type": "Passport"},
        **{"name": "who", "birth_date": "born", "source": "list", "reason": "seen at a shop"},
    }
    rows = read(CSV, mapped(mapping))
    assert documents(rows[0]) == [("IR", "A123456")]
    assert people(rows[0]) == [
        ("Exemplar, Ivan", "1960-03-12"),
        ("Exemplar, Ivan", "1961"),
    ]
    entry = rows[0].entries[0]
    assert (entry.source, entry.reason) == ("A", "seen at a shop")
    assert entry.identifier.document.type == IdentityDocument.TYPE_PASSPORT
    assert rows[1].weakened == ["document whose country is not known by that name"]
    assert rows[1].skipped == ["person whose birth date is too vague"]
    assert rows[2].skipped == ["row without an identifier"]
    assert documents(rows[3]) == [("IRN", "C 11-22")]
    assert rows[3].skipped == ["person without a birth date"]
    assert rows[4].skipped == ["row with fewer columns than the header"]


def test_what_is_malformed_is_skipped_without_repeating_it() -> None:
    content = "imei,phone,passport,who,born\n12345secret,secret,!!,...,1960-02-31\n"
    mapping = {"imei": "imei", "msisdn": "phone", "number": "passport"}
    (row,) = read(content, mapped(mapping | {"name": "who", "birth_date": "born"}))
    assert not row.entries
    assert len(row.skipped) == 4
    assert "secret" not in "".join(row.skipped)


def test_moments_may_be_mapped_or_given() -> None:
    default = About("the shop", "seen", None, None)
    options = Options(Format.CSV, {"number": "passport", "expires": "until"}, default=default)
    rows = read(CSV, options)
    entry = rows[0].entries[0]
    # Midnight in Japan.
    assert entry.expire_time.ToJsonString() == "2029-12-31T15:00:00Z"
    assert (entry.source, entry.reason) == ("the shop", "seen")
    assert rows[1].skipped[0].startswith("expected a date or time such as")


@pytest.mark.parametrize(
    ("mapping", "told"),
    [
        ({}, "needs --map"),
        ({"name": "who"}, "needs --map"),
        ({"number": "absent"}, "has no column 'absent'"),
        ({"numbr": "passport"}, "cannot map 'numbr'"),
        ({"number": "passport", "type": "pasport"}, "unknown document type"),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused(mapping: dict[str, str], told: str) -> None:
    with pytest.raises(SourceError, match=told):
        read(CSV, mapped(mapping))


def test_other_encodings_and_delimiters_are_read() -> None:
    content = "氏名\t生年月日\n山田 太郎\t1960-03-12\n".encode("cp932")
    mapping = {"name": "氏名", "birth_date": "生年月日"}
    (row,) = read(content, mapped(mapping, delimiter="\t", encoding="cp932"))
    assert people(row) == [("山田 太郎", "1960-03-12")]
    with pytest.raises(SourceError, match="unknown encoding"):
        read(content, mapped(mapping, encoding="no-such"))


def test_entries_as_json_are_read_line_by_line() -> None:
    lines = [
        '{"identifier": {"document": {"type": "TYPE_PASSPORT", "number": "A1234"}}}',
        '{"identifier": {"document": {"number": "A1234"}}, "source": "a", "reason": "b"}',
        '{"identifier": {"person": {"name": "Ivan", "birthDate": "1960"}}}',
        '{"identifier": {"imei": "490154203237518"}, "expireTime": "2030-01-01T00:00:00Z"}',
        "",
        '{"identifier": {"imei": "secret"}}',
        "{}",
        '{"identifier": {"imei": 1, "secret": 2}}',
        "rubbish \x00",
    ]
    rows = read("\n".join(lines), Options(default=About("s", "r")))
    assert [len(row.entries) for row in rows] == [1, 1, 1, 1, 0, 0, 0, 0]
    assert [row.number for row in rows] == [1, 2, 3, 4, 6, 7, 8, 9]
    first, second = rows[0].entries[0], rows[1].entries[0]
    assert (first.source, first.reason, second.source, second.reason) == ("s", "r", "a", "b")
    assert rows[3].entries[0].expire_time.seconds == 1893456000
    assert all("secret" not in why for row in rows for why in row.skipped)


def test_what_is_read_can_be_written_as_json_and_read_again() -> None:
    entries = [entry for row in (*read(OFAC), *read(UN)) for entry in row.entries]
    lines = "\n".join(json_format.MessageToJson(entry, indent=None) for entry in entries)
    again: list[WatchlistEntry] = [entry for row in read(lines) for entry in row.entries]
    assert again == entries


def test_only_csv_takes_a_mapping() -> None:
    with pytest.raises(SourceError, match="takes no --map"):
        read(UN, Options(mapping={"number": "x"}))


def test_another_csv_is_not_the_sdn_list() -> None:
    with pytest.raises(SourceError, match="12"):
        read(CSV, Options(Format.OFAC_SDN))


@pytest.mark.parametrize("rubbish", [b"\x00" * 100, b"\xff\xfe" * 50, b'"' * 99, b"a,b\n1"])
@pytest.mark.parametrize("format_", Format)
def test_rubbish_is_refused_or_gives_nothing(format_: Format, rubbish: bytes) -> None:
    try:
        rows = read(rubbish, Options(format_))
    except SourceError:
        return
    assert not any(row.entries for row in rows)
