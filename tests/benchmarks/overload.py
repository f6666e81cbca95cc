"""What happens beyond the capacity: the latency of what is accepted, and what a refusal costs.

`python -m tests.benchmarks.overload [seconds of each row]`: a whole service with certificates,
its clients in processes of their own. Capacity is measured in a closed loop; then gateways offer
half of it, all of it and twice it; and politely half of it while one terminal offers the rest.
Figures of a shared machine move; trust their ratios.
"""

import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tests.benchmarks.assess.load import OK, Outcome
from tests.benchmarks.load_client import Plan
from tests.support import certificates
from tests.support.certificates import TRUST_DOMAIN, Authority
from tests.support.serving import Served, serving

GATEWAYS = 8
TOGETHER = 32
"""Calls at a time in the closed loop: enough to keep the service busy, too few to be refused."""


@dataclass
class Bench:
    """A service, the gateways that may call it, and a terminal that goes wild."""

    served: Served
    gateways: list[str]
    wild: str
    seconds: float

    def plan(self, rate: float = 0.0, together: int = 0, *, wild: bool = False) -> Plan:
        """Return a client's plan."""
        return Plan(
            port=self.served.port,
            callers=[self.wild] if wild else self.gateways,
            terminals=wild,
            seconds=self.seconds,
            rate=rate,
            together=together,
        )

    def offer(self, *plans: Plan) -> tuple[list[Outcome], float]:
        """Carry plans out at the same time; return what came back, and the server's CPU."""
        before = self.served.cpu_seconds
        with ThreadPoolExecutor() as pool:
            outcomes = list(pool.map(_carry_out, plans))
        return outcomes, self.served.cpu_seconds - before


def _carry_out(plan: Plan) -> Outcome:
    carried_out = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.load_client"],
        input=msgspec.json.encode(plan),
        stdout=subprocess.PIPE,
        check=True,
    )
    return msgspec.json.decode(carried_out.stdout, type=Outcome)


def _ms(seconds: list[float], share: float) -> str:
    ordered = sorted(seconds)
    return f"{ordered[int(len(ordered) * share)] * 1e3:.0f}" if ordered else "-"


def _named(statuses: dict[str, int]) -> str:
    return ", ".join(f"{n} {status}" for status, n in sorted(statuses.items())) or "-"


def _row(what: str, outcome: Outcome, seconds: float) -> str:
    offered = sum(outcome.statuses.values())
    refused = outcome.statuses.get("RESOURCE_EXHAUSTED", 0)
    other = {k: n for k, n in outcome.statuses.items() if k not in (OK, "RESOURCE_EXHAUSTED")}
    return (
        f"| {what} | {offered / seconds:.0f} | {len(outcome.took) / seconds:.0f} "
        f"| {_ms(outcome.took, 0.5)} | {_ms(outcome.took, 0.99)} "
        f"| {refused / offered:.0%} | {_ms(outcome.refused, 0.5)} | {_named(other)} |"
    )


def measure(bench: Bench) -> None:
    """Print the table."""
    bench.offer(bench.plan(together=TOGETHER))
    (closed,), cpu = bench.offer(bench.plan(together=TOGETHER))
    capacity = len(closed.took) / bench.seconds
    per_assessment = cpu / len(closed.took)
    print(f"capacity {capacity:.0f}/s, {per_assessment * 1e3:.2f} ms of CPU an assessment\n")
    print("| offered | calls/s | answered/s | p50 ms | p99 ms | refused | in ms | other |")
    print("|---|---|---|---|---|---|---|---|")
    print(_row(f"{TOGETHER} at once", closed, bench.seconds))
    costs = []
    for share in (0.5, 1.0, 2.0):
        (outcome,), cpu = bench.offer(bench.plan(rate=share * capacity))
        print(_row(f"{share:g} x", outcome, bench.seconds), flush=True)
        if share > 1 and outcome.refused:
            spent = cpu - per_assessment * len(outcome.took)
            costs.append(spent / len(outcome.refused))
    for total in (1.0, 2.0):
        plans = (
            bench.plan(rate=0.5 * capacity),
            bench.plan(rate=(total - 0.5) * capacity, wild=True),
        )
        (calm, rough), _ = bench.offer(*plans)
        print(_row(f"{total:g} x: 0.5 by the polite", calm, bench.seconds))
        print(_row(f"{total:g} x: {total - 0.5:g} by one wild", rough, bench.seconds), flush=True)
    for cost in costs:
        print(f"\na refusal costs {cost * 1e3:.2f} ms of CPU, {cost / per_assessment:.0%} of it")


def main() -> None:
    """Start a service, and measure it."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        authority = Authority()
        files = certificates.write(folder, authority.server(), authority.certificate)
        callers = []
        for path in (*(f"gateway/g{n}" for n in range(GATEWAYS)), "shop/wild/terminal/t1"):
            pair = authority.client(f"spiffe://{TRUST_DOMAIN}/{path}")
            held = folder / path.replace("/", "-")
            held.mkdir()
            (held / "client.pem").write_bytes(pair.certificate)
            (held / "client.key").write_bytes(pair.key)
            (held / "server_ca.pem").write_bytes(authority.certificate)
            callers.append(str(held))
        *gateways, wild = callers
        with serving(
            folder,
            tls_certificate_file=str(files.certificate),
            tls_key_file=str(files.key),
            tls_client_ca_file=str(files.client_ca),
            trust_domain=TRUST_DOMAIN,
        ) as served:
            measure(Bench(served, gateways, wild, seconds))


if __name__ == "__main__":
    main()
