"""The cache: velocity, line knowledge and watchlists, in Redis.

It holds nothing that the ledger cannot rebuild.
"""

from collections.abc import Coroutine, Iterable, Mapping, Sequence
from dataclasses import field
from typing import Any, Protocol

from sekisho.application.ports import Fingerprint
from sekisho.domain.decision import MissingSignal
from sekisho.domain.value import value
from sekisho.domain.velocity import Attribute, Dimension, Mark


@value
class Try:
    """One try, as the cache counts it. The same try is always the same member.

    `try_id` is 8 bytes, from shop and request_id. `at` is Unix milliseconds. `keys` are the
    identities that it is counted along; a dimension may come more than once (several
    documents). `attributes` are what distinct counts compare; absent ones are not counted.
    `reissue` is a driving licence's reissue digit.
    """

    try_id: bytes
    at: int
    keys: tuple[tuple[Dimension, Fingerprint], ...]
    attributes: Mapping[Attribute, Fingerprint]
    reissue: int | None = None


@value
class Marking:
    """What became of a try, for every key that it was counted along. `at` is Unix ms."""

    try_id: bytes
    at: int
    mark: Mark
    keys: tuple[tuple[Dimension, Fingerprint], ...]


@value
class LineKnowledge:
    """What is known of a line: the carrier's record and its events, as material for facts.

    Identifiers are fingerprints; None is never, or not said. `revision` grows with every change
    of the line in the ledger: an older one never overwrites a newer. `changed_at` has the
    latest Unix ms by what happened, record and events merged: contact_change,
    address_change, pin_change, password_change, lock_change, loss_report, call_forwarding,
    sim_change, fraud_report.
    """

    revision: int
    has_record: bool
    activation_day: int | None = None
    """Days since 1970-01-01."""
    birth_date: Fingerprint | None = None
    name_kana: Fingerprint | None = None
    document_type: str = ""
    document: Fingerprint | None = None
    """Velocity identity of the document on file."""
    document_reissue: int | None = None
    home_prefecture: str = ""
    locked: bool = False
    holder: str = "consumer"
    current_sim_on_network: bool | None = None
    changed_at: Mapping[str, int] = field(default_factory=dict)


@value
class Watched:
    """One identifier to look up: its role in the request, and whether a match is weak."""

    role: str
    fingerprint: Fingerprint
    weak: bool


@value
class Observation:
    """What one assessment asks of the cache, in one trip.

    `now` (Unix ms) is the moment of observing: windows end there, and the cache's own clock is
    compared with it. It is later than `attempt.at` when evidence makes an earlier try be
    observed again. `record` False (validate_only) counts nothing, and the counts are as if it
    had. `expiry_ms` is how long a step-up stays open.
    """

    now: int
    attempt: Try
    record: bool
    line: Fingerprint
    watched: tuple[Watched, ...]
    expiry_ms: int


@value
class KeyCounts:
    """The raw counts of one key, this try included.

    `tries`, each of `distinct` and each of `marks` run over all of WINDOWS, shortest first.
    """

    dimension: Dimension
    tries: tuple[int, ...]
    distinct: Mapping[Attribute, tuple[int, ...]]
    marks: Mapping[Mark, tuple[int, ...]]
    open_step_ups: int
    """Step-ups of other tries, younger than `expiry_ms` and not closed; 0 where the dimension
    does not count step-ups."""
    last_failure_at: int | None
    last_completed_at: int | None
    highest_reissue: int | None
    """Highest reissue digit among the other tries of this key."""
    covered_from: int | None
    """Unix ms from which the cache covers this key's tag; 0: from the beginning; None: not
    at all (no mark, or not caught up with the ledger)."""
    alone: bool = False
    """Nobody else was here, and nothing came of anything: every count says so."""


@value
class Observed:
    """What the cache knew. What it could not tell is in `missing`; `counts` has a member for
    every key of the try that could be read."""

    counts: tuple[KeyCounts, ...] = ()
    line: LineKnowledge | None = None
    """None: the ledger knows nothing of this line, or `missing` has `line`."""
    watch_candidates: tuple[Watched, ...] = ()
    """The watched ones that some list may hold: the ledger confirms them."""
    watchlists_loaded: Mapping[str, int] | None = None
    """Versions loaded, by watchlist id, in every tag that answered; None: not known."""
    missing: tuple[MissingSignal, ...] = ()
    journaled: bool = False
    """This very try is noted as one whose decision lies in some host's journal."""
    uncounted: tuple[int, ...] = ()
    """The tags in which the try may not be counted: `Cache.recorded` is told of them."""


class Cache(Protocol):
    """What an assessment does with the cache."""

    def observe(self, observation: Observation, timeout: float) -> Coroutine[Any, Any, Observed]:
        """Count the try and read all that the assessment needs, in one round trip.

        Never raises: what cannot be read within `timeout` seconds is missing, with its cause
        (signals `velocity.<dimension>`, `line`, and `watchlist` or, where only some roles could
        not be looked up, `watchlist.<role>`). The question is sent before the first wait.
        """

    def recorded(self, uncounted: Sequence[int]) -> None:
        """The decision of a try is in the ledger now, and in these tags only the ledger tells of
        it: they are behind until they have followed it to here."""

    async def note_journaled(self, line: Fingerprint, try_id: bytes, timeout: float) -> None:
        """Note for a day that the decision of a try of this line lies in a journal.

        Best effort within `timeout` seconds: never raises.
        """


@value
class Positions:
    """Places in the ledger's three feeds: the last row number seen of each."""

    decisions: int = 0
    events: int = 0
    lines: int = 0


@value
class Coverage:
    """How far one tag of the cache follows the ledger.

    Rows after `bottom` and up to `top` are in the cache. `covered_from` is the decided time
    from which that is complete (0: from the beginning); `applied_to` the moment at which `top`
    was the ledger's end. Unix ms.
    """

    generation: bytes
    top: Positions
    bottom: Positions
    covered_from: int
    applied_to: int


@value
class Projection:
    """Rows of the ledger as the cache keeps them."""

    tries: tuple[Try, ...] = ()
    markings: tuple[Marking, ...] = ()
    lines: tuple[tuple[Fingerprint, LineKnowledge], ...] = ()


class ProjectionStore(Protocol):
    """What the projector does with the cache. Raises CacheUnavailableError."""

    @property
    def away(self) -> frozenset[int]:
        """The tags that the last reading of the coverage could not reach."""

    async def coverage(self) -> Mapping[int, Coverage]:
        """Read each tag's coverage, by tag 0 to 255; one without a mark, or away, is absent."""

    async def prepare(self, projection: Projection) -> "Write":
        """Return what writes these rows: it can be made while others are still being written."""

    async def apply(
        self,
        projection: Projection,
        marks: Mapping[int, tuple[Coverage | None, Coverage]],
    ) -> bool:
        """Prepare and write rows."""

    def followed(self, tags: Iterable[int], to: float) -> None:
        """All that the ledger held at a moment (`time.monotonic`) is in the cache, in these tags:
        what was lost there before no longer is."""


class Write(Protocol):
    """Rows that are ready to be written. Raises CacheUnavailableError."""

    async def __call__(self, marks: Mapping[int, tuple[Coverage | None, Coverage]]) -> bool:
        """Write rows, then move the marks from what was read to what holds now.

        Both go over the same connection, so a failover between them loses both or neither
        claim. What moves upwards (`top`, `applied_to`) and what moves downwards (`bottom`,
        `covered_from`) are two claims: each is compared and set by itself. A mark of which the
        claim to be moved, or the generation, is no longer what was read is left alone, and the
        answer is False.
        """


@value
class IndexMark:
    """What one tag of the watchlist index holds: versions by watchlist id.

    `generation` is drawn anew whenever the tag is loaded from nothing, so that whoever added
    entries before a flush cannot claim afterwards that they are there.
    """

    generation: bytes
    versions: Mapping[str, int]


class WatchlistIndex(Protocol):
    """The cache's set of watched fingerprints: always a superset of what the ledger's lists hold.

    Raises CacheUnavailableError.
    """

    async def add(self, watchlist: int, fingerprints: Sequence[Fingerprint]) -> None:
        """Add fingerprints for the list with this number: idempotent."""

    async def remove(self, watchlist: int, fingerprints: Sequence[Fingerprint]) -> None:
        """Remove fingerprints of this list; those that other lists hold stay."""

    async def marks(self) -> Mapping[int, IndexMark]:
        """Return each tag's mark, by tag 0 to 255; a tag without a mark is absent."""

    async def move_marks(self, changes: Mapping[int, tuple[IndexMark | None, IndexMark]]) -> bool:
        """Move marks from what was read to what holds now.

        A mark that is no longer what was read is left alone, and the answer is False.
        """
