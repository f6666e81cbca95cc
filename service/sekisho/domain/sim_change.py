"""The SIM change that a shop asks for, with its identifiers already normalised."""

from datetime import date
from enum import StrEnum

from sekisho.domain.value import value


class ChangeKind(StrEnum):
    """What is to be done to the line."""

    MNP_PORT_OUT = "mnp_port_out"
    MNP_PORT_IN = "mnp_port_in"
    SIM_REISSUE = "sim_reissue"
    ESIM_REISSUE = "esim_reissue"
    DEVICE_CHANGE = "device_change"
    BRAND_MIGRATION = "brand_migration"


class Cause(StrEnum):
    """Why the applicant says it is needed."""

    LOST = "lost"
    STOLEN = "stolen"
    DAMAGED = "damaged"
    UPGRADE = "upgrade"
    PORT = "port"
    OTHER = "other"


class Relationship(StrEnum):
    """Whom the applicant acts for."""

    SUBSCRIBER = "subscriber"
    FAMILY_MEMBER = "family_member"
    AGENT = "agent"


class DocumentType(StrEnum):
    """The kind of an identity document."""

    DRIVING_LICENCE = "driving_licence"
    MY_NUMBER_LICENCE = "my_number_licence"
    MY_NUMBER_CARD = "my_number_card"
    RESIDENCE_CARD = "residence_card"
    SPECIAL_PERMANENT_RESIDENT_CERTIFICATE = "special_permanent_resident_certificate"
    PASSPORT = "passport"
    PHYSICAL_DISABILITY_HANDBOOK = "physical_disability_handbook"
    MENTAL_DISABILITY_HANDBOOK = "mental_disability_handbook"
    INTELLECTUAL_DISABILITY_HANDBOOK = "intellectual_disability_handbook"
    OTHER = "other"


class LicenceColour(StrEnum):
    """The colour of the band on a driving licence."""

    GREEN = "green"
    BLUE = "blue"
    GOLD = "gold"


class Capture(StrEnum):
    """How a field reached the terminal."""

    TYPED = "typed"
    SCANNED = "scanned"
    CHIP = "chip"


class ChipOutcome(StrEnum):
    """How far the reading of a chip came."""

    ABSENT = "absent"
    NOT_ATTEMPTED = "not_attempted"
    READ = "read"
    FAILED = "failed"
    PIN_REFUSED = "pin_refused"
    PIN_LOCKED = "pin_locked"


class ChipSignature(StrEnum):
    """The issuer's signature over a chip's data."""

    NOT_CHECKED = "not_checked"
    VALID = "valid"
    INVALID = "invalid"


class ChipField(StrEnum):
    """A field that chip and print both carry."""

    NAME = "name"
    BIRTH_DATE = "birth_date"
    NUMBER = "number"
    ISSUE_DATE = "issue_date"
    EXPIRY_DATE = "expiry_date"
    ADDRESS = "address"
    PORTRAIT = "portrait"


class FaceComparison(StrEnum):
    """The holder's face against the document's portrait."""

    NOT_DONE = "not_done"
    MATCH = "match"
    NO_MATCH = "no_match"
    INCONCLUSIVE = "inconclusive"


class JpkiResult(StrEnum):
    """What the approved verifier said of the holder's certificate."""

    NOT_CHECKED = "not_checked"
    VALID = "valid"
    REVOKED = "revoked"
    EXPIRED = "expired"
    INVALID = "invalid"


class Holder(StrEnum):
    """Who holds the line's contract."""

    CONSUMER = "consumer"
    CORPORATE = "corporate"


@value(kw_only=True)
class Captures:
    """How each field of a document was captured; unstated is typed."""

    number: Capture = Capture.TYPED
    names: Capture = Capture.TYPED
    birth_date: Capture = Capture.TYPED
    issue_date: Capture = Capture.TYPED
    expiry_date: Capture = Capture.TYPED


@value(kw_only=True)
class Chip:
    """What happened when the terminal turned to the document's chip."""

    outcome: ChipOutcome = ChipOutcome.NOT_ATTEMPTED
    signature: ChipSignature = ChipSignature.NOT_CHECKED
    differs_from_print: frozenset[ChipField] = frozenset()
    pinless_area_read: bool | None = None
    pinless_issue_date: date | None = None
    pinless_expiry_date: date | None = None
    face_image_digest: bytes = b""
    certificate_serial_number: str = ""
    jpki_result: JpkiResult = JpkiResult.NOT_CHECKED


@value(kw_only=True)
class IdentityDocument:
    """One document: print, chip, and how both were captured.

    `issuing_country` is ISO 3166-1 alpha-3. `number` is normalised by the document's own
    grammar; its check digit may still be wrong, for that is a fact and not a violation.
    """

    type: DocumentType
    issuing_country: str = "JPN"
    number: str = ""
    reissue_count: int | None = None
    issue_date: date | None = None
    expiry_date: date | None = None
    licence_colour: LicenceColour | None = None
    captures: Captures = Captures()
    chip: Chip = Chip()
    mrz_lines: tuple[str, ...] = ()
    face_comparison: FaceComparison = FaceComparison.NOT_DONE


@value(kw_only=True)
class Applicant:
    """The person at the counter. Names are as sent, stripped of outer space only."""

    name: str
    name_kana: str = ""
    birth_date: date
    relationship: Relationship


@value(kw_only=True)
class LineRecord:
    """A line as the carrier's own systems know it. Times are Unix milliseconds; None is never.

    `current_sim_on_network` None means that the carrier did not say.
    """

    activation_date: date | None = None
    birth_date: date | None = None
    name_kana: str = ""
    document_type: DocumentType | None = None
    document_number: str = ""
    home_prefecture: str = ""
    locked: bool = False
    holder: Holder = Holder.CONSUMER
    current_sim_on_network: bool | None = None
    contact_changed_at: int | None = None
    address_changed_at: int | None = None
    pin_changed_at: int | None = None
    password_changed_at: int | None = None


@value(kw_only=True)
class SimChange:
    """The requested change. All identifiers are normalised: digits are ASCII, `msisdn` is E.164.

    At most one of `iccid` and `eid` is set. `contact` is E.164 or a lower-case address.
    """

    kind: ChangeKind
    msisdn: str
    iccid: str = ""
    eid: str = ""
    imei: str = ""
    cause: Cause
    mnp_reservation_number: str = ""
    applicant: Applicant
    contact: str = ""
    clerk: str
    documents: tuple[IdentityDocument, ...]
    line_record: LineRecord | None = None


@value
class Counter:
    """Where the request comes from: the shop and its terminal."""

    shop: str
    terminal: str
