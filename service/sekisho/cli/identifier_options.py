"""One identifier, given by options."""

from dataclasses import dataclass, fields

from cyclopts import Parameter

from sekisho.cli.failures import CommandError
from sekisho.cli.sources.csv_rows import document_type
from sekisho.cli.sources.rows import PLAIN, SourceError
from sekisho.v1.sim_change_pb2 import IdentityDocument
from sekisho.v1.watchlist_pb2 import DocumentIdentifier, Identifier, PersonIdentifier


@Parameter(name="*", group="Identifier (one of)")
@dataclass(frozen=True, kw_only=True)
class IdentifierOptions:
    """An identifier.

    Parameters
    ----------
    document
        Number of an identity document; with --type and --country.
    type
        Type of the document, for example passport or driving_licence; any without.
    country
        Country that issued the document, ISO 3166; without one a match is weak.
    msisdn
        Telephone number of a line.
    imei
        A device.
    iccid
        A physical SIM.
    eid
        An eSIM.
    contact
        A contact: telephone number or e-mail address.
    name
        Name of a person; with --birth-date.
    birth_date
        Birth date of the person, YYYY-MM-DD, or a year: then a match is weak.

    """

    document: str = ""
    type: str = ""
    country: str = ""
    msisdn: str = ""
    imei: str = ""
    iccid: str = ""
    eid: str = ""
    contact: str = ""
    name: str = ""
    birth_date: str = ""

    def message(self) -> Identifier:
        """Return the identifier. Raises CommandError unless exactly one is given."""
        kinds = [kind for kind in ("document", *PLAIN, "name") if getattr(self, kind)]
        if len(kinds) != 1:
            raise CommandError(
                "expected one identifier: --document, --msisdn, --imei, --iccid, --eid, --contact "
                "or --name with --birth-date"
            )
        if kinds[0] == "document":
            try:
                type_ = document_type(self.type)
            except SourceError as error:
                raise CommandError(f"--type: {error}") from None
            proto_type = f"TYPE_{type_.name if type_ else 'UNSPECIFIED'}"
            return Identifier(
                document=DocumentIdentifier(
                    type=IdentityDocument.Type.Value(proto_type),
                    country=self.country,
                    number=self.document,
                )
            )
        if kinds[0] == "name":
            person = PersonIdentifier(name=self.name, birth_date=self.birth_date)
            return Identifier(person=person)
        identifier = Identifier()
        setattr(identifier, kinds[0], getattr(self, kinds[0]))
        return identifier

    @property
    def given(self) -> bool:
        """Whether any of the options is used."""
        return any(getattr(self, field.name) for field in fields(self))


NONE = IdentifierOptions()
