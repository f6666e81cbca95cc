"""The floor: a grpc.aio server on uvloop that takes the same message and decides nothing.

`python -m tests.benchmarks.assess.floor [--redis PORT]` prints its port. With a Redis each call is
one EVALSHA more, as large as an assessment's, by redis-py.
"""

import argparse
import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from typing import Any, Final

import grpc
import uvloop
from redis.asyncio import Redis

from sekisho.v1 import decision_pb2, risk_check_pb2

_KEYS: Final = [b"{%02x}1t%014d" % (n, n) for n in range(40)]
_ARGUMENTS: Final = [b"%030d" % n for n in range(40)]
_SCRIPT: Final = "return {ARGV[1], string.rep('x', 300), false, '00000000'}"
_ANSWER: Final = decision_pb2.Decision(
    name="decisions/0199b0f0-aaaa-7bbb-8ccc-ddddeeeeffff",
    request_id="0199b0f0-1111-7222-8333-444455556666",
    case_number="VFK945VR",
    verdict=decision_pb2.VERDICT_ALLOW,
    state=decision_pb2.Decision.STATE_ALLOWED,
    instruction="Go on with the change. Report the outcome when it is done.",
    language_code="en",
)

Work = Callable[[], Awaitable[object]]


def handler(work: Work | None) -> grpc.GenericRpcHandler:
    """Return what answers the same to everyone, after some work or none."""

    async def assess(_: risk_check_pb2.AssessSimChangeRequest, __: Any) -> decision_pb2.Decision:
        if work is not None:
            await work()
        return _ANSWER

    method = grpc.unary_unary_rpc_method_handler(
        assess,
        risk_check_pb2.AssessSimChangeRequest.FromString,
        decision_pb2.Decision.SerializeToString,
    )
    return grpc.method_handlers_generic_handler(
        "sekisho.v1.RiskCheckService", {"AssessSimChange": method}
    )


async def _evaluating(port: int) -> Work:
    redis = Redis(host="127.0.0.1", port=port)
    sha = hashlib.sha1(_SCRIPT.encode(), usedforsecurity=False).hexdigest()
    await redis.script_load(_SCRIPT)
    words = (*_KEYS, *_ARGUMENTS)
    return lambda: redis.evalsha(sha, len(_KEYS), *words)


async def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--redis", type=int, default=0)
    port = parser.parse_args().redis
    server = grpc.aio.server()
    work = await _evaluating(port) if port else None
    server.add_generic_rpc_handlers((handler(work),))
    print(server.add_insecure_port("127.0.0.1:0"), flush=True)
    await server.start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main())
