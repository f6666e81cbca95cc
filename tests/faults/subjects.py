"""What the service makes of every request that was sent: its try, with all its keys."""

from collections.abc import Iterable, Mapping

from sekisho.application.ports.cache import Try
from sekisho.application.subject import Identify
from sekisho.domain.fingerprints import Fingerprinter
from sekisho.domain.sim_change import Counter
from sekisho.rpc.convert.sim_change import sim_change
from sekisho.rpc.convert.violations import Violations
from tests.faults import traffic
from tests.faults.calls import Call

KEY_ID = "k1"
SECRET = bytes(range(32))


def subjects(calls: Iterable[Call]) -> Mapping[tuple[str, str, int], Try]:
    """Return the try of each assessment, by its shop, request_id and variant."""
    identify = Identify(Fingerprinter([(KEY_ID, SECRET)]))
    found: dict[tuple[str, str, int], Try] = {}
    for call in calls:
        sent = call.sent
        if sent.method != traffic.METHOD or (sent.shop, sent.request_id, sent.variant) in found:
            continue
        request = traffic.assess(sent.body, sent.variant)
        violations = Violations()
        change = sim_change(violations, request.sim_change, round(sent.at))
        violations.refuse()
        counter = Counter(request.shop, request.terminal)
        found[sent.shop, sent.request_id, sent.variant] = identify(
            change, counter, request.request_id, round(sent.at)
        ).attempt
    return found
