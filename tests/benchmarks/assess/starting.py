"""How long `sekisho serve` takes to its first answer, and what it holds while nobody asks.

`python -m tests.benchmarks.assess.starting [--times 5] [--json FILE]`: with nothing set and nothing
there, then again on what the first start left.
"""

import statistics
import tempfile
import time
from pathlib import Path

import grpc

from sekisho.v1 import risk_check_pb2, risk_check_pb2_grpc
from tests.benchmarks.assess.bodies import bodies
from tests.benchmarks.assess.report import parser, reporting
from tests.benchmarks.assess.servers import resident
from tests.support.serving import serving


def start(folder: Path, seed: int) -> tuple[float, float]:
    """Start a service; return the seconds to its first answer, and the MiB it holds then."""
    (body,) = bodies(seed, 1)
    request = risk_check_pb2.AssessSimChangeRequest.FromString(body)
    # Else the last start's address would be read from it.
    (folder / "serve.log").unlink(missing_ok=True)
    began = time.perf_counter()
    with serving(folder) as served:
        with grpc.insecure_channel(served.address) as channel:
            risk_check_pb2_grpc.RiskCheckServiceStub(channel).AssessSimChange(request, timeout=10)
        took = time.perf_counter() - began
        time.sleep(1)
        return took, resident(served.process.pid, alone=True)


def main() -> None:
    """Start again and again."""
    options = parser()
    options.add_argument("--times", type=int, default=5)
    given = options.parse_args()
    with reporting(given) as report:
        for what in ("first", "again"):
            took, held = [], []
            for number in range(given.times):
                with tempfile.TemporaryDirectory() as temporary:
                    folder = Path(temporary)
                    if what == "again":
                        start(folder, 2 * number)
                    seconds, mib = start(folder, 2 * number + 1)
                took.append(seconds)
                held.append(mib)
            second, mib = statistics.median(took), statistics.median(held)
            text = f"{what}: {second:.2f} s to the first answer, {mib:.0f} MiB without its Valkey"
            report.say(text, seconds=second, mib=mib)


if __name__ == "__main__":
    main()
