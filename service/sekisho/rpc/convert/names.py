"""Resource names, ids and request ids."""

import re

from sekisho.domain.errors import MalformedIdentifierError

_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_DECISION = re.compile(f"decisions/({_UUID})", re.IGNORECASE)
_WATCHLIST = re.compile(r"watchlists/([a-z][a-z0-9-]{0,62})")
_ENTRY = re.compile(r"watchlists/([a-z][a-z0-9-]{0,62})/entries/([0-9a-f]{32})")
_SHOP = re.compile(r"shops/([A-Za-z0-9][A-Za-z0-9._-]{0,63})")
_GROUP = re.compile(r"groups/([0-9a-f]{32})")
_ANALYST = re.compile(r"analyst/[A-Za-z0-9][A-Za-z0-9._@+-]{0,99}")
_ETAG = re.compile(r"[1-9][0-9]{0,18}")
_UUID_TEXT = re.compile(_UUID, re.IGNORECASE)


def decision_name(decision_id: bytes) -> str:
    """Return `decisions/{uuid}`."""
    digits = decision_id.hex()
    return f"decisions/{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def decision_id(name: str) -> bytes:
    """Return the 16 bytes of a decision's id."""
    found = _DECISION.fullmatch(name)
    if not found:
        raise MalformedIdentifierError("expected decisions/{uuid}")
    return bytes.fromhex(found[1].replace("-", ""))


def watchlist_name(watchlist_id: str) -> str:
    """Return `watchlists/{id}`."""
    return f"watchlists/{watchlist_id}"


def watchlist_id(name: str) -> str:
    """Return the id of a watchlist."""
    found = _WATCHLIST.fullmatch(name)
    if not found:
        raise MalformedIdentifierError("expected watchlists/{id}")
    return found[1]


def entry_name(watchlist: str, fingerprint: bytes) -> str:
    """Return `watchlists/{id}/entries/{fingerprint}`."""
    return f"watchlists/{watchlist}/entries/{fingerprint.hex()}"


def entry_id(name: str) -> tuple[str, bytes]:
    """Return a watchlist's id and the fingerprint of one of its entries."""
    found = _ENTRY.fullmatch(name)
    if not found:
        raise MalformedIdentifierError("expected watchlists/{id}/entries/{fingerprint}")
    return found[1], bytes.fromhex(found[2])


def shop_name(shop_id: str) -> str:
    """Return `shops/{id}`."""
    return f"shops/{shop_id}"


def shop_id(name: str) -> str:
    """Return the id of a shop."""
    found = _SHOP.fullmatch(name)
    if not found:
        raise MalformedIdentifierError("expected shops/{id}")
    return found[1]


def group_name(group_id: str) -> str:
    """Return `groups/{group}`."""
    return f"groups/{group_id}"


def group_id(name: str) -> str:
    """Return the id of a group of cases."""
    found = _GROUP.fullmatch(name)
    if not found:
        raise MalformedIdentifierError("expected groups/{group}")
    return found[1]


def analyst(name: str) -> str:
    """Return an analyst's name as the trail keeps it."""
    if not _ANALYST.fullmatch(name):
        raise MalformedIdentifierError("expected analyst/{name}")
    return name


def request_id(raw: str) -> str:
    """Return a UUID in lower case, so that a repeat is one however it is written."""
    if not _UUID_TEXT.fullmatch(raw):
        raise MalformedIdentifierError("expected a UUID")
    return raw.lower()


def etag(version: int) -> str:
    """Return the etag of a version."""
    return f'"{version}"'


def version(raw: str) -> int | None:
    """Return the version that an etag names; None where none is given."""
    if not raw:
        return None
    bare = raw.removeprefix('"').removesuffix('"')
    if not _ETAG.fullmatch(bare):
        raise MalformedIdentifierError("expected an etag as it was given")
    return int(bare)
