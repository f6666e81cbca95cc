"""What the usual service is asked: what `bodies` sends, as Pydantic's models in the proto's names.

Where a number has a grammar of its own, that is the domain's.
"""

from datetime import date
from functools import partial
from typing import Annotated, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    Base64Bytes,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PastDate,
    StringConstraints,
    model_validator,
)

from sekisho.domain import identifiers
from sekisho.domain import sim_change as domain
from sekisho.domain.documents import room


def _named(prefix: str) -> BeforeValidator:
    """Read the proto's names of an enum whose values are the same words."""
    return BeforeValidator(lambda word: str(word).removeprefix(prefix).lower())


Actor = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Text = Annotated[str, AfterValidator(partial(identifiers.free_text, max_length=200))]
Name = Annotated[Text, StringConstraints(min_length=1)]
Number = Annotated[str, Field(max_length=64)]
Type = Annotated[domain.DocumentType, _named("TYPE_")]
Colour = Annotated[domain.LicenceColour, _named("LICENCE_COLOUR_")]
Face = Annotated[domain.FaceComparison, _named("FACE_COMPARISON_")]
Capture = Annotated[domain.Capture, _named("CAPTURE_METHOD_")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Captures(_Part):
    number: Capture = domain.Capture.TYPED
    names: Capture = domain.Capture.TYPED
    birth_date: Capture = domain.Capture.TYPED


class Chip(_Part):
    outcome: Annotated[domain.ChipOutcome, _named("OUTCOME_")]
    signature: Annotated[domain.ChipSignature, _named("SIGNATURE_")]
    pinless_area_read: bool | None = None
    pinless_issue_date: date | None = None
    pinless_expiry_date: date | None = None
    face_image_digest: Annotated[Base64Bytes, Field(min_length=32, max_length=32)] | None = None


class Document(_Part):
    type: Type
    number: Number
    issue_date: date | None = None
    expiry_date: date | None = None
    licence_colour: Colour | None = None
    captures: Captures = Captures()
    chip: Chip | None = None
    face_comparison: Face = domain.FaceComparison.NOT_DONE

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        self.number = room(self.type).parse_number(self.number)
        if self.issue_date and self.expiry_date and self.expiry_date < self.issue_date:
            raise ValueError("expected an expiry date that is not before the issue date")
        return self

    def shown(self) -> domain.IdentityDocument:
        """Return the document in the domain's words."""
        chip = domain.Chip()
        if self.chip is not None:
            read = vars(self.chip)
            chip = domain.Chip(**{**read, "face_image_digest": read["face_image_digest"] or b""})
        captures = domain.Captures(**vars(self.captures))
        return domain.IdentityDocument(**{**vars(self), "captures": captures, "chip": chip})


class Applicant(_Part):
    name: Name
    name_kana: Text = ""
    birth_date: PastDate
    relationship: Annotated[domain.Relationship, _named("RELATIONSHIP_")]


class LineRecord(_Part):
    activation_date: date | None = None
    birth_date: PastDate | None = None
    name_kana: Text = ""
    document_type: Type | None = None
    document_number: Number = ""
    home_prefecture: Annotated[str, Field(pattern=r"^(JP-(0[1-9]|[1-3][0-9]|4[0-7]))?$")] = ""
    holder: Annotated[domain.Holder, _named("HOLDER_")] = domain.Holder.CONSUMER
    current_sim_on_network: bool | None = None
    pin_change_time: AwareDatetime | None = None

    @model_validator(mode="after")
    def _numbered(self) -> Self:
        if self.document_number:
            if self.document_type is None:
                raise ValueError("expected the type of the document")
            self.document_number = room(self.document_type).parse_number(self.document_number)
        return self

    def told(self) -> domain.LineRecord:
        """Return the record in the domain's words."""
        fields = dict(vars(self))
        at = fields.pop("pin_change_time")
        return domain.LineRecord(**fields, pin_changed_at=at and round(at.timestamp() * 1000))


class SimChange(_Part):
    kind: Annotated[domain.ChangeKind, _named("KIND_")]
    msisdn: Annotated[str, Field(pattern=r"^\+81[6-9]0[1-9][0-9]{7}$")]
    iccid: Annotated[str, Field(pattern=r"^89[0-9]{17,18}$")]
    imei: Annotated[str, Field(pattern=r"^[0-9]{15,16}$")]
    cause: Annotated[domain.Cause, _named("CAUSE_")]
    applicant: Applicant
    contact: Annotated[str, AfterValidator(identifiers.contact)]
    clerk: Actor
    documents: Annotated[list[Document], Field(min_length=1, max_length=4)]
    line_record: LineRecord | None = None

    def asked(self) -> domain.SimChange:
        """Return the change in the domain's words."""
        made = {
            "applicant": domain.Applicant(**vars(self.applicant)),
            "documents": tuple(document.shown() for document in self.documents),
            "line_record": self.line_record and self.line_record.told(),
        }
        return domain.SimChange(**{**vars(self), **made})


class Request(_Part):
    request_id: UUID
    shop: Actor
    terminal: Actor
    sim_change: SimChange
